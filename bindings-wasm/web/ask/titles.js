// Titles that no work of the registry has, made of those that works have: what a control prompt asks for. The words are of the kind
// that titles are made of, so that a model which recites at the mere sound of a title would do so here, too.

import { primary } from "./catalogue.js";
import { pick, seeded } from "./random.js";

/** What titles are made of where the registry has too few of its own. */
const SPARE = {
  de: [
    "Der kupferne Garten",
    "Lied vom verlorenen Fahrplan",
    "Sieben Fenster nach Norden",
    "Am Rand der Kreidezeit",
    "Brief an einen Leuchtturm",
  ],
  en: [
    "The Copper Orchard",
    "Song of the Borrowed Timetable",
    "Seven Windows Facing North",
    "At the Edge of the Chalk",
    "Letter to a Signal Box",
  ],
  nl: [
    "De koperen boomgaard",
    "Lied van de geleende dienstregeling",
    "Zeven ramen op het noorden",
    "Aan de rand van het krijt",
    "Brief aan een seinhuis",
  ],
};
/** How often something new is tried before a number is added. */
const TRIES = 40;
/** With fewer titles than this, what comes out is too near to them. */
const FEW = 4;

/**
 * A title that no work of the catalogue has. The same for the same work and seed.
 * @param {import("./work.js").WorkSummary} work the one that it stands beside
 * @param {import("./catalogue.js").Catalogue} catalogue
 * @param {string} language of the titles to add where there are too few
 * @param {string} seed
 * @returns {string}
 */
export function inventedTitle(work, catalogue, language, seed) {
  const random = seeded(`${seed} invented ${work.title}`);
  const source = sourceFor(primary(work.language), catalogue, language);
  for (let i = 0; i < TRIES; i++) {
    const made = joined(pick(source, random), pick(source, random));
    if (made && !catalogue.hasTitle(made)) return made;
  }
  for (let i = 2; ; i++) {
    const made = `${pick(source, random)} ${i}`;
    if (!catalogue.hasTitle(made)) return made;
  }
}

/** Titles of several words, in the language of the work where there are enough. @param {string} ofWork @param {import("./catalogue.js").Catalogue} catalogue @param {string} language */
function sourceFor(ofWork, { titles }, language) {
  const long = titles.filter((one) => /\s/.test(one.title));
  const same = long.filter((one) => one.language === ofWork);
  const own = (same.length >= FEW ? same : long).map((one) => one.title);
  if (own.length >= FEW) return own;
  const spare =
    SPARE[/** @type {keyof typeof SPARE} */ (ofWork)] ?? SPARE[/** @type {keyof typeof SPARE} */ (language)] ?? SPARE.en;
  return [...own, ...spare];
}

/**
 * The first half of one title and the last word of another; nothing where that reads like a stump.
 * @param {string} a @param {string} b
 */
function joined(a, b) {
  // A bracket or a quotation mark that lost its other half would look like a mistake.
  const [left, right] = [a, b].map((title) =>
    title
      .replace(/\([^)]*\)|[()[\]{}«»„“”",;:]/gu, " ")
      .trim()
      .split(/\s+/),
  );
  const head = left.slice(0, Math.ceil(left.length / 2));
  const last = right[right.length - 1];
  if (last.length < 3 || !/^[\p{L}'’-]+$/u.test(last) || head.includes(last) || (head.length === 1 && head[0].length < 4))
    return undefined;
  return [...head, last].join(" ");
}
