// Elements of forms and tables, made without parsing markup. web/tree.js has what a comparison is drawn with; forms need values,
// names and events, too.

import { t } from "../strings.js";

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Record<string, any>} Properties `t`: the key of its text, which stays in the page's language; `label`: the key of its
 *   aria-label; `on`: listeners; `value`, `checked`, `disabled`, `open`: as properties; the rest: attributes
 */

const AS_PROPERTIES = new Set(["value", "checked", "disabled", "open", "hidden", "indeterminate"]);

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {Properties} [properties] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (key === "t") {
      element.dataset.t = value;
      element.textContent = t(value);
    } else if (key === "label") {
      element.setAttribute("data-t-label", value);
      element.setAttribute("aria-label", t(value));
    } else if (AS_PROPERTIES.has(key)) Object.assign(element, { [key]: value });
    else if (value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(
    ...children
      .flat()
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  return element;
}

/**
 * A label over a control, with a hint below where there is one.
 * @param {string} key @param {HTMLElement} control @param {{ hint?: string, class?: string }} [more]
 */
export function field(key, control, { hint, class: name = "" } = {}) {
  const id = control.id;
  const described = hint && el("span", { class: "small hint", id: `${id}-hint`, t: hint });
  if (described) control.setAttribute("aria-describedby", described.id);
  return el("div", { class: `field ${name}` }, el("label", { for: id, t: key }), control, described);
}

/** A box to tick, with its label behind it. @param {string} key @param {HTMLInputElement} box @param {string} [hint] */
export function tick(key, box, hint) {
  const described = hint && el("span", { class: "small hint", id: `${box.id}-hint`, t: hint });
  if (described) box.setAttribute("aria-describedby", described.id);
  return el("div", { class: "tick" }, box, el("div", {}, el("label", { for: box.id, t: key }), described));
}

/** Replaces what an element holds. @param {Element} element @param {...(Child | Child[])} children */
export function fillWith(element, ...children) {
  element.replaceChildren(
    ...children
      .flat()
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
}

/**
 * Makes `elements` the children of `parent`, and moves none that stays in its place: what is in focus, or was opened, remains so.
 * @param {Element} parent @param {Element[]} elements
 */
export function arrange(parent, elements) {
  const wanted = new Set(elements);
  for (const child of [...parent.childNodes]) if (!wanted.has(/** @type {Element} */ (child))) child.remove();
  elements.forEach((element, at) => {
    if (parent.children[at] !== element) parent.insertBefore(element, parent.children[at] ?? null);
  });
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A share as a bar, with its interval as a line over it. For the eye alone: the figures stand beside it.
 * @param {{ share: number, low: number, high: number }} interval
 */
export function bar({ share, low, high }) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({
    class: "share",
    viewBox: "0 0 100 12",
    width: 100,
    height: 12,
    "aria-hidden": "true",
    focusable: "false",
  }))
    svg.setAttribute(name, String(value));
  /** @param {string} name @param {Record<string, string | number>} attributes */
  const draw = (name, attributes) => {
    const shape = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value));
    svg.append(shape);
  };
  /** @param {number} part */
  const at = (part) => (1 + 98 * Math.min(1, Math.max(0, part))).toFixed(1);
  draw("rect", { class: "all", x: 0.5, y: 1.5, width: 99, height: 9 });
  draw("rect", { class: "part", x: 1, y: 2, width: (98 * Math.min(1, share)).toFixed(1), height: 8 });
  draw("path", { class: "interval", d: `M${at(low)} 6H${at(high)}M${at(low)} 3v6M${at(high)} 3v6` });
  return svg;
}
