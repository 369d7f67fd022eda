// Where the text is pasted. A long one would hold up the page while the browser lays it out, so it is kept aside and only
// its beginning is shown; it is compared whole.

import { h, toElement } from "../tree.js";
import { t } from "../strings.js";

/** Characters that a text area takes without being felt. */
const LONG = 20_000;
/** Characters shown of a longer text. */
const BEGINNING = 600;

export class Paper {
  /** A text too long for the text area. */
  #held = "";
  #read = 0;

  /** @param {(soon: boolean) => void} changed told when the text has changed, and whether to compare it at once */
  constructor(changed) {
    this.changed = changed;
    this.element = toElement(h("div", {},
      h("label", { class: "field", for: "output" }, h("span", { id: "output-label" })),
      h("div", { class: "paper" },
        h("textarea", { id: "output", dir: "auto" }),
        h("div", { class: "held", tabindex: 0, role: "group", "aria-labelledby": "output-label", hidden: true },
          h("p", {}, h("strong", {}), " ", h("span", { class: "small" })), h("p", { class: "beginning", dir: "auto" }))),
      h("input", { type: "file", class: "visually-hidden", tabindex: -1, "aria-hidden": "true" })));
    this.area = /** @type {HTMLTextAreaElement} */ (this.element.querySelector("textarea"));
    this.held = /** @type {HTMLElement} */ (this.element.querySelector(".held"));
    this.file = /** @type {HTMLInputElement} */ (this.element.querySelector("input"));
    this.area.rows = 8;
    this.area.spellcheck = false;
    this.area.autocomplete = "off";
    this.area.addEventListener("input", (event) => this.changed(/** @type {InputEvent} */ (event).inputType !== "insertText"));
    this.area.addEventListener("paste", (event) => this.#paste(event));
    this.held.addEventListener("paste", (event) => this.#paste(event));
    this.file.addEventListener("change", () => this.#open(this.file.files?.[0]));
    this.element.addEventListener("drop", (event) => {
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      void this.#open(file);
    });
  }

  get text() {
    return this.#held || this.area.value;
  }

  /** @param {string} text @param {boolean} focus whether the reader goes on here */
  set(text, focus) {
    const long = text.length > LONG;
    this.#held = long ? text : "";
    this.area.value = long ? "" : text;
    this.area.hidden = long;
    this.held.hidden = !long;
    if (long) this.draw();
    if (focus) (long ? this.held : this.area).focus({ preventScroll: true });
    this.changed(true);
  }

  /** Lets the user open a text from disk. */
  chooseFile() {
    this.file.value = "";
    this.file.click();
  }

  draw() {
    /** @type {HTMLElement} */ (this.element.querySelector("#output-label")).textContent = t("check.label");
    this.area.placeholder = t("check.placeholder");
    if (!this.#held) return;
    /** @type {HTMLElement} */ (this.held.querySelector("strong")).textContent = t("check.long", { n: this.#held.length });
    /** @type {HTMLElement} */ (this.held.querySelector(".small")).textContent = t("check.pasted_anew");
    /** @type {HTMLElement} */ (this.held.querySelector(".beginning")).textContent = `${this.#held.slice(0, BEGINNING)} …`;
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (this.#held) {
      if (!pasted) return;
      event.preventDefault();
      this.set(pasted, true);
      return;
    }
    const { value, selectionStart, selectionEnd } = this.area;
    if (value.length + pasted.length <= LONG) return; // the text area takes it
    event.preventDefault();
    this.set(value.slice(0, selectionStart) + pasted.replace(/\r\n?/g, "\n") + value.slice(selectionEnd), true);
  }

  /** @param {File | undefined} file */
  async #open(file) {
    if (!file) return;
    const read = ++this.#read;
    const text = await file.text();
    if (read === this.#read) this.set(text, true);
  }
}
