// Which works are asked for: found by title or author, ticked in a list.

import { number, t } from "../strings.js";
import { el, fillWith } from "./elements.js";
import { authorOf, keyOf } from "./work.js";

/** Works that are chosen at first. */
const CHOSEN_AT_FIRST = 10;
/** Works that are listed at once; whoever looks for another types its title. */
const SHOWN = 100;

/** @typedef {import("./work.js").WorkSummary} WorkSummary */

/**
 * @param {import("./catalogue.js").Catalogue} catalogue
 * @param {() => void} changed
 */
export function worksPicker(catalogue, changed) {
  const { works, untitled } = catalogue;
  /** In the order in which they were chosen. @type {Map<string, WorkSummary>} */
  const chosen = new Map(works.slice(0, CHOSEN_AT_FIRST).map((work) => [keyOf(work), work]));

  let locked = false;
  const search = el("input", { id: "ask-search", type: "search", autocomplete: "off", on: { input: draw } });
  const list = el("ul", { class: "works-list", label: "ask.works.list", tabindex: "0" });
  const shown = el("p", { class: "small", role: "status" });
  const count = el("p", { class: "works-count" });
  /** @param {string} key @param {() => void} then */
  const button = (key, then) =>
    el("button", { type: "button", class: "quiet", t: key, on: { click: () => (then(), draw(), changed()) } });

  const element = el(
    "fieldset",
    { class: "ask-part" },
    el("legend", { t: "ask.works.legend" }),
    el(
      "div",
      { class: "works-head" },
      el("div", { class: "field" }, el("label", { for: "ask-search", t: "ask.works.search" }), search),
      el(
        "div",
        { class: "row" },
        button("ask.works.all_shown", () => found().forEach((work) => chosen.set(keyOf(work), work))),
        button("ask.works.none", () => chosen.clear()),
      ),
    ),
    shown,
    list,
    count,
  );

  const found = () => catalogue.find(search.value, SHOWN);

  function draw() {
    const hits = found();
    fillWith(list, hits.map(row));
    shown.textContent =
      hits.length === SHOWN && works.length > SHOWN
        ? t("ask.works.first", { n: SHOWN, of: works.length })
        : t("ask.works.hits", { n: hits.length });
    say();
  }

  /** @param {WorkSummary} work @param {number} at */
  function row(work, at) {
    const key = keyOf(work);
    const box = el("input", { type: "checkbox", id: `ask-work-${at}`, checked: chosen.has(key), disabled: locked });
    box.addEventListener("change", () => {
      if (box.checked) chosen.set(key, work);
      else chosen.delete(key);
      say();
      changed();
    });
    const author = authorOf(work);
    return el(
      "li",
      {},
      box,
      el("label", { for: box.id }, el("bdi", {}, work.title), author && el("small", {}, " ", el("bdi", {}, author))),
    );
  }

  function say() {
    const words = [t("ask.works.chosen", { n: chosen.size, of: number(works.length) })];
    if (untitled) words.push(t("ask.works.untitled", { n: untitled }));
    count.textContent = words.join(" ");
  }

  draw();
  return {
    element,
    chosen: () => [...chosen.values()],
    languageChanged: draw,
    focus: () => search.focus(),
    /** Not the whole: a list that is longer than its box must stay in reach of the keyboard. @param {boolean} now */
    lock(now) {
      locked = now;
      for (const control of element.querySelectorAll("input, button")) /** @type {HTMLInputElement} */ (control).disabled = now;
    },
  };
}
