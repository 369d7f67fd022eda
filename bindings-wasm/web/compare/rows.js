// The two passages of a match, cut into rows that stand side by side and pieces that are marked alike: what
// core/cli/src/output/passages.rs does for the command line's page, on UTF-16 offsets and row by row, so that a passage
// of a megabyte need not be drawn at once.

/**
 * @typedef {{start: number, end: number}} Span
 * @typedef {"equal" | "changed" | "inserted" | "deleted" | "between"} Mark
 * @typedef {{mark: Mark, text: string}} Piece
 * @typedef {{afterGap: boolean, output: Piece[], source: Piece[]}} Row
 * @typedef {{op: Mark, output: Span, source: Span}} Edit
 * @typedef {{output: Span, source: Span, edits: Edit[], quote?: {output: string, source: string}}} Match
 */

/** Rows are cut at line ends; where a passage has none, at the end of a sentence once a row has so many characters, */
const LONG_ROW = 160;
/** or anywhere between two words once it has so many. */
const LONGEST_ROW = 480;

/** Runs longer than this are not counted through before they are cut. */
const LONG_RUN = 20_000;

/**
 * The rows of a match that carries its passages; `undefined` where it does not, or where its offsets do not fit them.
 * @param {Match} found
 * @returns {Generator<Row, void, void> | undefined}
 */
export function rows(found) {
  const { quote } = found;
  if (!quote || !fits(found, quote)) return undefined;
  return cut(found, quote);
}

/** @param {Match} found @param {{output: string, source: string}} quote */
function fits(found, quote) {
  const sides = /** @type {const} */ (["output", "source"]);
  return sides.every((side) => {
    if (found[side].end - found[side].start !== quote[side].length) return false;
    let at = found[side].start;
    for (const edit of found.edits) {
      const span = edit[side];
      // Where a side has nothing, its span may lie anywhere.
      if (span.end === span.start) continue;
      if (span.start < at || span.end < span.start || span.end > found[side].end) return false;
      at = span.end;
    }
    return true;
  });
}

/** @param {Match} found @param {{output: string, source: string}} quote @returns {Generator<Row, void, void>} */
function* cut(found, quote) {
  const lead = quote.source.includes("\n") ? 1 : 0;
  const output = new Side(quote.output, found.output.start);
  const source = new Side(quote.source, found.source.start);
  const { edits } = found;
  for (let i = 0; i < edits.length; i++) {
    const edit = edits[i];
    let a = "", b = "";
    // A run that only one side has stands behind a line end where its own side has one before it.
    if (edit.op === "inserted") {
      a = output.advance(edit.output.start);
      b = source.follow(a, next(edits, i, "source"));
    } else if (edit.op === "deleted") {
      b = source.advance(edit.source.start);
      a = output.follow(b, next(edits, i, "output"));
    } else {
      a = output.advance(edit.output.start);
      b = source.advance(edit.source.start);
    }
    // Both sides stand at the same place of the alignment, so a row may end here.
    const between = lead === 1 ? b : a;
    if (between.includes("\n") || isLong(Math.max(output.length, source.length), b)) {
      output.pushAndCut(a, isGap(between));
      source.pushAndCut(b, false);
      yield* finished(output, source);
    } else {
      output.push("between", a);
      source.push("between", b);
    }
    if (edit.op === "equal") {
      yield* equalRun(output.advance(edit.output.end), source.advance(edit.source.end), lead, output, source);
    } else {
      if (edit.op !== "deleted") output.push(edit.op === "changed" ? "changed" : "inserted", output.advance(edit.output.end));
      if (edit.op !== "inserted") source.push(edit.op === "changed" ? "changed" : "deleted", source.advance(edit.source.end));
    }
  }
  output.push("between", output.rest());
  source.push("between", source.rest());
  output.pushAndCut("", false);
  source.pushAndCut("", false);
  yield* finished(output, source);
}

/** @param {Edit[]} edits @param {number} i @param {"output" | "source"} side */
function next(edits, i, side) {
  for (let j = i + 1; j < edits.length; j++) if (edits[j][side].end > edits[j][side].start) return edits[j][side];
  return undefined;
}

/**
 * An equal run: where both sides have as many words (set apart by white space), it is cut at line ends within. In a very long one
 * the words are not counted, but looked at where it is cut: as long as these are the same, so are those before.
 * @param {string} a @param {string} b @param {number} lead @param {Side} output @param {Side} source
 * @returns {Generator<Row, void, void>}
 */
