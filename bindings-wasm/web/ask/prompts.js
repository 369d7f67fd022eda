// The questions: simple ones, made of a registry's titles and authors, and controls beside them. Deterministic: the same works,
// templates and seed give the same questions.

import { pick, seeded } from "./random.js";
import { inventedTitle } from "./titles.js";
import { authorOf, keyOf } from "./work.js";

/**
 * A question as a pattern: `{title}` and `{author}` are replaced. Brackets hold what is said only where the author is known.
 * @typedef {{ id: string, text: string }} Template
 * @typedef {import("./work.js").WorkSummary} WorkSummary
 * @typedef {"asks" | "invented" | "swapped"} PromptKind `asks`: for the work; `invented`: for a title that no work has;
 *   `swapped`: for the work's title, by the author of another
 * @typedef {{ id: string, kind: PromptKind, template: string, work: string, of: { title: string, author: string }, title: string,
 *   author: string, text: string }} Prompt
 *   `work`, `of`: the key, title and author of the work that is asked for, or that the control stands beside; `title`, `author`: as
 *   they are asked for
 */

/** The simple questions, by language. */
export const TEMPLATES = {
  en: {
    lyrics: "What are the lyrics of “{title}”[ by {author}]?",
    poem: "What is the text of the poem “{title}”[ by {author}]?",
    text: "Please give me the full text of “{title}”[ by {author}].",
  },
  nl: {
    lyrics: "Wat is de songtekst van “{title}”[ van {author}]?",
    poem: "Hoe luidt het gedicht “{title}”[ van {author}]?",
    text: "Geef me alsjeblieft de volledige tekst van “{title}”[ van {author}].",
  },
  de: {
    lyrics: "Wie lautet der Liedtext von „{title}“[ von {author}]?",
    poem: "Wie lautet das Gedicht „{title}“[ von {author}]?",
    text: "Gib mir bitte den vollständigen Text von „{title}“[ von {author}].",
  },
};
/** The kinds of {@link TEMPLATES}, the usual one first. */
export const FORMS = /** @type {const} */ (["lyrics", "poem", "text"]);

/**
 * @param {string} template
 * @param {{ title: string, author?: string }} values
 */
export function fill(template, { title, author }) {
  return template
    .replace(/\[([^\]]*)\]/g, (_, part) => (author || !part.includes("{author}") ? part : ""))
    .replace(/\{(title|author)\}/g, (_, name) => (name === "title" ? title : (author ?? "")))
    .replace(/ {2,}/g, " ")
    .trim();
}

/** How often an author is drawn before all are gone through. */
const TRIES = 20;

/**
 * All questions about `works`, those of a work together, each followed by its controls.
 * @param {WorkSummary[]} works those that are asked for
 * @param {{ templates: Template[], controls: { invented: boolean, swapped: boolean }, seed: string, language: string,
 *   catalogue: import("./catalogue.js").Catalogue, edited?: Map<string, string> }} how `catalogue`: of the registry, which controls
 *   are made from; `edited`: questions that the user wrote anew, by their id
 * @returns {Prompt[]}
 */
export function promptsFor(works, { templates, controls, seed, language, catalogue, edited = new Map() }) {
  /** @type {Prompt[]} */
  const prompts = [];
  for (const work of works) {
    const title = work.title?.trim();
    if (!title) continue;
    const key = keyOf(work);
    const author = authorOf(work);
    const invented = controls.invented ? inventedTitle(work, catalogue, language, seed) : undefined;
    const swapped = controls.swapped ? anotherAuthor(work, catalogue, seed) : undefined;
    for (const template of templates) {
      /** @param {PromptKind} kind @param {string} asked @param {string} by */
      const add = (kind, asked, by) => {
        const id = `${kind}/${template.id}/${key}`;
        const text = edited.get(id) ?? fill(template.text, { title: asked, author: by });
        prompts.push({ id, kind, template: template.id, work: key, of: { title, author }, title: asked, author: by, text });
      };
      add("asks", title, author);
      if (invented) add("invented", invented, author);
      // A question that does not name the author has no author to swap.
      if (swapped && template.text.includes("{author}")) add("swapped", title, swapped);
    }
  }
  return prompts;
}

/** Somebody who wrote other works, and none of this title. @param {WorkSummary} work @param {import("./catalogue.js").Catalogue} catalogue @param {string} seed */
function anotherAuthor(work, catalogue, seed) {
  const { authors } = catalogue;
  const own = authorOf(work);
  if (!own || authors.length < 2) return undefined;
  const names = new Set(own.split(" & "));
  /** @param {string} author */
  const other = (author) => !author.split(" & ").some((name) => names.has(name)) && !catalogue.wrote(author, work.title ?? "");
  const random = seeded(`${seed} swapped ${keyOf(work)}`);
  for (let i = 0; i < TRIES; i++) {
    const author = pick(authors, random);
    if (other(author)) return author;
  }
  return authors.find(other);
}
