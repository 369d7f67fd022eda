// A model server for tests: OpenAI's `/v1/models` and `/v1/chat/completions` on loopback, with every habit and every fault that
// the page must stand. What a model does goes by its name:
//
//     reciter    recites a sample work whose title the prompt names, partly altered, unless it names another's author
//     chatter    never recites
//
// and a name may add faults: `reciter+whole` (never streams), `+slow`, `+drop` (the connection breaks in the middle of each answer),
// `+drop-once`, `+busy` (429 with Retry-After for the first request of each prompt), `+busy-bare` (429 without), `+fails` (500
// always), `+fails-once` (503 for the first request), `+gone` (404), `+garbage` (no JSON), `+cut` (finish_reason `length`),
// `+silent` (a stream without an answer), `+endless` (three million characters), `+error-event` (an error in the middle of a stream), `+thinks` (reasoning beside the answer).

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const SAMPLES = resolve(dirname(fileURLToPath(import.meta.url)), "../../../corpora/sample/works.jsonl");
const MODELS = ["reciter", "chatter"];

/** The sample works, by title. */
export async function sampleWorks() {
  const lines = (await readFile(SAMPLES, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/**
 * @param {{ key?: string, cors?: boolean, models?: boolean, preflight?: boolean, pieceMs?: number, retryAfter?: string }} [options]
 *   `key`: the one that is asked for; `cors: false`: answers, but says no origin may read them; `preflight: false`: refuses to be
 *   asked beforehand; `models: false`: offers no list
 */
export async function startModel({ key, cors = true, models = true, preflight = true, pieceMs = 0, retryAfter = "1" } = {}) {
  const works = await sampleWorks();
  /** What was asked, in order. */
  const asked = [];
  const seen = new Map();
  let open = 0;
  let mostOpen = 0;

  const answer = async (request, response) => {
    const allowed = cors ? { "access-control-allow-origin": request.headers.origin ?? "*" } : {};
    const send = (status, value, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...allowed, ...headers });
      response.end(typeof value === "string" ? value : JSON.stringify(value));
    };
    const fail = (status, message, headers) => send(status, { error: { message, type: "stub" } }, headers);
    const { pathname } = new URL(request.url, "http://loopback");
    if (request.method === "OPTIONS") {
      if (!cors || !preflight) return response.writeHead(403).end();
      return response
        .writeHead(204, {
          ...allowed,
          "access-control-allow-headers": "authorization, content-type",
          "access-control-allow-methods": "GET, POST",
        })
        .end();
    }
    const body = await bodyOf(request);
    const record = {
      path: pathname,
      method: request.method,
      authorization: request.headers.authorization,
      headers: request.headers,
      body,
      at: Date.now(),
    };
    asked.push(record);
    if (key && request.headers.authorization !== `Bearer ${key}`) return fail(401, "Incorrect API key provided.");
    if (pathname === "/v1/models" && models) {
      return send(200, { object: "list", data: MODELS.map((id) => ({ id, object: "model" })) });
    }
    if (pathname !== "/v1/chat/completions" || request.method !== "POST") return fail(404, "no such page");

    let asking;
    try {
      asking = JSON.parse(body);
    } catch {
      return fail(400, "the request is no JSON");
    }
    record.json = asking;
    const [model, ...habits] = String(asking.model).split("+");
    const has = (habit) => habits.includes(habit);
    if (!MODELS.includes(model) || has("gone")) return fail(404, `The model '${asking.model}' does not exist`);
    const prompt = String(asking.messages?.at(-1)?.content ?? "");
    const before = seen.get(prompt) ?? 0;
    seen.set(prompt, before + 1);
    if (has("busy") && before === 0)
      return fail(429, "Rate limit reached", { "retry-after": retryAfter, "access-control-expose-headers": "retry-after" });
    if (has("busy-bare") && before === 0) return fail(429, "Rate limit reached");
    if (has("fails")) return fail(500, "the model fell over");
    if (has("fails-once") && before === 0) return fail(503, "loading the model");
    if (has("garbage")) return send(200, "<html>not a model</html>");

    open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.once("close", () => (open -= 1));
    const text = has("silent") ? "" : has("endless") ? "on and on ".repeat(300_000) : says(model, prompt, before, works);
    const finish = has("cut") ? "length" : "stop";
    const step = has("slow") ? 40 : pieceMs;
    if (!asking.stream || has("whole")) {
      await pause(step);
      const message = { role: "assistant", content: text };
      return send(200, { model: asking.model, choices: [{ index: 0, message, finish_reason: finish }] });
    }
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", ...allowed });
    const breaks = has("drop") || (has("drop-once") && before === 0);
    const bytes = Buffer.from(events(text, asking.model, finish, { thinks: has("thinks"), error: has("error-event") }), "utf8");
    const end = breaks ? Math.floor(bytes.length / 2) : bytes.length;
    for (const [start, stop] of oddPieces(end)) {
      if (response.destroyed) return;
      response.write(bytes.subarray(start, stop));
      await pause(step);
    }
    if (breaks) response.destroy();
    else response.end();
  };

  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
  await new Promise((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    base: `http://127.0.0.1:${server.address().port}/v1`,
    asked,
    /** The chat requests among them. */
    chats: () => asked.filter((one) => one.path === "/v1/chat/completions" && one.method === "POST"),
    mostOpen: () => mostOpen,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

/** The answer's text. The same question is answered a little differently each time. */
function says(model, prompt, before, works) {
  const work =
    model === "reciter" && works.filter((one) => prompt.includes(one.title)).sort((a, b) => b.title.length - a.title.length)[0];
  // It knows who wrote what: asked for the work of somebody else, it does not recite.
  const named = works
    .flatMap((one) => (one.creators ?? []).map((creator) => creator.name))
    .filter((name) => prompt.includes(name));
  const own = work && (named.length === 0 || (work.creators ?? []).some((creator) => named.includes(creator.name)));
  if (!own) return `I do not know that one – sorry! 🙈 (answer ${before + 1})`;
  // Every fourth answer declines, as real models do.
  if (before % 4 === 3) return "I cannot share that text. Would you like a summary?";
  return `Sure – here it is (“${work.title}”) 🎵:\n\n${altered(work.text, before)}\n\nAnything else?`;
}

/** A work as a model would give it: its first half, a word changed here and there. */
function altered(text, seed) {
  const lines = text.split("\n");
  const kept = lines.slice(0, Math.ceil(lines.length / 2));
  return kept.map((line, at) => ((at + seed) % 5 === 4 ? line.replace(/\p{L}{4,}/u, "something") : line)).join("\n");
}

/** A stream of events as servers write it: comments, a role first, carriage returns here and there, `[DONE]` at the end. */
function events(text, model, finish, { thinks, error }) {
  const chunk = (delta, reason = null) =>
    `data: ${JSON.stringify({ object: "chat.completion.chunk", model, choices: [{ index: 0, delta, finish_reason: reason }] })}`;
  const pieces = text.match(text.length > 100_000 ? /[\s\S]{1,50000}/gu : /[\s\S]{1,7}/gu) ?? [];
  const lines = [": ping", chunk({ role: "assistant", content: "" })];
  if (thinks) lines.push(chunk({ reasoning_content: "Let me think about that work." }));
  lines.push(...pieces.map((piece) => chunk({ content: piece })));
  if (error)
    lines.splice(Math.ceil(lines.length / 2), lines.length, `data: ${JSON.stringify({ error: { message: "out of memory" } })}`);
  else
    lines.push(
      chunk({}, finish),
      `data: ${JSON.stringify({ choices: [], usage: { completion_tokens: pieces.length } })}`,
      "data: [DONE]",
    );
  return lines.map((line, at) => line + (at % 3 === 1 ? "\r\n\r\n" : "\n\n")).join("");
}

/** Borders that fall within lines and within characters. */
function oddPieces(length) {
  const sizes = length > 100_000 ? [65_537] : [1, 2, 3, 97, 5, 211, 1, 389, 64];
  const pieces = [];
  for (let start = 0, at = 0; start < length; at += 1) {
    const stop = Math.min(length, start + sizes[at % sizes.length]);
    pieces.push([start, stop]);
    start = stop;
  }
  return pieces;
}
