// An answer as it is kept, shown and taken away: the text, where it came from, and what was found in it.

/**
 * @typedef {{ id: string, prompt: import("./prompts.js").Prompt, repetition: number, text: string, model: string, modelAnswered?: string,
 *   finish?: string, started: string, created: string, attempts: number, sha256: string, promptSha256: string, report: any,
 *   json: string, parameters: Record<string, unknown> }} Answer
 *   `model`: the name as the user gave it; `modelAnswered`: as the server gave it; times in ISO 8601, UTC; `report`: with UTF-16
 *   offsets; `json`: the line that the command line would write
 */

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal. @param {string} text */
export async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Scans what came, and puts it down with everything that was asked.
 * @param {{ scan: (text: string, options: { id: string, fields: Record<string, unknown> }) => Promise<{ report: any, json: string }> }} engine
 * @param {Pick<import("./plan.js").Plan, "base" | "model" | "parameters" | "seed">} plan without the key, which has no business here
 * @param {import("./runner.js").Job} job
 * @param {import("./client.js").Completion} completion
 * @param {{ started: Date, ended: Date, attempts: number, workHash?: string }} about `workHash`: SHA-256 of the text of the work that is
 *   asked for, where the registry holds it
 * @returns {Promise<Answer>}
 */
export async function recordOf(
  engine,
  { base, model, parameters, seed },
  { id, prompt, repetition },
  completion,
  { started, ended, attempts, workHash },
) {
  // Half a surrogate pair is no character; UTF-8 has none, nor has a report.
  const text = completion.text.toWellFormed?.() ?? completion.text;
  const [hash, promptHash] = await Promise.all([sha256(text), sha256(prompt.text)]);
  const created = ended.toISOString();
  const asked = {
    kind: prompt.kind,
    template: prompt.template,
    work_id: prompt.work,
    title: prompt.title,
    author: prompt.author,
    repetition,
    seed,
    ...(workHash && { work_sha256: workHash }),
  };
  const fields = {
    prompt: prompt.text,
    model,
    created,
    answer: text,
    answer_sha256: hash,
    prompt_sha256: promptHash,
    parameters: { ...parameters, stream: completion.streamed },
    asked,
    asked_at: base,
    started: started.toISOString(),
    attempts,
    ...(completion.model && { model_answered: completion.model }),
    ...(completion.finish && { finish_reason: completion.finish }),
  };
  const { report, json } = await engine.scan(text, { id, fields });
  return {
    id,
    prompt,
    repetition,
    text,
    model,
    modelAnswered: completion.model,
    finish: completion.finish,
    started: started.toISOString(),
    created,
    attempts,
    sha256: hash,
    promptSha256: promptHash,
    report,
    json,
    parameters: fields.parameters,
  };
}
