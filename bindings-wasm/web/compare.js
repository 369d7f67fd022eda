// A report as people read it: the two texts side by side, what is the same and what is not, in plain words.
// `compare` draws it as elements, piece by piece so that a long report does not hold up the page; `comparisonMarkup` as
// text for a page that stands alone. Both are the same trees.

import { append, h, toElement, toMarkup } from "./tree.js";
import { number, percent, t } from "./strings.js";
import { around, matchFoot, matchHead, passages, tableRows } from "./compare/match.js";
import { MOST_WORKS, sealedMatch } from "./compare/sealed.js";
import { sealedName, workName } from "./compare/words.js";

/**
 * @typedef {import("./tree.js").Tree} Tree
 * @typedef {import("./compare/match.js").WorkSummary} WorkSummary
 * @typedef {object} Options
 * @property {ReadonlyMap<string, WorkSummary>} [works] what the registry says of its works, by identifier
 * @property {string} [prefix] what identifiers begin with, where several comparisons stand on one page
 * @property {boolean} [legend] whether the legend is drawn (it is)
 * @property {AbortSignal} [signal] ends the drawing
 */

/** Matches and rows that are drawn at once; the rest on demand. */
const MATCHES_AT_ONCE = 10;
const ROWS_AT_ONCE = 40;

let comparisons = 0;

/**
 * What was found, in one sentence.
 * @param {any} report
 */
export function summary(report) {
  const { sealed } = report;
  const matches = report.matches.length;
  if (sealed) {
    if (sealed.matches.length) return t("summary.sealed", { n: sealed.matches.length });
    return sealed.leads.length ? t("summary.leads", { n: sealed.leads.length }) : t("summary.nothing");
  }
  if (!matches) return t("summary.nothing");
  const works = new Set(report.matches.map((/** @type {any} */ found) => found.work_id)).size;
  return `${t("summary.passages", { n: matches })} ${t("summary.works", { n: works })}`;
}

/** The names of the works that were found, the most important first. @param {any} report @returns {string[]} */
export function workNames(report) {
  if (report.sealed) return report.sealed.matches.map(sealedName);
  return [...new Map(report.matches.map((/** @type {any} */ found) => [found.work_id, workName(found.title, found.work_id)])).values()];
}

/**
 * The comparison as elements.
 * @param {any} report with UTF-16 offsets
 * @param {string} text what was scanned
 * @param {Options} options
 * @returns {HTMLElement}
 */
export function compare(report, text, options = {}) {
  const prefix = options.prefix ?? `comparison-${++comparisons}`;
  const element = toElement(h("div", { class: "comparison" }, head(report, text, options)));
  if (report.sealed) {
    append(element, sealedParts(report, text, prefix, MOST_WORKS));
    return element;
  }
  if (!report.matches.length) return element;
  const matches = toElement(h("div", { class: "matches" }));
  const foot = toElement(h("p", { class: "more" }));
  element.append(matches, foot);
  drawMatches(report, text, options, prefix, matches, foot);
  return element;
}

/**
 * The comparison as markup, whole and without anything to press.
 * @param {any} report with UTF-16 offsets
 * @param {string} text what was scanned
 * @param {Options} options
 * @returns {string}
 */
export function comparisonMarkup(report, text, options = {}) {
  const prefix = options.prefix ?? `comparison-${++comparisons}`;
  const body = report.sealed
    ? sealedParts(report, text, prefix, Infinity)
    : report.matches.map((/** @type {any} */ found, /** @type {number} */ i) => {
      const work = options.works?.get(found.work_id);
      const rows = tableRows(found, work?.language);
      return h("article", { class: "match", id: `${prefix}-${i + 1}` },
        matchHead(report, found, i + 1, work, `${prefix}-${i + 1}`),
        rows ? passages(/** @type {Tree[]} */ ([around(text, found, "before"), ...rows, around(text, found, "after")].filter(Boolean))) : noTexts(),
        matchFoot(found));
    });
  return toMarkup(h("div", { class: "comparison" }, head(report, text, options), body));
}

/** @param {any} report @param {string} text @param {Options} options */
function head(report, text, options) {
  const found = report.matches.length > 0 || report.sealed?.matches.length > 0;
  return [
    report.complete ? null : notComplete(report, text),
    options.legend === false || !found ? null : legend(Boolean(report.sealed)),
  ];
}

