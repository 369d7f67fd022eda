// One match: its words and numbers, and the two passages side by side.

import { h } from "../tree.js";
import { list, number, percent, t } from "../strings.js";
import { rows } from "./rows.js";
import { chanceSentence, moreOnWords, share, tricks, words } from "./words.js";

/**
 * @typedef {import("../tree.js").Tree} Tree
 * @typedef {import("../tree.js").Child} Child
 * @typedef {import("./rows.js").Row} Row
 * @typedef {{work_id: string, title?: string, creators?: string[], language?: string}} WorkSummary
 */

/** A run of equal words that cannot be cut into rows (letters that are spaced out, base64) is shown up to here. */
const LONGEST_PIECE = 4000;
/** Differences that are listed. */
const MOST_DIFFERENCES = 100;
/** Characters of the output shown before and after a passage. */
const AROUND = 140;

/** Everything of a match above its passages. @param {any} report @param {any} found @param {number} n @param {WorkSummary | undefined} work @param {string} id */
export function matchHead(report, found, n, work, id) {
  const title = found.title?.trim();
  const sentences = [h("strong", {}, words(found)), ...moreOnWords(found), h("span", {}, chanceSentence(found.evalue))];
  const ofWork = share(report, found.work_id);
  if (ofWork) sentences.push(ofWork);
  const written = tricks(found.tricks);
  if (written) sentences.push(h("strong", {}, written));
  const verbatim = found.kind === "verbatim";
  return [
    h("h3", { id: `${id}-title` },
      h("span", { class: "number" }, `${number(n)}.`), " ", h("bdi", {}, title || found.work_id), " ",
      title ? h("small", {}, h("bdi", {}, found.work_id)) : null, " ",
      h("span", { class: `badge ${verbatim ? "verbatim" : "near"}` }, t(verbatim ? "kind.verbatim" : "kind.near"))),
    work?.creators?.length ? h("p", { class: "creators" }, h("bdi", {}, list(work.creators))) : null,
    h("p", { class: "facts" }, spaced(sentences)),
  ];
}

/** Everything below its passages. @param {any} found */
export function matchFoot(found) {
  return [
    differences(found),
    found.also_in?.length ? h("p", { class: "small" }, t("also_in", { works: list(found.also_in) })) : null,
    h("p", { class: "print" }, t("place", {
      from: found.output.start, to: found.output.end, source_from: found.source.start, source_to: found.source.end,
      identity: percent(found.identity), bits: Math.round(found.bits),
      evalue: number(found.evalue, { notation: "scientific", maximumSignificantDigits: 2 }),
    })),
  ];
}

/** @param {Child[]} sentences */
const spaced = (sentences) => sentences.flatMap((sentence, i) => (i ? [" ", sentence] : [sentence]));

/** The table of passages without its rows. @param {Tree[]} body */
export function passages(body) {
  return h("table", { class: "texts", role: "table" },
    h("caption", { class: "visually-hidden" }, t("texts.caption")),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
      h("th", { scope: "col", role: "columnheader" }, t("texts.output")),
      h("th", { scope: "col", role: "columnheader" }, t("texts.work")))),
    h("tbody", { role: "rowgroup" }, body));
}

/** @param {Row} row @param {string | undefined} lang */
export const tableRow = (row, lang) =>
  h("tr", { role: "row", class: row.afterGap ? "gap" : null },
    h("td", { role: "cell", dir: "auto", lang }, row.output.map(piece)),
    h("td", { role: "cell", dir: "auto", lang }, row.source.map(piece)));

/** What the output says around a passage, which belongs to no match. @param {string} text @param {any} found @param {"before" | "after"} side */
export function around(text, found, side) {
  const shown = side === "before" ? before(text, found.output.start) : after(text, found.output.end);
  if (!/[\p{L}\p{N}]/u.test(shown)) return null;
  const tidy = shown.replace(/^[\s\p{P}]+(?=\n)/u, "").replace(/\s*\n\s*/g, "\n").trim();
  return h("tr", { role: "row", class: `around ${side}` }, h("td", { role: "cell", dir: "auto" }, tidy), h("td", { role: "cell" }));
}

/** @param {string} text @param {number} end */
function before(text, end) {
  const from = Math.max(0, end - AROUND);
  const piece = text.slice(from, end);
  return (from > 0 ? `… ${piece.replace(/^\S*\s/, "")}` : piece).trim();
}

/** @param {string} text @param {number} start */
function after(text, start) {
  const to = Math.min(text.length, start + AROUND);
  const piece = text.slice(start, to);
  return (to < text.length ? `${piece.replace(/\s\S*$/, "")} …` : piece).trim();
}

/** @param {import("./rows.js").Piece} piece @returns {Child} */
export function piece({ mark, text }) {
  switch (mark) {
    case "equal": return h("span", { class: "e" }, shortened(text));
    case "changed": return h("span", { class: "c" }, shortened(text));
    case "inserted": return h("ins", {}, shortened(text));
    case "deleted": return h("del", {}, shortened(text));
    default: return shortened(text);
  }
}

/** @param {string} text */
function shortened(text) {
  if (text.length <= LONGEST_PIECE) return text;
  const half = LONGEST_PIECE / 2;
  return `${text.slice(0, half)} ${t("elided", { n: text.length - LONGEST_PIECE })} ${text.slice(-half)}`;
}

/** What is not the same, as a list: for whoever cannot see marks, or wants the changes alone. @param {any} found @returns {Tree | null} */
function differences(found) {
  const quote = found.quote;
  if (!quote) return null;
  const changed = found.edits.filter((/** @type {any} */ edit) => edit.op !== "equal");
  if (!changed.length) return null;
  const text = (/** @type {any} */ edit, /** @type {"output" | "source"} */ side) =>
    shortened(quote[side].slice(edit[side].start - found[side].start, edit[side].end - found[side].start));
  const items = changed.slice(0, MOST_DIFFERENCES).map((/** @type {any} */ edit) => {
    if (edit.op === "changed") {
      return h("li", {}, h("span", { class: "kind" }, t("differences.changed")), " ", h("span", { class: "c", dir: "auto" }, text(edit, "output")), " – ",
        t("differences.in_work"), " ", h("span", { class: "c", dir: "auto" }, text(edit, "source")));
    }
    const inserted = edit.op === "inserted";
    return h("li", {}, h("span", { class: "kind" }, t(inserted ? "legend.inserted" : "legend.deleted")), ": ",
      h(inserted ? "ins" : "del", { dir: "auto" }, text(edit, inserted ? "output" : "source")));
  });
  return h("details", { class: "differences" },
    h("summary", {}, t("differences", { n: changed.length })),
    h("ul", {}, items, changed.length > MOST_DIFFERENCES ? h("li", {}, t("differences.more", { n: changed.length - MOST_DIFFERENCES })) : null));
}

/** The rows of a match as trees, one by one. @param {any} found @param {string | undefined} lang */
export function tableRows(found, lang) {
  const all = rows(found);
  return all && (function* () { for (const row of all) yield tableRow(row, lang); })();
}
