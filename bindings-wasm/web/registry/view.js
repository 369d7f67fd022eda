// Where the works come from: a file, the user's own texts, the sample. Shows what is open, and says in plain words what
// went wrong.

import { append, h, toElement } from "../tree.js";
import { number, t } from "../strings.js";
import { sealFacts } from "../compare/sealed.js";
import { ownForm } from "./own.js";
import { showError } from "./errors.js";

/**
 * @typedef {import("../engine.js").RegistryInfo} RegistryInfo
 * @typedef {import("../engine.js").Source} Source
 * @typedef {object} Page
 * @property {Promise<import("../engine.js").Engine>} starting
 * @property {(text: string) => void} say
 * @property {(source: Source) => void} opening
 * @property {(info: RegistryInfo) => unknown} opened
 * @property {() => void} closed
 */

export class RegistryView {
  /** @type {{state: "choose"} | {state: "own"} | {state: "opening" | "failed", name: string} | {state: "open", info: RegistryInfo}} */
  #now = { state: "choose" };
  /** Texts that the user pasted, which make one registry together. @type {{name: string, text: string}[]} */
  #own = [];
  #broken = false;

  /** @param {HTMLElement} body @param {Page} page */
  constructor(body, page) {
    this.body = body;
    this.page = page;
    takeDrops(document, (files) => this.open(files));
  }

