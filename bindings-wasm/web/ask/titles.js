// Titles that no work of the registry has, made of those that works have: what a control prompt asks for. The words are of the kind
// that titles are made of, so that a model which recites at the mere sound of a title would do so here, too.

import { pick, seeded } from "./random.js";

/** What titles are made of where the registry has too few of its own. */
const SPARE = {
  de: ["Der kupferne Garten", "Lied vom verlorenen Fahrplan", "Sieben Fenster nach Norden", "Am Rand der Kreidezeit", "Brief an einen Leuchtturm"],
  en: ["The Copper Orchard", "Song of the Borrowed Timetable", "Seven Windows Facing North", "At the Edge of the Chalk", "Letter to a Signal Box"],
  nl: ["De koperen boomgaard", "Lied van de geleende dienstregeling", "Zeven ramen op het noorden", "Aan de rand van het krijt", "Brief aan een seinhuis"],
};
/** How often something new is tried before words are added. */
const TRIES = 40;
/** Titles that are looked at, at most: those of a large registry are more than enough by then. */
const ENOUGH = 2000;
/** With fewer titles than this, what comes out is too near to them. */
const FEW = 4;

export class Inventor {
  /** @type {{ title: string, language: string }[]} */
  #known = [];
  #taken = new Set();
  #language;
  #seed;

  /**
   * @param {{ title?: string, language?: string }[]} works all works of the registry
   * @param {string} language of the titles to add where there are too few
   * @param {string} seed
   */
  constructor(works, language, seed) {
    for (const work of works) {
      const title = work.title?.trim();
      if (!title || this.#taken.has(plain(title))) continue;
      this.#taken.add(plain(title));
      if (this.#known.length < ENOUGH) this.#known.push({ title, language: primary(work.language) });
    }
    this.#language = language;
    this.#seed = seed;
  }

  /**
   * A title that no work has: the beginning of one and the end of another. The same for the same work and seed.
   * @param {{ title?: string, language?: string }} work the one that it stands beside
   * @returns {string}
   */
  instead(work) {
    const random = seeded(`${this.#seed} invented ${work.title}`);
    const source = this.#sourceFor(primary(work.language));
    for (let i = 0; i < TRIES; i++) {
      const made = joined(pick(source, random), pick(source, random));
      if (made && this.#isNew(made)) return made;
    }
    for (let i = 2; ; i++) {
      const made = `${pick(source, random)} ${i}`;
      if (this.#isNew(made)) return made;
    }
  }

  /** Titles of several words, in the language of the work where there are enough. @param {string} language */
  #sourceFor(language) {
    const long = this.#known.filter((one) => /\s/.test(one.title));
    const same = long.filter((one) => one.language === language);
    const own = (same.length >= FEW ? same : long).map((one) => one.title);
    if (own.length >= FEW) return own;
    const spare = SPARE[/** @type {keyof typeof SPARE} */ (language)] ?? SPARE[/** @type {keyof typeof SPARE} */ (this.#language)] ?? SPARE.en;
    return [...own, ...spare];
  }

  /** @param {string} title */
  #isNew(title) {
    return !this.#taken.has(plain(title));
  }
}

/** @param {string} [tag] a BCP 47 tag */
const primary = (tag) => (tag ?? "").toLowerCase().split("-")[0];

/** @param {string} a @param {string} b */
function joined(a, b) {
  const [left, right] = [a.split(/\s+/), b.split(/\s+/)];
  const head = left.slice(0, Math.ceil(left.length / 2));
  const tail = right.slice(Math.ceil(right.length / 2));
  if (tail.length === 0) return a === b ? undefined : `${a} ${b}`;
  // A bracket or a quotation mark that lost its other half would look like a mistake.
  return [...head, ...tail].join(" ").replace(/[()[\]{}«»„“”"]/g, "").trim();
}

/** Case, accents and punctuation do not make a title another one. @param {string} title */
function plain(title) {
  return title.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
