// The counts by work as a table of a report that stands alone: what web/ask/results.js shows on the page.

import { number, percent, t } from "../strings.js";
import { escaped, h, toMarkup } from "../tree.js";

/** @typedef {import("../ask/statistics.js").Count} Count */
/** @typedef {import("../ask/statistics.js").WorkRow} WorkRow */

/** @param {import("./bundle.js").Bundle} bundle @returns {string} */
export function countsTable({ kind, run, registry }) {
  if (kind !== "ask" || run.rows.length === 0) return "";
  const sealed = registry.kind === "sealed";
  const controls = /** @type {const} */ (["invented", "swapped"]).filter((name) => run.totals[name]);
  const shares = sealed ? ["ask.results.words"] : ["ask.results.longest", "ask.results.all"];
  const columns = ["ask.results.work", "ask.results.asks", ...shares, ...controls.map((name) => `ask.results.${name}`)];
  const rows = run.rows.map((/** @type {WorkRow} */ row) => workRow(row, controls, sealed));
  const head = columns.map((key) => `<th scope="col">${escaped(t(key))}</th>`).join("");
  const foot = run.rows.length > 1 ? `<tfoot>${totalRow(run.totals, controls, shares)}</tfoot>` : "";
  const notes = [t("ask.results.note"), t(sealed ? "ask.results.note_sealed" : "ask.results.note_shares")];
  if (controls.length) notes.push(t("ask.results.note_controls"));
  return `<section><h2>${escaped(t("ask.results.title"))}</h2>
<table class="figures"><thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody>${foot}</table>
<p class="small">${escaped(notes.join(" "))}</p></section>`;
}

/** @param {WorkRow} row @param {("invented" | "swapped")[]} controls @param {boolean} sealed */
function workRow(row, controls, sealed) {
  const name = [h("bdi", {}, row.title), row.author ? h("small", {}, h("bdi", {}, row.author)) : null];
  const cells = [toMarkup(h("th", { scope: "row" }, name)), cell("ask.results.asks", counted(row.asks))];
  if (sealed) cells.push(cell("ask.results.words", escaped(number(row.words))));
  else {
    cells.push(cell("ask.results.longest", row.asks.answers ? share(row.longest) : ""));
    cells.push(cell("ask.results.all", row.asks.answers ? share(row.all) : ""));
  }
  for (const control of controls) cells.push(cell(`ask.results.${control}`, counted(row[control])));
  return `<tr>${cells.join("")}</tr>`;
}

/** @param {Record<string, Count>} totals @param {string[]} controls @param {string[]} shares */
function totalRow(totals, controls, shares) {
  const cells = [`<th scope="row">${escaped(t("ask.results.together"))}</th>`, cell("ask.results.asks", counted(totals.asks))];
  for (const column of shares) cells.push(cell(column, ""));
  for (const control of controls) cells.push(cell(`ask.results.${control}`, counted(totals[control])));
  return `<tr>${cells.join("")}</tr>`;
}

/** @param {string} column which a phone shows before the figure @param {string} markup */
function cell(column, markup) {
  return `<td data-column="${escaped(t(column))}"${markup ? "" : ' class="empty"'}>${markup}</td>`;
}

/** @param {number | undefined} value */
const share = (value) => escaped(value === undefined ? t("ask.results.unknown") : percent(value));

/** @param {Count | undefined} count */
function counted(count) {
  if (!count?.answers) return "";
  const { matched, answers, low, high } = count;
  const of = t("ask.results.of", { matched: number(matched), n: answers });
  const interval = t("ask.results.interval", { low: percent(low), high: percent(high) });
  return `${bar(count)}<b>${escaped(of)}</b> <small>${escaped(interval)}</small>`;
}

/** A share with its interval, as a picture that needs no style of its own: numbers only. @param {Count} count */
function bar({ matched, answers, low, high }) {
  /** @param {number} part */
  const at = (part) => (1 + 98 * Math.min(1, Math.max(0, part))).toFixed(1);
  const shapes = [
    '<rect class="all" x="0.5" y="1.5" width="99" height="9"/>',
    `<rect class="part" x="1" y="2" width="${((98 * matched) / answers).toFixed(1)}" height="8"/>`,
    `<path class="interval" d="M${at(low)} 6H${at(high)}M${at(low)} 3v6M${at(high)} 3v6"/>`,
  ];
  return `<svg class="share" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true">${shapes.join("")}</svg>`;
}
