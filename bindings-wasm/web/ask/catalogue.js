// What the registry's works are called and who wrote them, put in order once: for finding works by a few letters, and for making
// controls. Built in slices, so that a registry of a hundred thousand works does not hold up the page.

import { authorOf, keyOf } from "./work.js";

/** @typedef {import("./work.js").WorkSummary} WorkSummary */

/** Titles that controls are made of, at most: those of a large registry are more than enough by then. */
const ENOUGH = 2000;
/** Works between two looks at the clock, and how long a slice may take. */
const STEP = 200;
const SLICE_MS = 12;

export class Catalogue {
  /** Works with a title, in the registry's order. @type {WorkSummary[]} */
  works = [];
  /** What is searched in, of each of {@link works}. @type {string[]} */
  #searched = [];
  /** How many works have no title. */
  untitled = 0;
  /** By key. @type {Map<string, WorkSummary>} */
  byKey = new Map();
  /** Authors, each once. @type {string[]} */
  authors = [];
  /** Titles to make others of, each once. @type {{ title: string, language: string }[]} */
  titles = [];
  /** Who wrote works of a title (as {@link plain} has it). @type {Map<string, Set<string>>} */
  #byTitle = new Map();
  #knownAuthors = new Set();

  /** All at once. @param {WorkSummary[]} works */
  static from(works) {
    const catalogue = new Catalogue();
    for (const work of works) catalogue.#add(work);
    return catalogue;
  }

  /** The same in slices. @param {WorkSummary[]} works */
  static async sliced(works) {
    const catalogue = new Catalogue();
    let until = performance.now() + SLICE_MS;
    for (let i = 0; i < works.length; i++) {
      catalogue.#add(works[i]);
      if (i % STEP === STEP - 1 && performance.now() > until) {
        await new Promise((resolve) => setTimeout(resolve));
        until = performance.now() + SLICE_MS;
      }
    }
    return catalogue;
  }

  /** @param {WorkSummary} work */
  #add(work) {
    const title = work.title?.trim();
    this.byKey.set(keyOf(work), work);
    if (!title) {
      this.untitled += 1;
      return;
    }
    const author = authorOf(work);
    const name = plain(title);
    this.works.push(work);
    this.#searched.push(`${name} ${plain(author)} ${plain(work.work_id ?? "")}`);
    const wrote = this.#byTitle.get(name);
    if (wrote) wrote.add(author);
    else {
      this.#byTitle.set(name, new Set([author]));
      if (this.titles.length < ENOUGH) this.titles.push({ title, language: primary(work.language) });
    }
    if (author && !this.#knownAuthors.has(author)) {
      this.#knownAuthors.add(author);
      this.authors.push(author);
    }
  }

  /** Whether a work has this title, case, accents and punctuation aside. @param {string} title */
  hasTitle(title) {
    return this.#byTitle.has(plain(title));
  }

  /** Whether somebody wrote a work of this title. @param {string} author @param {string} title */
  wrote(author, title) {
    return this.#byTitle.get(plain(title))?.has(author) ?? false;
  }

  /** Works in which all words of `query` stand, at most `most`. @param {string} query @param {number} most */
  find(query, most) {
    const words = plain(query).split(" ").filter(Boolean);
    /** @type {WorkSummary[]} */
    const found = [];
    for (let i = 0; i < this.works.length && found.length < most; i++) {
      if (words.every((word) => this.#searched[i].includes(word))) found.push(this.works[i]);
    }
    return found;
  }
}

/** Case, accents and punctuation do not make a title another one. @param {string} text */
function plain(text) {
  // Most titles are plain letters, for which the long way would be for nothing.
  const letters = /^[\x20-\x7e]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "");
  return letters
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** @param {string} [tag] a BCP 47 tag */
export const primary = (tag) => (tag ?? "").toLowerCase().split("-")[0];
