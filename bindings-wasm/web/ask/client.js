// The OpenAI-compatible way to ask a model, as Ollama, llama.cpp, vLLM and most providers speak it. Runs in the frame.
// https://platform.openai.com/docs/api-reference/chat

import { EventParser } from "./sse.js";

/**
 * What went wrong, for a program: `unreachable` (nobody answers there), `refused` (somebody answers there, but does not let a page
 * ask: CORS), `key`, `model`, `address` (there is no such service), `busy` (429), `server` (5xx), `request` (what was sent is not
 * understood), `answer` (what came is no answer), `broken` (the connection broke), `slow` (nothing came for minutes),
 * `cancelled`.
 * @typedef {"unreachable" | "refused" | "key" | "model" | "address" | "busy" | "server" | "request" | "answer" | "broken" | "slow" | "cancelled"} Fault
 */

export class ModelError extends Error {
  /**
   * @param {Fault} kind
   * @param {{ status?: number, detail?: string, retryAfterMs?: number }} [more] `detail`: what the server says
   */
  constructor(kind, { status, detail, retryAfterMs } = {}) {
    super(detail ? `${kind}: ${detail}` : kind);
    this.name = "ModelError";
    this.kind = kind;
    this.status = status;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * @typedef {{ base: string, key?: string, signal?: AbortSignal, idleMs?: number }} Where
 * @typedef {{ text: string, finish?: string, model?: string, streamed: boolean }} Completion `model`: as the server calls it; `finish`: why the
 *   answer ended, where the server says so
 */

/** Nothing for so long is the end. A large model on a slow machine needs a while for its first word. */
const IDLE_MS = 300_000;
/** An answer that is longer is cut: nobody asked for a book. */
const LONGEST_ANSWER = 2_000_000;
const LONGEST_DETAIL = 400;

/**
 * Asks, and tells of the answer as it comes.
 * @param {Where} where
 * @param {Record<string, unknown>} body what is sent, as it was shown
 * @param {(piece: string) => void} onText
 * @returns {Promise<Completion>}
 */
export async function complete(where, body, onText) {
  try {
    return await ask(where, body, onText);
  } catch (error) {
    // Servers that cannot stream say so; the same question is asked once more without.
    const cannotStream = error instanceof ModelError && error.kind === "request" && body.stream && /stream/i.test(error.detail ?? "");
    if (!cannotStream) throw error;
    return ask(where, { ...body, stream: false }, onText);
  }
}

/**
 * The names of the models that the server offers.
 * @param {Where} where
 * @returns {Promise<string[]>}
 */
export async function listModels(where) {
  const idle = new Idle(where);
  try {
    const response = await send(where, "/models", undefined, idle);
    if (!response.ok) throw await faultOf(response, "address");
    const value = await jsonOf(response, idle);
    const data = Array.isArray(value?.data) ? value.data : value?.models;
    if (!Array.isArray(data)) throw new ModelError("answer");
    return data.map((model) => model?.id ?? model?.name).filter((name) => typeof name === "string" && name).slice(0, 1000);
  } finally {
    idle.end();
  }
}

/** @param {Where} where @param {Record<string, unknown>} body @param {(piece: string) => void} onText @returns {Promise<Completion>} */
async function ask(where, body, onText) {
  const idle = new Idle(where);
  try {
    const response = await send(where, "/chat/completions", body, idle);
    if (!response.ok) throw await faultOf(response, "model");
    const type = response.headers.get("content-type") ?? "";
    if (/event-stream/i.test(type)) return await streamed(response, onText, idle);
    const value = await jsonOf(response, idle);
    if (value?.error) throw new ModelError("answer", { detail: detailOf(value) });
    const choice = value?.choices?.[0];
    const text = textOf(choice?.message?.content ?? choice?.text);
    if (!choice || text === undefined) throw new ModelError("answer");
    const kept = text.slice(0, LONGEST_ANSWER);
    onText(kept);
    return { text: kept, finish: nameOf(choice.finish_reason), model: nameOf(value.model), streamed: false };
  } finally {
    idle.end();
  }
}

/** @param {Where} where @param {string} path @param {Record<string, unknown> | undefined} body @param {Idle} idle @returns {Promise<Response>} */
async function send({ base, key }, path, body, idle) {
  // A header holds nothing else; fetch would say that the server cannot be reached.
  if (key && !/^[\x21-\x7e]+$/.test(key)) throw new ModelError("key");
  /** @type {Record<string, string>} */
  const headers = { accept: body?.stream ? "text/event-stream, application/json" : "application/json" };
  if (body) headers["content-type"] = "application/json";
  if (key) headers.authorization = `Bearer ${key}`;
  try {
    return await fetch(base + path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      signal: idle.signal,
      cache: "no-store",
      credentials: "omit",
      mode: "cors",
      // Elsewhere is elsewhere: the user agreed to this address.
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch (error) {
    throw idle.fault() ?? new ModelError((await answers(base, idle.signal)) ? "refused" : "unreachable");
  }
}

/**
 * Whether anybody answers there at all: tells a server that does not let pages ask from one that is not running. Sends nothing
 * but the address, and cannot read what comes.
 * @param {string} base @param {AbortSignal} signal
 */
async function answers(base, signal) {
  try {
    // Where this leads, the frame's policy has a say: to the same address, or nowhere.
    await fetch(`${base}/models`, { mode: "no-cors", cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal });
    return true;
  } catch {
    return false;
  }
}

/** @param {Response} response @param {(piece: string) => void} onText @param {Idle} idle @returns {Promise<Completion>} */
async function streamed(response, onText, idle) {
  if (!response.body) throw new ModelError("answer");
  const reader = response.body.getReader();
  const parser = new EventParser();
  let text = "";
  /** @type {string | undefined} */
  let finish;
  /** @type {string | undefined} */
  let model;
  let seen = false;
  let over = false;
  /** @param {string} data */
  const take = (data) => {
    if (over) return;
    if (data.trim() === "[DONE]") {
      over = true;
      return;
    }
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      throw new ModelError("answer", { detail: data.slice(0, LONGEST_DETAIL) });
    }
    if (value?.error) throw new ModelError("server", { detail: detailOf(value) });
    model ??= nameOf(value?.model);
    const choice = value?.choices?.[0];
    if (!choice) return;
    seen = true;
    const piece = textOf(choice.delta?.content ?? choice.text) ?? "";
    finish = nameOf(choice.finish_reason) ?? finish;
    if (!piece) return;
    text += piece;
    onText(piece);
    if (text.length > LONGEST_ANSWER) {
      [text, finish, over] = [text.slice(0, LONGEST_ANSWER), "length", true];
    }
  };
  try {
    while (!over) {
      const { done, value } = await reader.read();
      idle.again();
      for (const data of done ? parser.end() : parser.push(value)) take(data);
      if (done) break;
    }
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw idle.fault() ?? new ModelError("broken");
  } finally {
    reader.cancel().catch(() => {});
  }
  if (!seen) throw new ModelError("answer");
  return { text, finish, model, streamed: true };
}

/** @param {Response} response @param {Fault} notFound what 404 means here @returns {Promise<ModelError>} */
async function faultOf(response, notFound) {
  const { status } = response;
  const body = await response.text().catch(() => "");
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  const detail = value === undefined ? undefined : detailOf(value);
  const about = { status, detail };
  if (status === 401 || status === 403) return new ModelError("key", about);
  // A service that knows the question answers in JSON, even that it lacks the model.
  if (status === 404 || status === 405) return new ModelError(detail ? notFound : "address", about);
  if (status === 429) return new ModelError("busy", { ...about, retryAfterMs: retryAfter(response) });
  if (status >= 500) return new ModelError("server", { ...about, retryAfterMs: retryAfter(response) });
  return new ModelError(detail && /model/i.test(detail) && /not (?:found|exist)|does not exist|unknown/i.test(detail) ? "model" : "request", about);
}

/** Seconds or a date (RFC 9110, 10.2.3); readable only where the server exposes it. @param {Response} response */
function retryAfter(response) {
  const value = response.headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** @param {Response} response @param {Idle} idle */
async function jsonOf(response, idle) {
  let body;
  try {
    body = await response.text();
  } catch {
    throw idle.fault() ?? new ModelError("broken");
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ModelError("answer", { status: response.status });
  }
}

/** Content is a text, or a list of parts. @param {unknown} content @returns {string | undefined} */
function textOf(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  return content.map((part) => (typeof part?.text === "string" ? part.text : "")).join("");
}

/** @param {unknown} value @returns {string | undefined} */
const nameOf = (value) => (typeof value === "string" && value ? value.slice(0, 200) : undefined);

/** @param {any} value an error's body @returns {string | undefined} */
function detailOf(value) {
  const said = value?.error?.message ?? value?.error ?? value?.message ?? value?.detail;
  if (said === undefined || said === null) return undefined;
  return (typeof said === "string" ? said : JSON.stringify(said)).slice(0, LONGEST_DETAIL);
}

/** Ends what hangs, and knows whether it was that or the user. */
class Idle {
  #controller = new AbortController();
  #slow = false;
  #user;
  #ms;
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #stop = () => this.#controller.abort();

  /** @param {Where} where */
  constructor({ signal, idleMs = IDLE_MS }) {
    this.#user = signal;
    this.#ms = idleMs;
    if (signal?.aborted) this.#stop();
    signal?.addEventListener("abort", this.#stop);
    this.again();
  }

  get signal() {
    return this.#controller.signal;
  }

  again() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#slow = true;
      this.#controller.abort();
    }, this.#ms);
  }

  /** @returns {ModelError | undefined} */
  fault() {
    if (this.#user?.aborted) return new ModelError("cancelled");
    return this.#slow ? new ModelError("slow") : undefined;
  }

  end() {
    clearTimeout(this.#timer);
    this.#user?.removeEventListener("abort", this.#stop);
  }
}
