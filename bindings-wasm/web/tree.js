// Markup as plain data, written once and drawn two ways: as elements of the page, and as text for a page that stands alone.
// Titles and texts are hostile: nothing here ever parses markup, and text is escaped in one place.

/**
 * @typedef {{name: string, attributes: Record<string, string | number | boolean | null | undefined>, children: Child[]}} Tree
 * @typedef {Tree | string | number | null | undefined | false} Child
 * @typedef {Child | Child[] | Child[][]} Children
 */

const VOID = new Set(["br", "hr", "img", "input", "meta", "link", "col"]);
/** What a tree may be made of: nothing that runs, loads or styles. */
const NAME = /^[a-z][a-z0-9]*$/;
const ATTRIBUTE = /^(?:class|id|role|lang|dir|title|scope|colspan|tabindex|type|for|href|datetime|hidden|open|aria-[a-z]+|data-[a-z-]+)$/;

/**
 * One element of a tree.
 * @param {string} name
 * @param {Tree["attributes"]} attributes
 * @param {...Children} children
 * @returns {Tree}
 */
export function h(name, attributes = {}, ...children) {
  if (!NAME.test(name) || name === "script" || name === "style") throw new Error(`no element may be called ${name}`);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (!ATTRIBUTE.test(attribute)) throw new Error(`no attribute may be called ${attribute}`);
    if (attribute === "href" && !/^#/.test(String(value))) throw new Error("links lead within the page only");
  }
  return { name, attributes, children: /** @type {Child[]} */ (children.flat(2)) };
}

/** @param {Child} child */
const isNothing = (child) => child === null || child === undefined || child === false;

/**
 * The tree as an element of the page.
 * @param {Tree} tree
 * @returns {HTMLElement}
 */
export function toElement(tree) {
  const element = document.createElement(tree.name);
  for (const [name, value] of Object.entries(tree.attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (!isNothing(/** @type {Child} */ (value))) element.setAttribute(name, String(value));
  }
  append(element, tree.children);
  return element;
}

/**
 * Adds children to an element of the page.
 * @param {HTMLElement | DocumentFragment} element
 * @param {Children} children
 */
export function append(element, children) {
  for (const child of Array.isArray(children) ? children.flat() : [children]) {
    if (isNothing(child)) continue;
    element.append(typeof child === "object" ? toElement(/** @type {Tree} */ (child)) : document.createTextNode(String(child)));
  }
}

/**
 * The tree as text.
 * @param {Child} tree
 * @returns {string}
 */
export function toMarkup(tree) {
  if (isNothing(tree)) return "";
  if (typeof tree !== "object") return escaped(String(tree));
  const { name, attributes, children } = /** @type {Tree} */ (tree);
  let markup = `<${name}`;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === true) markup += ` ${attribute}`;
    else if (!isNothing(/** @type {Child} */ (value))) markup += ` ${attribute}="${escaped(String(value))}"`;
  }
  markup += ">";
  return VOID.has(name) ? markup : `${markup}${children.map(toMarkup).join("")}</${name}>`;
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * Text that may stand anywhere in markup, between quotes too.
 * @param {string} text
 */
export function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[/** @type {keyof typeof ENTITIES} */ (character)]);
}
