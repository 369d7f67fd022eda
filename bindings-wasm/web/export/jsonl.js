// One line an answer: the report's JSON to the letter as the command line writes it. Prompt, answer, model, time, parameters and
// hashes are fields of it, as they would be in a file of outputs that the command line scans.

/** @param {import("./bundle.js").Bundle} bundle */
export function jsonLines({ answers }) {
  return answers.map(({ json }) => `${json.trimEnd()}\n`).join("");
}