/** Which mark is what. @param {boolean} sealed @returns {Tree} */
export function legend(sealed) {
  const keys = [h("li", {}, h("span", { class: "e" }, t(sealed ? "legend.recognised" : "legend.equal")))];
  if (!sealed) {
    keys.push(
      h("li", {}, h("span", { class: "c" }, t("legend.changed"))),
      h("li", {}, h("ins", {}, t("legend.inserted"))),
      h("li", {}, h("del", {}, t("legend.deleted"))),
    );
  }
  return h("div", { class: "legend" }, h("p", { class: "legend-title" }, t("legend")), h("ul", { class: "keys" }, keys),
    h("p", { class: "small" }, t(sealed ? "legend.note_sealed" : "legend.note")));
}

/** @param {any} report @param {string} text */
function notComplete(report, text) {
  const spans = report.not_searched ?? [];
  const characters = spans.reduce((/** @type {number} */ sum, /** @type {any} */ span) => sum + span.end - span.start, 0);
  const named = spans.slice(0, 8).map((/** @type {any} */ span) => `${number(span.start)}–${number(span.end)}`).join(", ");
  return h("p", { class: "alert", role: "note" }, h("strong", {}, t("incomplete")), " ",
    t("incomplete.part", { n: characters, percent: percent(characters / Math.max(text.length, 1)) }), " ",
    named ? t("incomplete.where", { where: spans.length > 8 ? `${named} …` : named }) : null);
}

const noTexts = () => h("p", { class: "small" }, t("texts.absent"));

/** @param {any} report @param {string} text @param {string} prefix @param {number} most @returns {Tree[]} */
function sealedParts(report, text, prefix, most) {
  const { matches, leads } = report.sealed;
  const shown = (/** @type {any[]} */ found, /** @type {boolean} */ lead, /** @type {number} */ from) => [
    ...found.slice(0, most).map((match, i) => sealedMatch(match, text, `${prefix}-${from + i}`, lead)),
    found.length > most ? h("p", { class: "small" }, t("sealed.more", { n: found.length - most })) : null,
  ];
  const parts = [];
  if (matches.length) parts.push(h("div", { class: "matches" }, shown(matches, false, 1)));
  if (leads.length) {
    parts.push(h("section", { class: "leads", "aria-labelledby": `${prefix}-leads` },
      h("h3", { id: `${prefix}-leads` }, t("sealed.leads", { n: leads.length })),
      h("p", { class: "small" }, t("sealed.leads_note")), shown(leads, true, matches.length + 1)));
  }
  if (parts.length) parts.push(h("p", { class: "small" }, t("sealed.note")));
  return parts;
}

/**
 * Draws the first matches, each in a task of its own, and a button for those that are left.
 * @param {any} report @param {string} text @param {Options} options @param {string} prefix
 * @param {HTMLElement} matches @param {HTMLElement} foot
 */
function drawMatches(report, text, options, prefix, matches, foot) {
  let drawn = 0;
  const button = toElement(h("button", { type: "button", class: "quiet more-matches", hidden: true }));
  foot.append(button);
  const draw = (/** @type {number} */ until) => {
    if (options.signal?.aborted) return;
    const found = report.matches[drawn];
    matches.append(matchElement(report, found, drawn + 1, text, options, prefix));
    drawn++;
    const left = report.matches.length - drawn;
    button.hidden = drawn < until || left === 0;
    if (drawn < Math.min(until, report.matches.length)) setTimeout(() => draw(until));
    else button.textContent = t("more.matches", { n: Math.min(left, MATCHES_AT_ONCE) });
  };
  button.addEventListener("click", () => {
    button.hidden = true;
    draw(drawn + MATCHES_AT_ONCE);
  });
  draw(MATCHES_AT_ONCE);
}

/**
 * @param {any} report @param {any} found @param {number} n @param {string} text @param {Options} options @param {string} prefix
 */
function matchElement(report, found, n, text, options, prefix) {
  const id = `${prefix}-${n}`;
  const work = options.works?.get(found.work_id);
  const rows = tableRows(found, work?.language);
  const element = toElement(h("article", { class: "match", id, tabindex: -1, "aria-labelledby": `${id}-title` },
    matchHead(report, found, n, work, id), rows ? passages([]) : noTexts()));
  const body = element.querySelector("tbody");
  if (rows && body) {
    append(body, around(text, found, "before"));
    const more = toElement(h("p", { class: "more" }, h("button", { type: "button", class: "quiet", hidden: true }, t("more.rows"))));
    element.append(more);
    const button = /** @type {HTMLButtonElement} */ (more.firstElementChild);
    let next = rows.next();
    const draw = () => {
      for (let i = 0; i < ROWS_AT_ONCE && !next.done; i++, next = rows.next()) append(body, next.value);
      button.hidden = Boolean(next.done);
      if (next.done) append(body, around(text, found, "after"));
      if (next.done) more.remove();
    };
    button.addEventListener("click", draw);
    draw();
  }
  append(element, matchFoot(found));
  return element;
}

