// From passage to passage: with buttons, or with j and k (n and p) where the result has the focus.

import { h, toElement } from "../tree.js";
import { t } from "../strings.js";

const NEXT = new Set(["j", "n"]), PREVIOUS = new Set(["k", "p"]);

export class Moves {
  #at = -1;

  /** @param {HTMLElement} section @param {HTMLElement} comparison @param {number} total */
  constructor(section, comparison, total) {
    this.comparison = comparison;
    this.total = total;
    this.element = toElement(h("div", { class: "moves", role: "group", "aria-label": t("check.total", { n: total }) },
      h("p", { class: "position" }),
      h("span", { class: "keys-hint small" }, h("kbd", {}, "j"), " ", h("kbd", {}, "k"), " ", t("check.keys")),
      h("button", { type: "button", class: "quiet", "data-by": "-1" }, t("check.previous")),
      h("button", { type: "button", class: "quiet", "data-by": "1" }, t("check.next"))));
    for (const button of this.element.querySelectorAll("button")) {
      button.addEventListener("click", () => this.#go(Number(button.getAttribute("data-by"))));
    }
    section.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
      if (event.target.closest("input, textarea, select")) return;
      const by = NEXT.has(event.key) ? 1 : PREVIOUS.has(event.key) ? -1 : 0;
      if (!by) return;
      event.preventDefault();
      this.#go(by);
    };
    comparison.addEventListener("focusin", (event) => {
      const match = event.target instanceof Element ? event.target.closest(".match") : null;
      if (match) this.#show(this.#matches().indexOf(match));
    });
    this.#show(-1);
  }

  #matches() {
    return [...this.comparison.querySelectorAll(".match")];
  }

  /** @param {number} by */
  #go(by) {
    const to = this.#at + by;
    const matches = this.#matches();
    if (to >= matches.length && to < this.total) {
      // Not drawn yet: the first of the next ones is, at once.
      /** @type {HTMLButtonElement | null} */ (this.comparison.querySelector(".more-matches"))?.click();
      matches.push(...this.#matches().slice(matches.length));
    }
    const match = /** @type {HTMLElement | undefined} */ (matches[Math.max(0, Math.min(to, matches.length - 1))]);
    match?.focus();
    match?.scrollIntoView({ block: "start" });
  }

  /** @param {number} at */
  #show(at) {
    this.#at = at;
    /** @type {HTMLElement} */ (this.element.querySelector(".position")).textContent =
      at < 0 ? t("check.total", { n: this.total }) : t("check.position", { i: at + 1, total: this.total });
  }
}
