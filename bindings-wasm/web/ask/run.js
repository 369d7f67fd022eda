// One run: a connection to one address, the queue over it, scans of what comes, and what the answers come to.

import { Connection } from "./connection.js";
import { bodyOf } from "./plan.js";
import { recordOf, sha256 } from "./record.js";
import { Runner } from "./runner.js";
import { summarise, totals } from "./statistics.js";

/** A streaming answer is looked at so often, at most, and only once so much of it is there. */
const LOOK_MS = 500;
const LOOK_FROM = 60;

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./runner.js").Entry} Entry */

export class Run {
  /** @type {Connection | undefined} */
  #connection;
  #engine;
  #plan;
  #changed;
  /** Entries whose text so far is being scanned, and when it was last. @type {Map<string, { busy: boolean, at: number }>} */
  #looks = new Map();
  /** @type {Map<string, string>} */
  #texts = new Map();
  /** Their SHA-256. @type {Map<string, string>} */
  #hashes = new Map();
  /** @type {Promise<void> | undefined} */
  #loading;
  #ended = false;

  /**
   * @param {{ scan: Function, work: (id: string) => Promise<any> }} engine
   * @param {Plan} plan
   * @param {(entry: Entry | undefined, live?: any) => void} changed
   */
  constructor(engine, plan, changed) {
    this.#engine = engine;
    this.#plan = plan;
    this.#changed = changed;
    /** @type {Date | undefined} */
    this.started = undefined;
    this.runner = new Runner(plan.jobs, {
      concurrency: plan.concurrency,
      ask: (job, how) => this.#ask(job, how),
      finish: async (job, completion, { attempts, started }) => {
        const ended = new Date();
        await this.#loading;
        return recordOf(/** @type {any} */ (engine), plan, job, completion, {
          attempts,
          started,
          ended,
          workHash: this.#hashes.get(job.prompt.work),
        });
      },
      changed: (entry) => this.#tell(entry),
    });
  }

  /** The address, and no more of the plan than others need to know. */
  get origin() {
    return this.#plan.origin;
  }

  async start() {
    this.started ??= new Date();
    this.#loading ??= this.#loadTexts();
    await this.runner.start();
  }

  stop() {
    this.runner.stop();
  }

  /** Uses another key from here on: the first was wrong, or has run out. @param {string} key */
  useKey(key) {
    this.#plan = { ...this.#plan, key };
  }

  /** Ends for good: the frame goes, and the key with it. */
  end() {
    this.#ended = true;
    this.runner.stop();
    this.#connection?.close();
    this.#connection = undefined;
    this.#plan = { ...this.#plan, key: "" };
  }

  /** Answers that are complete. @returns {import("./record.js").Answer[]} */
  answers() {
    return this.runner.entries.filter((entry) => entry.state === "done").map((entry) => entry.answer);
  }

  summary() {
    const answers = this.answers();
    return { rows: summarise(answers, this.#texts), totals: totals(answers) };
  }

  /** What is taken away: all of the run but the key. */
  results() {
    const { base, origin, model, parameters, answers, concurrency, seed, prompts } = this.#plan;
    return {
      kind: /** @type {const} */ ("ask"),
      base,
      origin,
      model,
      parameters,
      answersPerQuestion: answers,
      concurrency,
      seed,
      prompts,
      state: this.runner.state,
      started: this.started?.toISOString(),
      planned: this.runner.entries.length,
      answers: this.answers(),
      failed: this.runner.entries
        .filter((entry) => entry.state === "failed")
        .map(({ job, error }) => ({ id: job.id, prompt: job.prompt, kind: error?.kind ?? "other" })),
      ...this.summary(),
    };
  }

  /** @param {import("./runner.js").Job} job @param {{ signal: AbortSignal, onText: (piece: string) => void }} how */
  async #ask(job, how) {
    const connection = await this.#connect();
    return connection.complete(this.#plan.base, this.#plan.key, bodyOf(this.#plan, job.prompt.text), how);
  }

  /** @type {Promise<Connection> | undefined} */
  #connecting;

  async #connect() {
    this.#connecting ??= Connection.open(this.#plan.origin);
    try {
      this.#connection = await this.#connecting;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
    if (this.#ended) this.#connection.close();
    return this.#connection;
  }

  /** The works' texts, for the share that all answers hold together. A sealed registry has none. */
  async #loadTexts() {
    const keys = [...new Set(this.#plan.prompts.map((prompt) => prompt.work))];
    for (const key of keys) {
      if (this.#texts.has(key) || key.startsWith("#")) continue;
      const work = await this.#engine.work(key).catch(() => undefined);
      if (typeof work?.text !== "string") continue;
      this.#texts.set(key, work.text);
      this.#hashes.set(key, await sha256(work.text));
    }
  }

  /** @param {Entry | undefined} entry */
  #tell(entry) {
    this.#changed(entry);
    if (entry?.state === "asking" && entry.text.length >= LOOK_FROM) this.#look(entry);
  }

  /** Scans what has come so far. @param {Entry} entry */
  async #look(entry) {
    const { id } = entry.job;
    const look = this.#looks.get(id) ?? { busy: false, at: 0 };
    this.#looks.set(id, look);
    const now = performance.now();
    if (look.busy || now - look.at < LOOK_MS) return;
    [look.busy, look.at] = [true, now];
    try {
      const { report } = await this.#engine.scan(entry.text, { id });
      if (entry.state === "asking" && entry.text) this.#changed(entry, report);
    } catch {
      // The scan of the whole answer will say what is wrong.
    } finally {
      look.busy = false;
    }
  }
}
