// The questions: simple ones, made of a registry's titles and authors, and controls beside them. Deterministic: the same works,
// templates and seed give the same questions.

import { pick, seeded } from "./random.js";
import { Inventor } from "./titles.js";

/**
 * A question as a pattern: `{title}` and `{author}` are replaced. Brackets hold what is said only where the author is known.
 * @typedef {{ id: string, text: string }} Template
 * @typedef {{ work_id?: string, work?: number, title?: string, creators?: (string | { name?: string, role?: string })[], language?: string }} WorkSummary
 * @typedef {"asks" | "invented" | "swapped"} PromptKind `asks`: for the work; `invented`: for a title that no work has;
 *   `swapped`: for the work's title, by the author of another
 * @typedef {{ id: string, kind: PromptKind, template: string, work: string, title: string, author: string, text: string }} Prompt
 *   `work`: the key of the work that is asked for, or that the control stands beside
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

/** Names in a question, at most: a list of twenty is no simple question. */
const NAMES = 2;

/**
 * What a work is known by within one registry: its identifier, or its number where a sealed registry tells no more.
 * @param {WorkSummary} work
 */
export function keyOf(work) {
  return work.work_id ?? `#${work.work}`;
}

/**
 * Who wrote it: those who are called authors, else all who are named.
 * @param {WorkSummary} work
 */
export function authorOf(work) {
  const creators = (work.creators ?? []).map((creator) => (typeof creator === "string" ? { name: creator } : creator));
  const wrote = creators.filter((creator) => /author|lyricist|writer|poet|^[ca]a?$/i.test(creator.role ?? ""));
  const names = (wrote.length ? wrote : creators).map((creator) => creator.name?.trim()).filter(Boolean);
  return [...new Set(names)].slice(0, NAMES).join(" & ");
}

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

/**
 * All questions about `works`, those of a work together, each followed by its controls.
 * @param {WorkSummary[]} works those that are asked for
 * @param {{ templates: Template[], controls: { invented: boolean, swapped: boolean }, seed: string, language: string,
 *   all?: WorkSummary[], edited?: Map<string, string> }} how `all`: the registry's works, which controls are made from;
 *   `edited`: questions that the user wrote anew, by their id
 * @returns {Prompt[]}
 */
export function promptsFor(works, { templates, controls, seed, language, all = works, edited = new Map() }) {
  const inventor = new Inventor(all, language, seed);
  const authors = [...new Set(all.map(authorOf).filter(Boolean))];
  /** @type {Prompt[]} */
  const prompts = [];
  for (const work of works) {
    const title = work.title?.trim();
    if (!title) continue;
    const key = keyOf(work);
    const author = authorOf(work);
    const invented = controls.invented ? inventor.instead(work) : undefined;
    const swapped = controls.swapped ? anotherAuthor(work, authors, all, seed) : undefined;
    for (const template of templates) {
      /** @param {PromptKind} kind @param {string} asked @param {string} by */
      const add = (kind, asked, by) => {
        const id = `${kind}/${template.id}/${key}`;
        const text = edited.get(id) ?? fill(template.text, { title: asked, author: by });
        prompts.push({ id, kind, template: template.id, work: key, title: asked, author: by, text });
      };
      add("asks", title, author);
      if (invented) add("invented", invented, author);
      // A question that does not name the author has no author to swap.
      if (swapped && template.text.includes("{author}")) add("swapped", title, swapped);
    }
  }
  return prompts;
}

/** Somebody who wrote other works, and none of this title. @param {WorkSummary} work @param {string[]} authors @param {WorkSummary[]} all @param {string} seed */
function anotherAuthor(work, authors, all, seed) {
  const own = authorOf(work);
  if (!own) return undefined;
  const sameTitle = new Set(all.filter((one) => one.title === work.title).map(authorOf));
  const names = new Set(own.split(" & "));
  const others = authors.filter((author) => !sameTitle.has(author) && !author.split(" & ").some((name) => names.has(name)));
  return others.length ? pick(others, seeded(`${seed} swapped ${keyOf(work)}`)) : undefined;
}
