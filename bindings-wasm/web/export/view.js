export function mountExport(section) { return { destroy() { section.replaceChildren(); } }; }
