// What a registry says of a work.

/**
 * @typedef {{ work_id?: string, work?: number, title?: string, creators?: (string | { name?: string, role?: string })[],
 *   authors?: string[], language?: string }} WorkSummary `authors`: of the creators, those who wrote the words, where that is known
 */

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
  if (work.authors?.length) return work.authors.slice(0, NAMES).join(" & ");
  const creators = (work.creators ?? []).map((creator) => (typeof creator === "string" ? { name: creator } : creator));
  const wrote = creators.filter((creator) => /author|lyricist|writer|poet|^[ca]a?$/i.test(creator.role ?? ""));
  const names = (wrote.length ? wrote : creators).map((creator) => creator.name?.trim()).filter(Boolean);
  return [...new Set(names)].slice(0, NAMES).join(" & ");
}
