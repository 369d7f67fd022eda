// The OpenAI-compatible way to ask a model, as Ollama, llama.cpp, vLLM and most providers speak it. Runs in the frame.
// https://platform.openai.com/docs/api-reference/chat

import { detailOf, faultOf, LONGEST_DETAIL, ModelError } from "./fault.js";
import { Idle } from "./idle.js";
import { EventParser } from "./sse.js";

/**
 * @typedef {{ base: string, key?: string, signal?: AbortSignal, idleMs?: number }} Where
 * @typedef {{ text: string, finish?: string, model?: string, streamed: boolean }} Completion `model`: as the server calls it; `finish`: why the
 *   answer ended, where the server says so
 */

/** An answer that is longer is cut: nobody asked for a book. */
const LONGEST_ANSWER = 2_000_000;

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
    const cannotStream =
      error instanceof ModelError && error.kind === "request" && body.stream && /stream/i.test(error.detail ?? "");
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
    return data
      .map((model) => model?.id ?? model?.name)
      .filter((name) => typeof name === "string" && name)
      .slice(0, 1000);
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
    await fetch(`${base}/models`, {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal,
    });
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
