// The page's side of the frame that asks: one connection reaches one address. For another address there is another frame.

import { ModelError } from "./fault.js";

const HERE_MS = 10_000;

export class Connection {
  #frame;
  #port;
  #next = 1;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void, onText?: (text: string) => void }>} */
  #waiting = new Map();

  /** @param {string} origin @param {HTMLIFrameElement} frame @param {MessagePort} port */
  constructor(origin, frame, port) {
    this.origin = origin;
    this.#frame = frame;
    this.#port = port;
    port.onmessage = ({ data }) => this.#receive(data);
  }

  /**
   * A frame that can reach `origin`, and nothing else.
   * @param {string} origin
   * @param {HTMLElement} [place] where the hidden frame goes
   * @returns {Promise<Connection>}
   */
  static async open(origin, place = document.body) {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = "asks the model";
    frame.setAttribute("aria-hidden", "true");
    frame.tabIndex = -1;
    frame.referrerPolicy = "no-referrer";
    frame.src = new URL("./frame.html", import.meta.url).href;
    try {
      await here(frame, place);
      const channel = new MessageChannel();
      frame.contentWindow?.postMessage({ type: "connect", origin }, location.origin, [channel.port2]);
      await first(channel.port1, "connected");
      return new Connection(origin, frame, channel.port1);
    } catch (error) {
      frame.remove();
      throw error;
    }
  }

  /**
   * @param {string} base @param {string} key @param {Record<string, unknown>} body
   * @param {{ signal?: AbortSignal, onText?: (text: string) => void }} [how]
   * @returns {Promise<import("./client.js").Completion>}
   */
  complete(base, key, body, how) {
    return this.#call({ type: "complete", base, key, body }, how);
  }

  /** @param {string} base @param {string} key @returns {Promise<string[]>} */
  models(base, key) {
    return this.#call({ type: "models", base, key });
  }

  close() {
    for (const { reject } of this.#waiting.values()) reject(new ModelError("cancelled"));
    this.#waiting.clear();
    this.#port.close();
    this.#frame.remove();
  }

  /** @param {object} message @param {{ signal?: AbortSignal, onText?: (text: string) => void }} [how] @returns {Promise<any>} */
  #call(message, { signal, onText } = {}) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new ModelError("cancelled"));
      const cancel = () => this.#port.postMessage({ type: "cancel", id });
      signal?.addEventListener("abort", cancel, { once: true });
      const over = () => signal?.removeEventListener("abort", cancel);
      this.#waiting.set(id, {
        resolve: (value) => (over(), resolve(value)),
        reject: (error) => (over(), reject(error)),
        onText,
      });
      this.#port.postMessage({ ...message, id });
    });
  }

  /** @param {any} data */
  #receive({ type, id, value, text, error }) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (type === "text") return waiting.onText?.(text);
    this.#waiting.delete(id);
    if (type === "done") waiting.resolve(value);
    else waiting.reject(new ModelError(error.kind, error));
  }
}

/** Puts the frame in its place and waits until it says that it runs. @param {HTMLIFrameElement} frame @param {HTMLElement} place @returns {Promise<void>} */
function here(frame, place) {
  return new Promise((resolve, reject) => {
    /** @param {Error} [error] */
    const over = (error) => {
      removeEventListener("message", listen);
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    };
    /** @param {MessageEvent} event */
    const listen = (event) => {
      if (event.source === frame.contentWindow && event.origin === location.origin && event.data?.type === "frame-is-here")
        over();
    };
    const timer = setTimeout(() => over(new Error("the frame that asks a model did not start")), HERE_MS);
    addEventListener("message", listen);
    place.append(frame);
  });
}

/** @param {MessagePort} port @param {string} type @returns {Promise<void>} */
function first(port, type) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the frame that asks a model did not connect")), HERE_MS);
    port.onmessage = ({ data }) => {
      if (data.type !== type) return;
      clearTimeout(timer);
      resolve();
    };
  });
}
