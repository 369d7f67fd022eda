// One row a match and one for an answer without any, with the columns of the command line's CSV report
// (core/cli/src/output/table.rs). Positions count code points, as there.

const COLUMNS = [
  "id",
  "model",
  "prompt",
  "created",
  "fields",
  "complete",
  "coverage_matched",
  "coverage_total",
  "work_id",
  "work_number",
  "title",
  "kind",
  "output_start",
  "output_end",
  "source_start",
  "source_end",
  "words_matched",
  "words_output",
  "words_source",
  "letters_matched",
  "identity",
  "longest_run_words",
  "bits",
  "evalue",
  "similarity",
  "probability",
  "share_of_work",
  "also_in",
  "tricks",
  "edits",
  "output_text",
  "source_text",
  "offset_unit",
  "text_sha256",
  "registry",
  "version",
];
/** Fields of the report itself: all others came with the answer. */
const OF_REPORT = new Set([
  "schema",
  "id",
  "offset_unit",
  "complete",
  "not_searched",
  "text_sha256",
  "registry",
  "version",
  "coverage",
  "matches",
  "works",
  "sealed",
  "meaning",
  "prompt",
  "model",
  "created",
]);
/**
 * Spreadsheets take a cell that begins so for a formula, and run it. Such a cell gets an apostrophe before it, as
 * https://owasp.org/www-community/attacks/CSV_Injection advises; numbers stay numbers.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** The table, for spreadsheets as well: they take it for UTF-8 by its first character. @param {import("./bundle.js").Bundle} bundle */
export function csv({ answers }) {
  const rows = answers.flatMap(({ json }) => rowsOf(JSON.parse(json)));
  return `\ufeff${[COLUMNS, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** @param {any} report as the command line writes it @returns {unknown[][]} */
function rowsOf(report) {
  const rest = Object.fromEntries(Object.entries(report).filter(([name]) => !OF_REPORT.has(name)));
  const of = {
    id: report.id,
    model: report.model,
    prompt: report.prompt,
    created: report.created,
    fields: Object.keys(rest).length ? JSON.stringify(rest) : undefined,
    complete: report.complete,
    coverage_matched: report.coverage.matched,
    coverage_total: report.coverage.total,
    offset_unit: report.offset_unit,
    text_sha256: report.text_sha256,
    registry: report.registry,
    version: report.version,
  };
  const rows = [
    ...report.matches.map((/** @type {any} */ found) => ofMatch(report, found)),
    ...(report.sealed?.matches ?? []).map((/** @type {any} */ found) => ofSealed(found, "sealed")),
    ...(report.sealed?.leads ?? []).map((/** @type {any} */ found) => ofSealed(found, "sealed-lead")),
  ];
  return (rows.length ? rows : [{}]).map((row) => {
    const all = /** @type {Record<string, unknown>} */ ({ ...of, ...row });
    return COLUMNS.map((name) => all[name]);
  });
}

/** @param {any} report @param {any} found */
function ofMatch(report, found) {
  return {
    work_id: found.work_id,
    title: found.title,
    kind: found.kind,
    output_start: found.output.start,
    output_end: found.output.end,
    source_start: found.source.start,
    source_end: found.source.end,
    words_matched: found.words.matched,
    words_output: found.words.output,
    words_source: found.words.source,
    letters_matched: found.letters.matched,
    identity: found.identity,
    longest_run_words: found.longest_run_words,
    bits: found.bits,
    evalue: found.evalue,
    share_of_work: report.works.find((/** @type {any} */ work) => work.work_id === found.work_id)?.share_of_work,
    also_in: JSON.stringify(found.also_in),
    tricks: JSON.stringify(found.tricks ?? []),
    edits: JSON.stringify(found.edits),
    output_text: found.quote?.output,
    source_text: found.quote?.source,
  };
}

/** @param {any} found @param {string} kind */
function ofSealed(found, kind) {
  return {
    work_id: found.work_id,
    work_number: found.work,
    title: found.title,
    kind,
    output_start: found.output.start,
    output_end: found.output.end,
    words_matched: found.words,
  };
}

/** RFC 4180. @param {unknown} value */
function cell(value) {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