function* equalRun(a, b, lead, output, source) {
  const long = a.length > LONG_RUN;
  if (!long && words(a) !== words(b)) {
    output.push("equal", a);
    source.push("equal", b);
    return;
  }
  const left = gaps(a), right = gaps(b);
  let aFrom = 0, bFrom = 0, aWord = 0, bWord = 0;
  for (;;) {
    const aGap = left.next(), bGap = right.next();
    if (aGap.done || bGap.done) break;
    const between = lead === 1 ? b.slice(...bGap.value) : a.slice(...aGap.value);
    const length = Math.max(aGap.value[0] - aFrom, bGap.value[0] - bFrom) + Math.max(output.length, source.length);
    if (between.includes("\n") || isLong(length, b.slice(bWord, bGap.value[0]))) {
      if (long && bare(a.slice(aWord, aGap.value[0])) !== bare(b.slice(bWord, bGap.value[0]))) break;
      output.push("equal", a.slice(aFrom, aGap.value[0]));
      source.push("equal", b.slice(bFrom, bGap.value[0]));
      output.pushAndCut(a.slice(...aGap.value), isGap(between));
      source.pushAndCut(b.slice(...bGap.value), false);
      [aFrom, bFrom] = [aGap.value[1], bGap.value[1]];
      yield* finished(output, source);
    }
    [aWord, bWord] = [aGap.value[1], bGap.value[1]];
  }
  output.push("equal", a.slice(aFrom));
  source.push("equal", b.slice(bFrom));
}

/** @param {number} length @param {string} end */
const isLong = (length, end) => length > LONG_ROW && (length > LONGEST_ROW || /[.!?。！？]/.test(end));

/** Whether an empty line stands there. @param {string} between */
const isGap = (between) => between.indexOf("\n") !== between.lastIndexOf("\n");

/** @param {number} code */
const isSpace = (code) =>
  code <= 0x20 || (code >= 0x80 && (code === 0x85 || code === 0xa0 || code === 0x1680 || (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000));

/** A word without what does not count as a difference. @param {string} word */
const bare = (word) => word.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** How many words there are. @param {string} text */
function words(text) {
  let count = 0, before = true;
  for (let i = 0; i < text.length; i++) {
    const space = isSpace(text.charCodeAt(i));
    if (before && !space) count++;
    before = space;
  }
  return count;
}

/** Start and end of what stands between two words. @param {string} text @returns {Generator<[number, number], void, void>} */
function* gaps(text) {
  let start = -1, word = false;
  for (let i = 0; i < text.length; i++) {
    if (isSpace(text.charCodeAt(i))) {
      if (word && start < 0) start = i;
    } else {
      if (start >= 0) yield [start, i];
      start = -1;
      word = true;
    }
  }
}

/** @param {Side} output @param {Side} source @returns {Generator<Row, void, void>} */
function* finished(output, source) {
  const left = output.take(), right = source.take();
  if (left.pieces.length || right.pieces.length) yield { afterGap: left.afterGap, output: left.pieces, source: right.pieces };
}

/** One passage while it is cut up. */
class Side {
  /** @param {string} text @param {number} origin where the passage starts in the whole text */
  constructor(text, origin) {
    this.text = text;
    this.origin = origin;
    this.at = 0;
    /** Characters of the row so far. */
    this.length = 0;
    /** @type {Piece[]} */
    this.row = [];
    /** @type {Piece[]} */
    this.done = [];
    this.afterGap = false;
    this.doneAfterGap = false;
  }

  /** Goes on to offset `to` of the whole text, and gives what lies before it. @param {number} to */
  advance(to) {
    const from = this.at;
    this.at = Math.max(from, to - this.origin);
    return this.text.slice(from, this.at);
  }

  /** Goes on to `next` where `other`, the gap on the other side, ends a line; else stays. @param {string} other @param {Span | undefined} next */
  follow(other, next) {
    return next && other.includes("\n") ? this.advance(next.start) : "";
  }

  rest() {
    return this.text.slice(this.at);
  }

  /** @param {Mark} mark @param {string} text */
  push(mark, text) {
    if (!text) return;
    this.length += text.length;
    this.row.push({ mark, text });
  }

  /** Ends the row within `between`: after its last line end, or after all of it. @param {string} between @param {boolean} gap */
  pushAndCut(between, gap) {
    const at = between.includes("\n") ? between.lastIndexOf("\n") + 1 : between.length;
    this.push("between", between.slice(0, at));
    [this.done, this.doneAfterGap] = [this.row, this.afterGap];
    [this.row, this.afterGap, this.length] = [[], gap, 0];
    this.push("between", between.slice(at));
  }

  /** The row that was ended, without the line end at which it was cut. */
  take() {
    const pieces = this.done;
    this.done = [];
    if (pieces.length) {
      pieces[0].text = pieces[0].text.trimStart();
      const last = pieces[pieces.length - 1];
      last.text = last.text.trimEnd();
    }
    return { pieces: pieces.filter((piece) => piece.text), afterGap: this.doneAfterGap };
  }
}
