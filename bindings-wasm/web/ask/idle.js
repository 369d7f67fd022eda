// Ends what hangs.

import { ModelError } from "./fault.js";

/** Nothing for so long is the end. A large model on a slow machine needs a while for its first word. */
const IDLE_MS = 300_000;

/** A signal that ends a request when the user stops or nothing comes any more, and knows which of the two it was. */
export class Idle {
  #controller = new AbortController();
  #slow = false;
  #user;
  #ms;
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #stop = () => this.#controller.abort();

  /** @param {{ signal?: AbortSignal, idleMs?: number }} how `signal`: the user's */
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
