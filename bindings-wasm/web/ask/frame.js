// Runs in a hidden frame and asks the model. It takes one address, shuts itself off from every other, and serves the page over
// a channel of its own; the key comes over that channel and stays in this frame's memory.

import { complete, listModels } from "./client.js";
import { ModelError } from "./fault.js";

/** How often a streaming answer is told of, at most. */
const TELL_MS = 50;

addEventListener("message", connect);
parent.postMessage({ type: "frame-is-here" }, location.origin);

/** @param {MessageEvent} event */
function connect(event) {
  if (event.source !== parent || event.origin !== location.origin || event.data?.type !== "connect") return;
  const [port] = event.ports;
  const origin = originOf(event.data.origin);
  if (!port || !origin) return;
  removeEventListener("message", connect);
  narrow(origin);
  serve(port, origin);
  port.postMessage({ type: "connected", origin });
}

/** Only what is an origin and nothing else may become part of a policy. @param {unknown} value */
function originOf(value) {
  if (typeof value !== "string" || !/^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/i.test(value)) return undefined;
  return new URL(value).origin === value ? value : undefined;
}

/** @param {string} origin */
function narrow(origin) {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `default-src 'none'; script-src 'self'; connect-src ${origin}; base-uri 'none'; form-action 'none'`;
  document.head.append(policy);
}

/** @param {MessagePort} port @param {string} origin */
function serve(port, origin) {
  /** @type {Map<number, AbortController>} */
  const running = new Map();
  port.onmessage = async ({ data }) => {
    const { type, id } = data;
    if (type === "cancel") return running.get(id)?.abort();
    const controller = new AbortController();
    running.set(id, controller);
    const teller = new Teller((text) => port.postMessage({ type: "text", id, text }));
    try {
      if (new URL(data.base).origin !== origin) throw new ModelError("address");
      const where = { base: data.base, key: data.key, signal: controller.signal };
      const value = type === "models" ? await listModels(where) : await complete(where, data.body, (piece) => teller.add(piece));
      teller.flush();
      port.postMessage({ type: "done", id, value });
    } catch (error) {
      teller.flush();
      const {
        kind = "answer",
        status,
        detail = String(error),
        retryAfterMs,
      } = error instanceof ModelError ? error : { detail: String(error) };
      port.postMessage({
        type: "failed",
        id,
        error: { kind, status, detail: error instanceof ModelError ? error.detail : detail, retryAfterMs },
      });
    } finally {
      running.delete(id);
    }
  };
}

/** Puts pieces together, so that a fast model does not keep the page busy. */
class Teller {
  #waiting = "";
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #tell;

  /** @param {(text: string) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {string} piece */
  add(piece) {
    this.#waiting += piece;
    this.#timer ??= setTimeout(() => this.flush(), TELL_MS);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting) this.#tell(this.#waiting);
    this.#waiting = "";
  }
}
