// What will be sent: every request of a run, known before the first. The page shows it, and sends the same.

import { addressOf } from "./address.js";

/**
 * @typedef {{ temperature?: number, max_tokens?: number }} Parameters what is left out is not sent, and the server's own
 * @typedef {{ address: string, key: string, model: string, parameters: Parameters, answers: number, concurrency: number, seed: string,
 *   prompts: import("./prompts.js").Prompt[] }} Wanted
 * @typedef {{ base: string, origin: string, key: string, model: string, parameters: Parameters, answers: number, concurrency: number,
 *   seed: string, prompts: import("./prompts.js").Prompt[], jobs: import("./runner.js").Job[] }} Plan
 * @typedef {"address.missing" | "address.invalid" | "address.insecure" | "address.extras" | "key" | "model" | "works" | "questions"} Lack
 */

/** Requests of one run, at most: a mistyped number must not cost somebody a fortune. */
export const MOST_REQUESTS = 5000;
/** Characters of a token, roughly, in the languages of the page. */
const CHARACTERS_A_TOKEN = 3.5;
/** What a chat adds to each question. */
const TOKENS_AROUND = 8;

/**
 * The plan, or what is still lacking.
 * @param {Wanted} wanted
 * @returns {{ plan: Plan, lacks?: undefined } | { plan?: undefined, lacks: Lack }}
 */
export function planOf(wanted) {
  const { address, fault } = addressOf(wanted.address);
  if (fault) return { lacks: /** @type {Lack} */ (`address.${fault}`) };
  if (wanted.key && !/^[\x21-\x7e]+$/.test(wanted.key)) return { lacks: "key" };
  if (!wanted.model) return { lacks: "model" };
  const prompts = wanted.prompts.filter((prompt) => prompt.text);
  if (prompts.length === 0) return { lacks: "questions" };
  /** @type {import("./runner.js").Job[]} */
  const jobs = [];
  // All questions once, then all again: whoever stops early has seen each.
  for (let repetition = 1; repetition <= wanted.answers; repetition++) {
    for (const prompt of prompts) jobs.push({ id: String(jobs.length + 1).padStart(4, "0"), prompt, repetition });
  }
  const { key, model, parameters, answers, concurrency, seed } = wanted;
  return { plan: { ...address, key, model, parameters, answers, concurrency, seed, prompts, jobs } };
}

/**
 * The body of a request, to the letter.
 * @param {Pick<Plan, "model" | "parameters">} plan @param {string} question
 */
export function bodyOf({ model, parameters }, question) {
  return { model, messages: [{ role: "user", content: question }], stream: true, ...parameters };
}

/**
 * About how many tokens: those of the questions, and those that the answers may have at the most.
 * @param {Plan} plan
 * @returns {{ questions: number, answers?: number }}
 */
export function tokensOf({ jobs, parameters }) {
  const questions = jobs.reduce((sum, { prompt }) => sum + Math.ceil(prompt.text.length / CHARACTERS_A_TOKEN) + TOKENS_AROUND, 0);
  return { questions, answers: parameters.max_tokens && parameters.max_tokens * jobs.length };
}
