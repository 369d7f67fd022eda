// Asks one question after the other, a few at once: waits where a server asks for it, tries again where that may help, stops and
// goes on. Knows nothing of the page, of time or of the network but what it is given.

/**
 * @typedef {{ id: string, prompt: import("./prompts.js").Prompt, repetition: number }} Job
 * @typedef {"waiting" | "asking" | "pausing" | "done" | "failed"} JobState
 * @typedef {{ job: Job, state: JobState, text: string, attempts: number, error?: any, answer?: any }} Entry
 * @typedef {"ready" | "running" | "stopped" | "done"} RunState
 * @typedef {{
 *   ask: (job: Job, how: { signal: AbortSignal, onText: (piece: string) => void }) => Promise<any>,
 *   finish: (job: Job, completion: any, about: { attempts: number, started: Date }) => Promise<any>,
 *   changed?: (entry: Entry | undefined) => void,
 *   wait?: (ms: number, signal: AbortSignal) => Promise<void>,
 *   now?: () => Date,
 *   concurrency?: number,
 * }} Ways `ask`: puts the question; `finish`: makes an answer of what came (scans it); `changed`: called with what has changed, with
 *   nothing where it is the run itself
 */

/** Faults that another try may mend. */
const PASSING = new Set(["busy", "server", "broken", "slow", "unreachable"]);
/** Faults that every further question would meet, too: the run stops, and the user can mend it and go on. */
const GENERAL = new Set(["unreachable", "refused", "key", "model", "address", "busy"]);
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Who asks for a longer pause than this is taken at their word by stopping. */
const LONGEST_WAIT_MS = 600_000;

export class Runner {
  #ways;
  #concurrency;
  #wait;
  #now;
  /** @type {AbortController | undefined} */
  #stopping;
  /** Until when nobody is asked, and what all wait for. @type {Promise<void> | undefined} */
  #pause;
  /** Whether the server has answered once in this run: until then, not reaching it is a wrong address and no bad moment. */
  #reached = false;

  /** @param {Job[]} jobs @param {Ways} ways */
  constructor(jobs, ways) {
    /** @type {Entry[]} */
    this.entries = jobs.map((job) => ({ job, state: "waiting", text: "", attempts: 0 }));
    /** @type {RunState} */
    this.state = "ready";
    /** Why it stopped, where nobody asked for it. @type {any} */
    this.error = undefined;
    /** How long all wait, where a server asked for it. */
    this.pausedMs = 0;
    this.#ways = ways;
    this.#concurrency = Math.min(4, Math.max(1, Math.floor(ways.concurrency ?? 1)));
    this.#wait = ways.wait ?? pause;
    this.#now = ways.now ?? (() => new Date());
  }

  /** How many entries are in a state. @param {JobState} state */
  count(state) {
    return this.entries.filter((entry) => entry.state === state).length;
  }

  /** Begins, or goes on where it stopped; resolves when it stops or is done. What failed is tried again. */
  async start() {
    if (this.state === "running") return;
    this.state = "running";
    this.error = undefined;
    for (const entry of this.entries)
      if (entry.state === "failed") this.#set(entry, { state: "waiting", attempts: 0, error: undefined });
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.#tell(undefined);
    const worker = async () => {
      for (;;) {
        if (stopping.signal.aborted) return;
        const entry = this.entries.find((one) => one.state === "waiting");
        if (!entry) return;
        await this.#run(entry, stopping.signal);
      }
    };
    await Promise.all(Array.from({ length: this.#concurrency }, worker));
    this.pausedMs = 0;
    this.state = stopping.signal.aborted ? "stopped" : "done";
    this.#tell(undefined);
  }

  /** Stops at once. What was answered stays; what was being answered is asked again on going on. */
  stop() {
    this.#stopping?.abort();
  }

  /** @param {Entry} entry @param {AbortSignal} signal */
  async #run(entry, signal) {
    this.#set(entry, { state: "asking", text: "" });
    for (;;) {
      await this.#pause;
      if (signal.aborted) return this.#set(entry, { state: "waiting", text: "" });
      this.#set(entry, { state: "asking", text: "", attempts: entry.attempts + 1 });
      const started = this.#now();
      try {
        const completion = await this.#ways.ask(entry.job, {
          signal,
          onText: (piece) => this.#set(entry, { text: entry.text + piece }),
        });
        this.#reached = true;
        const answer = await this.#ways.finish(entry.job, completion, { attempts: entry.attempts, started });
        return this.#set(entry, { state: "done", text: answer.text, answer, error: undefined });
      } catch (error) {
        if (await this.#mended(entry, error, signal)) continue;
        return;
      }
    }
  }

  /** Whether to ask again, after a pause where one is needed. @param {Entry} entry @param {any} error @param {AbortSignal} signal */
  async #mended(entry, error, signal) {
    const kind = error?.kind;
    if (signal.aborted || kind === "cancelled") {
      this.#set(entry, { state: "waiting", text: "", attempts: 0 });
      return false;
    }
    if (kind !== "unreachable" && kind !== "refused") this.#reached = true;
    const passing = PASSING.has(kind) && (kind !== "unreachable" || this.#reached);
    const ms = error?.retryAfterMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (entry.attempts - 1));
    if (passing && entry.attempts < ATTEMPTS && ms <= LONGEST_WAIT_MS) {
      this.#set(entry, { state: "pausing", text: "", error });
      // One question's "too many" holds for all of them.
      if (kind === "busy") await this.#pauseAll(ms, signal);
      else await this.#wait(ms, signal).catch(() => {});
      return true;
    }
    if (GENERAL.has(kind)) {
      this.error = error;
      this.#set(entry, { state: "waiting", text: "", attempts: 0, error });
      this.stop();
    } else {
      this.#set(entry, { state: "failed", text: "", error });
    }
    return false;
  }

  /** @param {number} ms @param {AbortSignal} signal */
  async #pauseAll(ms, signal) {
    this.pausedMs = ms;
    const before = this.#pause;
    const mine = Promise.all([before, this.#wait(ms, signal).catch(() => {})]).then(() => {});
    this.#pause = mine;
    this.#tell(undefined);
    await mine;
    if (this.#pause === mine) {
      this.#pause = undefined;
      this.pausedMs = 0;
      this.#tell(undefined);
    }
  }

  /** @param {Entry} entry @param {Partial<Entry>} change */
  #set(entry, change) {
    Object.assign(entry, change);
    this.#tell(entry);
  }

  /** @param {Entry | undefined} entry */
  #tell(entry) {
    this.#ways.changed?.(entry);
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<void>} */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", over);
      resolve();
    }, ms);
    if (signal.aborted) over();
    else signal.addEventListener("abort", over, { once: true });
  });
}
