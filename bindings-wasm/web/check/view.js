// "Check a text": what the model wrote goes in, and at once the comparison stands below it.

import { h, toElement } from "../tree.js";
import { language, t } from "../strings.js";
import { Paper } from "./paper.js";
import { drawResult } from "./result.js";

/** @typedef {import("../engine.js").RegistryInfo} RegistryInfo */

/** Milliseconds after the last key before a text is compared; a paste is compared at once. */
const PAUSE = 200;

export class CheckView {
  /** @type {RegistryInfo | undefined} */
  #registry;
  /** What stands below: the text and its report. @type {{text: string, report: any, json: string, works: any[], created: string} | undefined} */
  #shown;
  /** @type {any} */
  #error;
  #scanning = false;
  #again = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {AbortController | undefined} */
  #drawing;
  /** Texts to try, where the sample works are open or will be. @type {Record<string, {key: string, text: string}[]> | undefined} */
  #examples;
  #sample = false;

  /** @param {HTMLElement} root @param {{starting: Promise<import("../engine.js").Engine>, say: (text: string) => void}} page */
  constructor(root, page) {
    this.page = page;
    this.paper = new Paper((soon) => this.#changed(soon));
    this.under = toElement(h("div", { class: "under" }));
    this.result = toElement(h("section", { class: "result", "aria-labelledby": "result-title", hidden: true }));
    root.append(this.paper.element, this.under, this.result);
    void this.#loadExamples();
  }

  /** Compares with another registry; without one nothing is compared. @param {RegistryInfo | undefined} registry */
  use(registry) {
    this.#registry = registry;
    this.#shown = undefined;
    this.#sample = registry?.kind === "sample";
    this.draw();
    if (registry) void this.#scan();
  }

  /** What will be compared with is on its way. @param {boolean} sample whether it is the sample */
  expect(sample) {
    this.#sample = sample;
    this.#drawUnder();
  }

  /** What was compared last. */
  checked() {
    return this.#shown;
  }

  draw() {
    this.paper.draw();
    this.#drawUnder();
    this.#drawResult();
  }

  /** @param {boolean} soon */
  #changed(soon) {
    clearTimeout(this.#timer);
    this.#drawUnder();
    // What will stand there makes room now, while the reader expects the page to change.
    if (this.#registry && this.paper.text.trim()) this.result.hidden = false;
    this.#timer = setTimeout(() => this.#scan(), soon ? 0 : PAUSE);
  }

  /** Scans what stands on the paper; while one scan runs, only the newest text waits. @returns {Promise<void>} */
  async #scan() {
    if (this.#scanning) {
      this.#again = true;
      return;
    }
    const { text } = this.paper;
    if (!this.#registry || !text.trim()) {
      this.#shown = this.#error = undefined;
      this.#drawResult();
      return;
    }
    this.#scanning = true;
    const registry = this.#registry;
    this.result.setAttribute("aria-busy", "true");
    try {
      const engine = await this.page.starting;
      const created = new Date().toISOString();
      const scanned = await engine.scan(text, { id: "checked" });
      if (registry === this.#registry) {
        this.#shown = { text, created, ...scanned };
        this.#error = undefined;
      }
    } catch (error) {
      this.#shown = undefined;
      this.#error = error;
    }
    this.result.removeAttribute("aria-busy");
    this.#scanning = false;
    if (this.#again) {
      this.#again = false;
      return this.#scan();
    }
    this.#drawResult();
  }

  #drawResult() {
    this.#drawing?.abort();
    this.#drawing = new AbortController();
    const said = drawResult(this.result, {
      shown: this.#shown, error: this.#error, signal: this.#drawing.signal,
      waiting: !this.#registry && this.paper.text.trim() !== "",
    });
    if (said) this.page.say(said);
  }

  #drawUnder() {
    const { text } = this.paper;
    const examples = this.#sample ? this.#examples?.[language()] : undefined;
    const under = toElement(h("div", { class: "under" },
      text || !examples
        ? h("p", { class: "small" }, text ? t("check.characters", { n: text.length }) : t("check.limits"))
        : h("p", { class: "examples" }, h("span", {}, t("check.try")),
          examples.map(({ key }, i) => h("button", { type: "button", class: "quiet", "data-example": i }, t(`example.${key}`)))),
      h("p", { class: "row" },
        text ? h("button", { type: "button", class: "quiet", "data-do": "clear" }, t("check.clear")) : null,
        h("button", { type: "button", class: "quiet", "data-do": "file" }, t("check.file")))));
    under.querySelector("[data-do=clear]")?.addEventListener("click", () => this.paper.set("", true));
    under.querySelector("[data-do=file]")?.addEventListener("click", () => this.paper.chooseFile());
    for (const button of under.querySelectorAll("[data-example]")) {
      button.addEventListener("click", () => this.paper.set(examples?.[Number(button.getAttribute("data-example"))].text ?? "", true));
    }
    this.under.replaceWith(under);
    this.under = under;
  }

  async #loadExamples() {
    try {
      this.#examples = await (await fetch(new URL("../sample/examples.json", import.meta.url))).json();
      this.#drawUnder();
    } catch (error) {
      console.warn(error); // the sample works do without
    }
  }
}
