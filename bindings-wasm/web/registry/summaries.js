// What a registry says of its works, for those that are named: a registry may hold a million.

/** Works whose names are shown for the whole registry. */
const MOST_NAMED = 60;

/** Roles of those who wrote the words: spelled out, or as CISAC and MARC abbreviate them. */
const WROTE = /author|lyricist|writer|poet|adaptor|^[ca]a?$/i;

/** @param {any} work as the package gives it */
export function summary({ work_id, title, language, creators = [], work }) {
  const authors = creators.filter((/** @type {any} */ { role }) => WROTE.test(role ?? ""));
  return { work_id, title, language, work, creators: namesOf(creators), ...(authors.length ? { authors: namesOf(authors) } : {}) };
}

/** @param {any[]} creators @returns {string[]} */
const namesOf = (creators) => creators.map(({ name }) => name).filter(Boolean);

/** What is asked of a registry's works, which are gone through when it is asked for the first time. @param {any} registry */
export function lookup(registry) {
  /** @type {any[] | undefined} */
  let all;
  /** @type {Map<string, any> | undefined} */
  let byId;
  const works = () => (all ??= registry.works());
  return {
    all: () => works().map(summary),
    names: () => works().slice(0, MOST_NAMED).map((work) => work.title?.trim() || work.work_id).filter(Boolean),
    /** Summaries of the works that a report names. @param {any} report */
    about(report) {
      if (!report.matches.length) return [];
      byId ??= new Map(works().map((work) => [work.work_id, work]));
      const ids = new Set(report.matches.map((/** @type {any} */ found) => found.work_id));
      return [...ids].map((id) => byId?.get(id)).filter(Boolean).map(summary);
    },
  };
}
