// The page's side of the worker that holds the package: every call is a message, so the page never waits for a scan.
// Long texts go over in pieces, long reports come back in pieces: no message takes the page longer than a blink.

/**
 * @typedef {"sealed" | "open" | "texts" | "sample"} Kind
 * @typedef {{kind: Kind, name: string, works: number, contentHash: string, version: string, bytes: number,
 *   words?: number, seal?: Record<string, any>, unverified: boolean}} RegistryInfo
 * @typedef {{work_id?: string, title?: string, creators: string[], authors?: string[], language?: string, work?: number}} WorkSummary of a sealed registry
 *   what it says: maybe no more than the work's number there
 * @typedef {File | File[] | {texts: {name: string, text: string}[]} | {sample: true}} Source
 */

/** Characters of a text in one message. */
const PIECE = 1 << 20;

/** What went wrong, with the `kind` that the package gives. */
export class EngineError extends Error {
  /** @param {{kind: string, message: string}} error */
  constructor({ kind, message }) {
    super(message);
    this.name = "EngineError";
    this.kind = kind;
  }
}

export class Engine {
  /** Version of nagalm, and whether its SIMD build runs. */
  version = "";
  simd = false;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void, report?: any, works: WorkSummary[]}>} */
  #waiting = new Map();
  #calls = 0;
  /** @type {Worker} */
  #worker;

  /** @param {Worker} worker */
  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#receive(data);
    worker.onerror = (event) => {
      const error = new EngineError({ kind: "worker", message: event.message || "the worker could not be started" });
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
  }

  /** Starts the worker and waits until the package is ready. @returns {Promise<Engine>} */
  static async start() {
    const engine = new Engine(new Worker(new URL("./worker.js", import.meta.url), { type: "module" }));
    const { version, simd } = await engine.#call("start", {});
    engine.version = version;
    engine.simd = simd;
    return engine;
  }

  /**
   * Opens a registry in place of the one that is open.
   * @param {Source} source
   * @param {{trust?: string[], unverified?: boolean}} [options]
   * @returns {Promise<RegistryInfo>}
   */
  open(source, options = {}) {
    return this.#call("open", { source, options });
  }

  /** Lets go of the registry. */
  close() {
    return this.#call("close", {});
  }

  /** What the registry says of its works. @returns {Promise<WorkSummary[]>} */
  works() {
    return this.#call("works", {});
  }

  /** Names of the first works, for people. @returns {Promise<string[]>} */
  names() {
    return this.#call("names", {});
  }

  /** A work with its text, where the registry holds it. @param {string} id @returns {Promise<any>} */
  work(id) {
    return this.#call("work", { id });
  }

  /**
   * Scans a text: the report with UTF-16 offsets, its JSON as the command line writes it, and what the registry says of the works
   * that were found.
   * @param {string} text
   * @param {{id?: string, fields?: Record<string, unknown>}} [options]
   * @returns {Promise<{report: any, json: string, works: WorkSummary[]}>}
   */
  async scan(text, options = {}) {
    let pieces = 0;
    const upload = ++this.#calls;
    for (let at = 0; at + PIECE < text.length; at += PIECE, pieces++) {
      this.#worker.postMessage({ piece: text.slice(at, at + PIECE), upload });
      await new Promise((resolve) => setTimeout(resolve));
    }
    return this.#call("scan", { upload, rest: text.slice(pieces * PIECE), options });
  }

  stop() {
    this.#worker.terminate();
  }

  /** @param {string} method @param {object} input @returns {Promise<any>} */
  #call(method, input) {
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject, works: [] });
      this.#worker.postMessage({ call, method, ...input });
    });
  }

  /** @param {any} message */
  #receive({ call, value, error, report, entries, items, done, json }) {
    const waiting = this.#waiting.get(call);
    if (!waiting) return;
    if (report) waiting.report = report;
    for (const entry of entries ?? []) place(waiting, entry);
    if (items) waiting.works.push(...items);
    if (done) value = waiting.works;
    if (json !== undefined) value = { report: waiting.report, json, works: waiting.works };
    if (error) waiting.reject(new EngineError(error));
    else if (value !== undefined) waiting.resolve(value === null ? undefined : value);
    else return;
    this.#waiting.delete(call);
  }
}

/** Puts a piece of an answer where it belongs; `edits` are of the last match. @param {{report?: any, works: WorkSummary[]}} waiting @param {any} entry */
function place({ report, works }, entry) {
  if (entry.about) works.push(entry.about);
  else if (entry.edits) report.matches.at(-1).edits.push(...entry.edits);
  else if (entry.sealed) report.sealed[entry.sealed].push(entry.item);
  else report[entry.list].push(entry.item);
}
