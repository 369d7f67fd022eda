// What a registry says of its works, for those that are named: a registry may hold a million.

/** Works whose names are shown for the whole registry. */
const MOST_NAMED = 60;

/** Roles of those who wrote the words: spelled out, or as CISAC and MARC abbreviate them. */
const WROTE = /author|lyricist|writer|poet|adaptor|^[ca]a?$/i;

/** Works whose creators' roles are looked up; in a larger registry all creators stand side by side. */
const MOST_WITH_ROLES = 5000;

/** @param {any} work as the package gives it */
const summary = ({ work_id, title, language, creators = [], work }) => ({ work_id, title, language, work, creators });

/** The same with who wrote the words, where the registry says so. @param {any} registry @param {any} work */
function withAuthors(registry, work) {
  const wrote = work.creators?.length && registry.work(work.work_id)?.creators.filter((/** @type {any} */ { role }) => WROTE.test(role ?? ""));
  return wrote?.length ? { ...summary(work), authors: wrote.map((/** @type {any} */ { name }) => name) } : summary(work);
}

/** What is asked of a registry's works, which are gone through when it is asked for the first time. @param {any} registry */
export function lookup(registry) {
  /** @type {any[] | undefined} */
  let all;
  /** @type {Map<string, any> | undefined} */
  let byId;
  /** @returns {any[]} */
  const works = () => (all ??= registry.works());
  return {
    all: () => works().map(works().length > MOST_WITH_ROLES ? summary : (work) => withAuthors(registry, work)),
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
