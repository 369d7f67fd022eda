// What the page says, in the languages it speaks. The strings lie in strings/LANGUAGE/*.json; web/build joins those of a
// language to one file and fails where a language lacks a key.

/** @typedef {import("./tree.js").Child} Child */

export const languages = Object.freeze([
  { code: "en", name: "English" },
  { code: "nl", name: "Nederlands" },
  { code: "de", name: "Deutsch" },
]);

/** @type {Record<string, string | Record<string, string>>} */
let strings = {};
let current = "en";
let numbers = new Intl.NumberFormat(current);
/** Formatters with options: making one takes a tenth of a millisecond. @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();
let plurals = new Intl.PluralRules(current);
let lists = new Intl.ListFormat(current, { type: "conjunction" });
/** @type {Set<() => void>} */
const listeners = new Set();

/** The language that is spoken now, as a BCP 47 tag. */
export const language = () => current;

/**
 * The first language of `wanted` (BCP 47 tags, best first) that is spoken here.
 * @param {readonly string[]} wanted
 */
export function pickLanguage(wanted) {
  const spoken = wanted.map((tag) => tag.toLowerCase().split("-")[0]);
  return spoken.find((code) => languages.some((language) => language.code === code)) ?? "en";
}

/**
 * Loads a language and tells everybody who asked.
 * @param {string} code
 */
export async function setLanguage(code) {
  const chosen = pickLanguage([code]);
  const response = await fetch(new URL(`./strings/${chosen}.json`, import.meta.url));
  if (!response.ok) throw new Error(`the strings of ${chosen} could not be loaded: ${response.status}`);
  use(chosen, await response.json());
  if (globalThis.document) document.documentElement.lang = chosen;
  for (const listener of listeners) listener();
}

/**
 * Takes strings that are there already (tests do).
 * @param {string} code
 * @param {typeof strings} loaded
 */
export function use(code, loaded) {
  strings = loaded;
  current = code;
  numbers = new Intl.NumberFormat(code);
  formatters.clear();
  plurals = new Intl.PluralRules(code);
  lists = new Intl.ListFormat(code, { type: "conjunction" });
}

/**
 * Calls `listener` whenever the language has changed; gives what ends that.
 * @param {() => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {string} key */
export const has = (key) => Object.hasOwn(strings, key);

/**
 * The pieces of a string; values may be trees. The number `n` (or `count`) picks between singular and plural, which are
 * an object (`{"one": …, "other": …}`) or keys of their own (`key.one`); numbers are written as the language does.
 * @param {string} key
 * @param {Record<string, Child>} values
 * @returns {Child[]}
 */
export function parts(key, values = {}) {
  const n = values.n ?? values.count;
  const form = plurals.select(typeof n === "number" ? n : 0);
  const entry = [key, `${key}.${form}`, `${key}.other`].filter(has).map((key) => strings[key])[0];
  if (entry === undefined) return [key];
  const text = typeof entry === "string" ? entry : (entry[form] ?? entry.other);
  return text.split(/\{(\w+)\}/).map((piece, i) => (i % 2 === 0 ? piece : written(values[piece])));
}

/** @param {Child} value */
const written = (value) => (typeof value === "number" ? numbers.format(value) : value);

/**
 * A string.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
export const t = (key, values = {}) => parts(key, values).join("");

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options) {
  if (!options) return numbers.format(value);
  const key = JSON.stringify(options);
  let formatter = formatters.get(key);
  if (!formatter) formatters.set(key, (formatter = new Intl.NumberFormat(current, options)));
  return formatter.format(value);
}

/**
 * A share in percent: 100% only where it is all, 0% only where it is nothing.
 * @param {number} share
 */
export function percent(share) {
  const whole = Math.round(share * 100);
  if (whole >= 100 && share < 1) return number(0.999, { style: "percent", maximumFractionDigits: 1 });
  if (whole <= 0 && share > 0) return t("percent.less", { percent: number(0.01, { style: "percent" }) });
  return number(whole / 100, { style: "percent" });
}

/** @param {string[]} items */
export const list = (items) => lists.format(items);

/**
 * Says everything below `root` that has `data-t="key"` (its text), `data-t-label` or `data-t-placeholder`.
 * @param {ParentNode} root
 */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.getAttribute("data-t") ?? "");
  for (const [data, attribute] of [["data-t-label", "aria-label"], ["data-t-placeholder", "placeholder"], ["data-t-content", "content"]]) {
    for (const element of root.querySelectorAll(`[${data}]`)) element.setAttribute(attribute, t(element.getAttribute(data) ?? ""));
  }
}
