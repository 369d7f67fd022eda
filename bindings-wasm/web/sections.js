// "Ask a model" and "Take it away": modules of their own, loaded when a registry is open.

import { append, h } from "./tree.js";
import { language, t } from "./strings.js";

/**
 * @typedef {{destroy(): void, languageChanged?(language: string): void}} Section
 */

export class Sections {
  /** @type {Section[]} */
  #mounted = [];
  #generation = 0;
  /** What stands in the panels while nothing is mounted. */
  #message = "tab.later";

  /** @param {{ask: HTMLElement, export: HTMLElement, tabs: import("./tabs.js").Tabs, shared: object}} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {import("./engine.js").RegistryInfo} registryInfo @param {import("./engine.js").Engine} engine */
  async use(registryInfo, engine) {
    this.close();
    const generation = this.#generation;
    const shared = { ...this.page.shared, engine, registryInfo, language: language() };
    try {
      const [{ mountAsk }, { mountExport }] = await Promise.all([
        import(new URL("./ask/view.js", import.meta.url).href),
        import(new URL("./export/view.js", import.meta.url).href),
      ]);
      if (generation !== this.#generation) return;
      this.page.ask.replaceChildren();
      this.page.export.replaceChildren();
      const ask = mountAsk(this.page.ask, shared);
      this.#mounted.push(ask, mountExport(this.page.export, { ...shared, ask }));
    } catch (error) {
      if (generation !== this.#generation) return;
      console.warn(error);
      this.#message = "tab.missing";
      this.#draw();
    }
  }

  close() {
    this.#generation++;
    for (const section of this.#mounted) section.destroy();
    this.#mounted = [];
    this.#message = "tab.later";
    this.#draw();
  }

  languageChanged() {
    if (!this.#mounted.length) this.#draw();
    for (const section of this.#mounted) section.languageChanged?.(language());
  }

  #draw() {
    for (const panel of [this.page.ask, this.page.export]) {
      panel.replaceChildren();
      append(panel, h("p", {}, t(this.#message)));
    }
  }
}
