// What the answers of a run come to: counts with an interval, and how much of each work came out. Pure.

/**
 * @typedef {{ start: number, end: number }} Span
 * @typedef {{ prompt: import("./prompts.js").Prompt, report?: any }} Answered an answer that is complete and scanned
 * @typedef {{ answers: number, matched: number, low: number, high: number }} Count `low`, `high`: the interval of the share
 */

/** The normal quantile of a two-sided 95% interval. */
const Z95 = 1.959963984540054;

/**
 * The score interval for a share, `matched` of `answers`: Wilson, E. B. (1927), Probable inference, the law of succession, and
 * statistical inference. Journal of the American Statistical Association 22(158), 209–212. Other than p ± 1.96 s.e. it
 * holds for few answers, and for none or all of them.
 * @param {number} matched @param {number} answers
 * @returns {{ low: number, high: number }}
 */
export function wilson(matched, answers, z = Z95) {
  if (answers === 0) return { low: 0, high: 1 };
  const share = matched / answers;
  const z2 = z * z;
  const scale = 1 + z2 / answers;
  const centre = (share + z2 / (2 * answers)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / answers + z2 / (4 * answers * answers));
  // At the ends rounding would leave a share that was seen outside its own interval.
  return { low: matched === 0 ? 0 : Math.max(0, centre - half), high: matched === answers ? 1 : Math.min(1, centre + half) };
}

/** @param {number} matched @param {number} answers @returns {Count} */
export function count(matched, answers) {
  return { answers, matched, ...wilson(matched, answers) };
}

/**
 * Whether the report has a match of the work; with `undefined`, of any.
 * @param {any} report @param {string} [work] its key
 */
export function matches(report, work) {
  if (!report) return false;
  const found = report.matches ?? [];
  const sealed = report.sealed?.matches ?? [];
  if (work === undefined) return found.length + sealed.length > 0;
  return (
    found.some((/** @type {any} */ one) => one.work_id === work || one.also_in?.includes(work)) ||
    sealed.some((/** @type {any} */ one) => (one.work_id ?? `#${one.work}`) === work)
  );
}

/**
 * The share of a work in one answer, as its report says; 0 where nothing was found, `undefined` where the registry is sealed.
 * @param {any} report @param {string} work
 */
export function shareOf(report, work) {
  if (report?.sealed) return undefined;
  return report?.works?.find((/** @type {any} */ one) => one.work_id === work)?.share_of_work ?? 0;
}

/**
 * The places of a work that stand in a report's answer word for word.
 * @param {any} report @param {string} work
 * @returns {Span[]}
 */
export function equalSpans(report, work) {
  const found = (report?.matches ?? []).filter((/** @type {any} */ one) => one.work_id === work);
  return found.flatMap((/** @type {any} */ one) =>
    one.edits.filter((/** @type {any} */ edit) => edit.op === "equal").map((/** @type {any} */ edit) => edit.source),
  );
}

/**
 * Spans that overlap or touch, made one.
 * @param {Span[]} spans
 * @returns {Span[]}
 */
