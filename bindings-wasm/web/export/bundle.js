// What is taken away, whatever its form: a run of questions, or one text that was checked.

import { sha256 } from "../ask/record.js";

/**
 * @typedef {import("../ask/record.js").Answer} Answer
 * @typedef {{ kind: "ask" | "check", made: string, registry: any, answers: Answer[], run?: any, works: Map<string, any>,
 *   workHashes: Map<string, string> }} Bundle
 *   `made`: when, ISO 8601; `run`: what `Run.results()` says; `works`: what the registry says of its works, by key; `workHashes`: SHA-256
 *   of the texts of those that were found or asked for, where the registry holds them
 */

/** @typedef {{ engine: any, registryInfo: any, now?: () => Date }} Page */

/** @param {any} run what `Run.results()` says @param {Page} page @returns {Promise<Bundle>} */
export async function bundleOfRun(run, { engine, registryInfo, now = () => new Date() }) {
  const asked = run.prompts
    .filter((/** @type {any} */ prompt) => prompt.kind !== "invented")
    .map((/** @type {any} */ prompt) => prompt.work);
  return {
    kind: "ask",
    made: now().toISOString(),
    registry: registryInfo,
    answers: run.answers,
    run,
    ...(await about(run.answers, asked, engine)),
  };
}

/**
 * @param {{ text: string, report: any, created?: string }} checked
 * @param {Page} page
 * @returns {Promise<Bundle>}
 */
export async function bundleOfCheck(checked, { engine, registryInfo, now = () => new Date() }) {
  const made = now().toISOString();
  const text = checked.text.toWellFormed?.() ?? checked.text;
  const hash = await sha256(text);
  const created = checked.created ?? made;
  const fields = { answer: text, answer_sha256: hash, checked: created };
  const { report, json } = await engine.scan(text, { id: checked.report?.id || "text", fields });
  /** @type {any} */
  const answer = { id: report.id, text, created, sha256: hash, report, json };
  return { kind: "check", made, registry: registryInfo, answers: [answer], ...(await about([answer], [], engine)) };
}

/** @param {Answer[]} answers @param {string[]} asked @param {any} engine */
async function about(answers, asked, engine) {
  const works = new Map((await engine.works()).map((/** @type {any} */ work) => [work.work_id ?? `#${work.work}`, work]));
  const found = answers.flatMap(({ report }) => report.matches.map((/** @type {any} */ match) => match.work_id));
  /** @type {Map<string, string>} */
  const workHashes = new Map();
  for (const id of new Set([...asked, ...found])) {
    const text = id.startsWith("#") ? undefined : (await engine.work(id).catch(() => undefined))?.text;
    if (typeof text === "string") workHashes.set(id, await sha256(text));
  }
  return { works, workHashes };
}

/** `nagalm-MODEL-DATE`, with nothing that a file system could mind. @param {Bundle} bundle @param {string} extension */
export function fileName({ kind, made, run }, extension) {
  const model =
    kind === "ask"
      ? `${
          run.model
            .replace(/[^\p{L}\p{N}._-]+/gu, "-")
            .replace(/^[-.]+|[-.]+$/g, "")
            .slice(0, 40) || "model"
        }-`
      : "";
  return `nagalm-${model}${made.slice(0, 19).replace(/[:T]/g, "-")}.${extension}`;
}
