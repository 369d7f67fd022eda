// The table: for each work and question how many answers hold it, with an interval, and the controls beside it.

import { number, percent, t } from "../strings.js";
import { bar, el, fillWith } from "./elements.js";

/** @typedef {import("./statistics.js").WorkRow} WorkRow */
/** @typedef {import("./statistics.js").Count} Count */
/** @typedef {{ rows: WorkRow[], totals: { asks?: Count, invented?: Count, swapped?: Count }, sealed: boolean }} Results */

/** Works that are listed at once. */
const AT_ONCE = 50;

export function resultsTable() {
  const body = el("div", { class: "results" });
  const element = el(
    "section",
    { "aria-labelledby": "ask-results-title" },
    el("h3", { id: "ask-results-title", t: "ask.results.title" }),
    body,
  );
  /** @type {Results | undefined} */
  let current;
  let shown = AT_ONCE;
  /** Works whose questions are shown. @type {Set<string>} */
  const opened = new Set();

  /** Draws anew, and leaves the focus and the sideways scrolling where they were. */
  function draw() {
    const focused = body.contains(document.activeElement) ? document.activeElement : undefined;
    const work = focused?.closest("[data-work]")?.getAttribute("data-work");
    const left = body.querySelector(".scroll")?.scrollLeft ?? 0;
    build();
    const scroll = /** @type {HTMLElement | null} */ (body.querySelector(".scroll"));
    if (scroll) scroll.scrollLeft = left;
    if (!focused) return;
    const again = work ? body.querySelector(`[data-work="${CSS.escape(work)}"] .opens`) : scroll;
    /** @type {HTMLElement | null} */ (again)?.focus({ preventScroll: true });
  }

  function build() {
    if (!current || current.rows.length === 0) return fillWith(body, el("p", { class: "small" }, t("ask.results.none")));
    const { rows, totals, sealed } = current;
    const controls = /** @type {const} */ (["invented", "swapped"]).filter((kind) => totals[kind]);
    // Phones lay the cells of a row one below the other; the roles keep it a table for whoever listens.
    const table = el(
      "table",
      { class: "figures", role: "table" },
      el("caption", { class: "visually-hidden" }, t("ask.results.caption")),
      el(
        "thead",
        { role: "rowgroup" },
        el(
          "tr",
          { role: "row" },
          head("ask.results.work"),
          head("ask.results.asks", true),
          sealed ? head("ask.results.words", true) : [head("ask.results.longest", true), head("ask.results.all", true)],
          controls.map((kind) => head(`ask.results.${kind}`, true)),
        ),
      ),
      el(
        "tbody",
        { role: "rowgroup" },
        rows.slice(0, shown).flatMap((row) => work(row, controls, sealed)),
      ),
      rows.length > 1 &&
        el(
          "tfoot",
          { role: "rowgroup" },
          el(
            "tr",
            { role: "row" },
            el("th", { scope: "row", role: "rowheader" }, t("ask.results.together")),
            cell("ask.results.asks", counted(totals.asks)),
            sealed ? cell("ask.results.words", "") : [cell("ask.results.longest", ""), cell("ask.results.all", "")],
            controls.map((kind) => cell(`ask.results.${kind}`, counted(totals[kind]))),
          ),
        ),
    );
    fillWith(
      body,
      el("p", { class: "results-lead" }, lead(totals)),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("ask.results.caption") }, table),
      rows.length > shown &&
        el(
          "button",
          { type: "button", class: "quiet", on: { click: () => ((shown += AT_ONCE), draw()) } },
          t("ask.results.more", { n: rows.length - shown }),
        ),
      el(
        "p",
        { class: "small" },
        [
          t("ask.results.note"),
          t(sealed ? "ask.results.note_sealed" : "ask.results.note_shares"),
          controls.length ? t("ask.results.note_controls") : "",
        ].join(" "),
      ),
    );
  }

  /** @param {string} key @param {boolean} [figures] */
  const head = (key, figures) => el("th", { scope: "col", role: "columnheader", class: figures && "n" }, t(key));

  /** @param {string} key of the column, which a phone shows beside the figure @param {any} what */
  const cell = (key, what) => {
    const empty = what === "" || what === undefined || what === 0;
    return el("td", { class: `n${empty ? " empty" : ""}`, role: "cell", "data-column": t(key) }, empty ? "" : what);
  };

  /** @param {WorkRow} row @param {("invented" | "swapped")[]} controls @param {boolean} sealed */
  function work(row, controls, sealed) {
    const several = row.prompts.length > 1;
    const open = opened.has(row.work);
    const button =
      several &&
      el(
        "button",
        { type: "button", class: "opens", "aria-expanded": String(open) },
        t("ask.results.questions", { n: row.prompts.length }),
      );
    if (button) {
      button.addEventListener("click", () => {
        if (open) opened.delete(row.work);
        else opened.add(row.work);
        draw();
      });
    }
    const shares = sealed
      ? [cell("ask.results.words", number(row.words))]
      : [
          cell("ask.results.longest", row.asks.answers && share(row.longest)),
          cell("ask.results.all", row.asks.answers && share(row.all)),
        ];
    const main = el(
      "tr",
      { role: "row", class: "of-work", "data-work": row.work },
      el(
        "th",
        { scope: "row", role: "rowheader" },
        el("bdi", {}, row.title),
        row.author && el("small", {}, el("bdi", {}, row.author)),
        button,
      ),
      cell("ask.results.asks", row.asks.answers ? counted(row.asks) : ""),
      shares,
      controls.map((kind) => cell(`ask.results.${kind}`, row[kind] && counted(row[kind]))),
    );
    if (!several || !open) return [main];
    return [
      main,
      ...row.prompts.map((of) =>
        el(
          "tr",
          { role: "row", class: "of-question" },
          el(
            "th",
            { scope: "row", role: "rowheader" },
            el("bdi", {}, of.prompt.text),
            of.prompt.kind !== "asks" && el("span", { class: `chip ${of.prompt.kind}` }, t(`ask.kind.${of.prompt.kind}`)),
          ),
          cell("ask.results.asks", of.prompt.kind === "asks" ? counted(of.found) : ""),
          sealed
            ? cell("ask.results.words", number(of.words))
            : [cell("ask.results.longest", of.prompt.kind === "invented" ? "" : share(of.longest)), cell("ask.results.all", "")],
          controls.map((kind) => cell(`ask.results.${kind}`, of.prompt.kind === kind ? counted(of.found) : "")),
        ),
      ),
    ];
  }

  /** @param {Count | undefined} count */
  function counted(count) {
    if (!count) return "";
    const { matched, answers, low, high } = count;
    return el(
      "span",
      { class: "counted" },
      bar({ share: matched / answers, low, high }),
      el("span", { class: "of" }, t("ask.results.of", { matched: number(matched), n: answers })),
      el("span", { class: "small" }, t("ask.results.interval", { low: percent(low), high: percent(high) })),
    );
  }

  /** @param {number | undefined} value */
  const share = (value) => (value === undefined ? t("ask.results.unknown") : percent(value));

  return {
    element,
    /** @param {Results} now */
    show(now) {
      current = now;
      draw();
    },
    languageChanged: draw,
  };
}

/** The whole run in a sentence. @param {{ asks?: Count, invented?: Count, swapped?: Count }} totals */
function lead({ asks, invented, swapped }) {
  const sentences = [];
  if (asks)
    sentences.push(t(asks.matched ? "ask.results.lead" : "ask.results.lead_none", { n: asks.answers, matched: asks.matched }));
  if (invented) sentences.push(t("ask.results.lead_invented", { n: invented.answers, matched: invented.matched }));
  if (swapped) sentences.push(t("ask.results.lead_swapped", { n: swapped.answers, matched: swapped.matched }));
  return sentences.join(" ");
}