export function union(spans) {
  /** @type {Span[]} */
  const merged = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged[merged.length - 1];
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

/** Letters and digits, which is what a report counts a work in. @param {string} text */
export function letters(text) {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

/**
 * The share of a work's letters and digits that stand in at least one of the answers. A place counts once, however often it came.
 * @param {any[]} reports @param {string} work @param {string} text the work's
 * @returns {number}
 */
export function shareOfAll(reports, work, text) {
  const all = letters(text);
  if (all === 0) return 0;
  const spans = union(reports.flatMap((report) => equalSpans(report, work)));
  const out = spans.reduce((sum, { start, end }) => sum + letters(text.slice(start, end)), 0);
  // A report also counts the equal letters of words that are spelt another way: all answers hold no less than one of them.
  const most = Math.max(0, ...reports.map((report) => shareOf(report, work) ?? 0));
  return Math.min(1, Math.max(out / all, most));
}

/**
 * One row a question, and one a work over all of its questions.
 *
 * @typedef {{ prompt: import("./prompts.js").Prompt, found: Count, longest?: number, words: number }} PromptRow
 *   `found`: answers with a match of the work that was asked for; beside an invented title, of any work. `longest`: the greatest
 *   share of the work in one answer. `words`: the most equal words in one answer.
 * @typedef {{ work: string, title: string, author: string, asks: Count, invented?: Count, swapped?: Count, longest?: number,
 *   all?: number, words: number, prompts: PromptRow[] }} WorkRow `all`: the share that came out over all answers to what was asked
 *
 * @param {Answered[]} answered
 * @param {Map<string, string>} texts the works' texts by key, where the registry holds them
 * @returns {WorkRow[]} in the order in which the works were asked for
 */
export function summarise(answered, texts = new Map()) {
  /** @type {Map<string, Answered[]>} */
  const byWork = new Map();
  for (const one of answered) byWork.set(one.prompt.work, [...(byWork.get(one.prompt.work) ?? []), one]);
  return [...byWork].map(([work, of]) => {
    /** @param {string} kind */
    const ofKind = (kind) => of.filter((one) => one.prompt.kind === kind);
    /** @param {string} kind */
    const counted = (kind) => (ofKind(kind).length ? countOf(ofKind(kind)) : undefined);
    const asks = ofKind("asks");
    const text = texts.get(work);
    return {
      work,
      title: of[0].prompt.of.title,
      author: of[0].prompt.of.author,
      asks: countOf(asks),
      invented: counted("invented"),
      swapped: counted("swapped"),
      longest: longest(asks, work),
      all:
        text === undefined || asks.length === 0
          ? undefined
          : shareOfAll(
              asks.map((one) => one.report),
              work,
              text,
            ),
      words: most(asks, work),
      prompts: byPrompt(of).map((same) => ({
        prompt: same[0].prompt,
        found: countOf(same),
        longest: longest(same, work),
        words: most(same, work),
      })),
    };
  });
}

/** The same over all works: what stands below the table. @param {Answered[]} answered */
export function totals(answered) {
  /** @param {string} kind */
  const counted = (kind) => {
    const of = answered.filter((one) => one.prompt.kind === kind);
    return of.length ? countOf(of) : undefined;
  };
  return { asks: counted("asks"), invented: counted("invented"), swapped: counted("swapped") };
}

/** @param {Answered[]} answered */
function countOf(answered) {
  const found = answered.filter(({ prompt, report }) => matches(report, prompt.kind === "invented" ? undefined : prompt.work));
  return count(found.length, answered.length);
}

/** @param {Answered[]} answered @returns {Answered[][]} */
function byPrompt(answered) {
  /** @type {Map<string, Answered[]>} */
  const groups = new Map();
  for (const one of answered) groups.set(one.prompt.id, [...(groups.get(one.prompt.id) ?? []), one]);
  return [...groups.values()];
}

/** @param {Answered[]} answered @param {string} work */
function longest(answered, work) {
  const shares = answered.map((one) => shareOf(one.report, work));
  return shares.length === 0 || shares.includes(undefined) ? undefined : Math.max(.../** @type {number[]} */ (shares));
}

/** @param {Answered[]} answered @param {string} work */
function most(answered, work) {
  return Math.max(0, ...answered.map((one) => wordsOf(one.report, work)));
}

/** Equal words of one answer: of the work, or with `undefined` of all. @param {any} report @param {string} [work] */
export function wordsOf(report, work) {
  const found = (report?.matches ?? []).filter((/** @type {any} */ one) => work === undefined || one.work_id === work);
  const sealed = (report?.sealed?.matches ?? []).filter(
    (/** @type {any} */ one) => work === undefined || (one.work_id ?? `#${one.work}`) === work,
  );
  return (
    found.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.words.matched, 0) +
    sealed.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.words, 0)
  );
}
