// What a registry says of its works, for those that are named: a registry may hold a million.

/** Works whose names are shown for the whole registry. */
const MOST_NAMED = 60;

/** @param {any} work as the package gives it */
export function summary({ work_id, title, language, creators, work }) {
  return { work_id, title, language, work, creators: (creators ?? []).map((/** @type {any} */ creator) => (typeof creator === "string" ? creator : creator.name)).filter(Boolean) };
}

/** @param {any} registry */
export function lookup(registry) {
  const all = registry.works();
  const names = all.slice(0, MOST_NAMED).map((/** @type {any} */ work) => work.title?.trim() || work.work_id).filter(Boolean);
  /** @type {Map<string, any> | undefined} */
  let byId;
  return {
    names,
    /** Summaries of the works that a report names. @param {any} report */
    about(report) {
      byId ??= new Map(all.map((/** @type {any} */ work) => [work.work_id, work]));
      const ids = new Set(report.matches.map((/** @type {any} */ found) => found.work_id));
      return [...ids].map((id) => byId?.get(id)).filter(Boolean).map(summary);
    },
  };
}
