// Tabs as the ARIA Authoring Practices describe them: one is in the order of focus, arrows go from one to the next.

export class Tabs {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {HTMLElement[]} */
    this.tabs = [...root.querySelectorAll("[role=tab]")].map((tab) => /** @type {HTMLElement} */ (tab));
    for (const tab of this.tabs) tab.addEventListener("click", () => this.select(tab.id.replace("tab-", "")));
    root.querySelector("[role=tablist]")?.addEventListener("keydown", (event) => this.#key(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {string} name */
  select(name) {
    for (const tab of this.tabs) {
      const selected = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !selected;
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.tabs.findIndex((tab) => tab === document.activeElement);
    const last = this.tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.tabs[to].focus();
    this.tabs[to].click();
  }
}