  /** @param {Source} source @param {{unverified?: boolean}} [options] */
  async open(source, options = {}) {
    const name = nameOf(source);
    const before = this.#now;
    const inside = this.body.contains(document.activeElement);
    // What will stand here takes its room now, while the reader expects the page to change.
    this.#now = { state: "opening", name };
    this.draw();
    this.page.opening(source);
    this.page.say(`${name}: ${t("opening")}`);
    try {
      const engine = await this.page.starting;
      const info = await engine.open(source, options);
      this.#now = { state: "open", info };
      this.page.say(t("opened.said", { name: shownName(info), n: info.works }));
      this.draw();
      if (inside) this.#focus(".opened");
      await this.page.opened(info);
    } catch (error) {
      this.#now = before.state === "open" ? before : { state: "failed", name };
      this.draw();
      showError(error, name, {
        closed: () => (before.state === "open" ? this.#focus(".opened") : this.#go(before.state === "own" ? "own" : "choose", "input")),
        anyway: () => this.open(source, { unverified: true }),
      });
    }
  }

  /** The program could not be started. */
  failed() {
    this.#broken = true;
    this.#now = { state: "choose" };
    this.draw();
  }

  draw() {
    this.body.replaceChildren();
    if (this.#broken) return append(this.body, h("p", { class: "alert", role: "alert" }, t("start.failed")));
    const now = this.#now;
    if (now.state === "choose") this.#drawSources();
    else if (now.state === "own") this.body.append(ownForm(this.#own, { use: () => this.open({ texts: this.#own }), cancel: () => this.#go("choose", ".own button") }));
    else if (now.state === "open") this.#drawOpen(now.info);
    else append(this.body, opening(now.name, now.state === "failed"));
  }

  /** @param {"choose" | "own"} state @param {string} focus */
  #go(state, focus) {
    this.#now = { state };
    this.draw();
    this.#focus(focus);
  }

  #drawSources() {
    append(this.body, h("p", {}, t("registry.lead")));
    const sources = toElement(h("div", { class: "sources" },
      h("div", { class: "source drop" }, h("h3", {}, t("source.file")), h("p", { id: "file-about" }, t("source.file_text")),
        h("input", { type: "file", id: "registry-file", class: "visually-hidden", "aria-describedby": "file-about" }),
        h("label", { for: "registry-file", class: "button" }, t("source.file_button"))),
      h("div", { class: "source own" }, h("h3", {}, t("source.own")), h("p", {}, t("source.own_text")),
        h("button", { type: "button", class: "quiet", "data-do": "own" }, t("source.own_button"))),
      h("div", { class: "source sample" }, h("h3", {}, t("source.sample")), h("p", {}, t("source.sample_text")),
        h("button", { type: "button", class: "quiet", "data-do": "sample" }, t("source.sample_button")))));
    const input = /** @type {HTMLInputElement} */ (sources.querySelector("input"));
    input.multiple = true;
    input.addEventListener("change", () => { if (input.files?.length) void this.open([...input.files]); });
    sources.querySelector("[data-do=own]")?.addEventListener("click", () => this.#go("own", "input, textarea"));
    sources.querySelector("[data-do=sample]")?.addEventListener("click", () => this.open({ sample: true }));
    this.body.append(sources);
  }

  /** @param {RegistryInfo} info */
  #drawOpen(info) {
    const opened = toElement(h("div", { class: "opened", tabindex: -1 },
      h("p", {}, h("bdi", { class: "name" }, shownName(info)), h("small", {}, `${t("opened.works", { n: info.works })} · ${t(`opened.kind.${info.kind}`)}`)),
      h("p", { class: "row" },
        info.kind === "texts" && this.#own.length ? h("button", { type: "button", class: "quiet", "data-do": "more" }, t("own.more")) : null,
        h("button", { type: "button", class: "quiet", "data-do": "change" }, t("opened.change")))));
    opened.querySelector("[data-do=change]")?.addEventListener("click", () => {
      this.#own = [];
      this.#go("choose", "input");
      this.page.closed();
    });
    opened.querySelector("[data-do=more]")?.addEventListener("click", () => this.#go("own", "input, textarea"));
    this.body.append(opened);
    if (info.unverified && info.seal && info.seal.signature !== "valid") append(this.body, h("p", { class: "alert" }, t("seal.unverified")));
    const about = toElement(h("details", { class: "about-registry" }, h("summary", {}, t("opened.about")),
      info.seal ? h("p", { class: "small" }, t("seal.explained")) : null,
      info.seal ? sealFacts(info.seal) : null,
      h("dl", { class: "facts-list" },
        h("div", {}, h("dt", {}, t("opened.hash")), h("dd", {}, h("code", {}, info.contentHash), " ", h("small", {}, t("opened.hash_note")))),
        h("div", {}, h("dt", {}, t("opened.size")), h("dd", {}, sizeOf(info.bytes))))));
    about.addEventListener("toggle", () => this.#name(info, about), { once: true });
    this.body.append(about);
  }

  /** Lists the works, when somebody wants to see them. @param {RegistryInfo} info @param {HTMLElement} about */
  async #name(info, about) {
    const names = await (await this.page.starting).names();
    if (names.length) append(/** @type {HTMLElement} */ (about.querySelector(".facts-list:last-child")), named(names, info.works));
  }

  /** @param {string} selector */
  #focus(selector) {
    /** @type {HTMLElement | null} */ (this.body.querySelector(selector))?.focus();
  }
}

/** The same size as what is open will have. @param {string} name @param {boolean} failed */
const opening = (name, failed) => [
  h("div", { class: "opened", "aria-busy": failed ? null : "true" },
    h("p", {}, h("bdi", { class: "name" }, name), h("small", {}, t(failed ? "opened.not" : "opening"))),
    h("p", { class: "row" }, h("button", { type: "button", class: "quiet", "aria-disabled": "true" }, t("opened.change")))),
  h("p", { class: "about-registry placeholder" }, t("opened.about")),
];

/** @param {string[]} names @param {number} works */
function named(names, works) {
  const left = works - names.length;
  return h("div", {}, h("dt", {}, t("opened.list", { n: works })),
    h("dd", {}, names.flatMap((name, i) => [i ? " · " : "", h("bdi", {}, name)]), left > 0 ? ` … ${t("opened.list_more", { n: left })}` : null));
}

/** @param {RegistryInfo} info */
const shownName = (info) => (info.kind === "sample" ? t("opened.sample") : info.name);

/** @param {Source} source */
function nameOf(source) {
  if ("sample" in source) return t("opened.sample");
  if ("texts" in source) return t("source.own");
  return Array.isArray(source) ? source.map(({ name }) => name).join(", ").slice(0, 200) : source.name;
}

/** @param {number} bytes */
function sizeOf(bytes) {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return number(value, { style: "unit", unit, maximumFractionDigits: 1 });
}

/** Files that are dropped anywhere on the page but where a text is wanted. @param {Document} page @param {(files: File[]) => void} take */
function takeDrops(page, take) {
  const root = page.documentElement;
  const files = (/** @type {DragEvent} */ event) => Boolean(event.dataTransfer?.types.includes("Files"));
  page.addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    root.classList.add("dragging");
  });
  page.addEventListener("dragleave", (event) => { if (!event.relatedTarget) root.classList.remove("dragging"); });
  page.addEventListener("drop", (event) => {
    root.classList.remove("dragging");
    if (event.defaultPrevented || !files(event)) return;
    event.preventDefault();
    const dropped = [...(event.dataTransfer?.files ?? [])];
    if (dropped.length) take(dropped);
  });
}
