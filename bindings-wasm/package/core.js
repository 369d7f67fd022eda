// The classes that users see, around those of the WebAssembly module. Nothing here knows where the module comes from.

import { NagalmError } from "./error.js";
import * as native from "./wasm/glue.js";

export { NagalmError };

/** Whether the module is there, which of its two builds it is, and whether it broke down. */
let ready = false;
let isSimd = false;
let broken = false;
let starting;

/**
 * Starts the module once; whoever asks meanwhile waits for the same start, and whoever asks later gets it at once.
 *
 * @param {boolean} useSimd
 * @param {() => Promise<WebAssembly.Module>} compile
 */
export function start(useSimd, compile) {
  starting ??= compile()
    .then((module) => native.default({ module_or_path: module }))
    .then(
      () => started(useSimd),
      (e) => {
        starting = undefined;
        throw e instanceof NagalmError ? e : new NagalmError("internal", `the WebAssembly module did not start: ${e}`, { cause: e });
      },
    );
  return starting;
}

/**
 * The same, of a module that is compiled already, without waiting.
 *
 * @param {boolean} useSimd
 * @param {() => WebAssembly.Module} compile
 */
export function startSync(useSimd, compile) {
  if (ready) return;
  native.initSync({ module: compile() });
  started(useSimd);
  starting = Promise.resolve();
}

function started(useSimd) {
  ready = true;
  isSimd = useSimd;
}

/** Whether this browser has the 128-bit vectors that one of the two builds needs. */
export function hasSimd() {
  // A module with one function, which gives the zero vector's popcount.
  return WebAssembly.validate(
    new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
    ]),
  );
}

/** Whether the build with 128-bit vectors was started. */
export function simd() {
  return isSimd;
}

/** The library's version, as it stands in every report. The build sees to it that it is. */
export const version = "0.1.0";

/** Bytes of the module's memory, which never shrinks: of registries, and of what scanning needs. */
export function memoryBytes() {
  return guarded(() => native.memoryBytes());
}

/**
 * Runs what calls into the module. A trap leaves its memory in a state that nobody knows: from then on nothing runs any more.
 *
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
function guarded(call) {
  if (!ready) throw new NagalmError("input", "nagalm is not started: await init() first");
  if (broken) throw new NagalmError("internal", "nagalm broke down before: start it anew, in a new worker or by loading the page again");
  try {
    return call();
  } catch (e) {
    // Stacks that overflow are RangeErrors; a module that fails otherwise throws RuntimeErrors.
    if (e instanceof WebAssembly.RuntimeError || e instanceof RangeError) {
      broken = true;
      throw new NagalmError("internal", `nagalm broke down, which is a fault of its own: ${e.message}. It has to be started anew`, { cause: e });
    }
    throw e;
  }
}

/** The module's object behind one of ours. */
const inner = new WeakMap();

/**
 * @template T
 * @param {object} object
 * @param {(held: any) => T} call
 * @returns {T}
 */
function using(object, call) {
  return guarded(() => {
    const held = inner.get(object);
    if (held === undefined) throw new NagalmError("input", "this object was freed");
    return call(held);
  });
}

function free(object) {
  const held = inner.get(object);
  inner.delete(object);
  // What broke down is not touched again.
  if (held !== undefined && !broken) held.free();
}

/** JSON of what the caller gave. */
function json(value, what) {
  let written;
  try {
    written = JSON.stringify(value);
  } catch (e) {
    throw new NagalmError("input", `${what} cannot be written as JSON: ${e instanceof Error ? e.message : e}`, { cause: e });
  }
  if (written === undefined) throw new NagalmError("input", `${what} cannot be written as JSON`);
  return written;
}

function text(value, what) {
  if (typeof value !== "string") throw new NagalmError("input", `${what} must be a string`);
  return value;
}

const MADE = Symbol("made by one of the static methods");

export class Registry {
  constructor(made, held) {
    if (made !== MADE) throw new NagalmError("input", "use Registry.fromTexts, Registry.fromBytes or Registry.fromStream");
    inner.set(this, held);
  }

  static fromTexts(works) {
    const written = [];
    for (const work of works) {
      if (typeof work !== "object" || work === null || Array.isArray(work)) {
        throw new NagalmError("input", `work number ${written.length} (from 0) is no object`);
      }
      written.push(json(work, `work number ${written.length} (from 0)`));
    }
    return guarded(() => new Registry(MADE, native.Registry.fromTexts(written)));
  }

  static fromBytes(bytes, options) {
    if (!(bytes instanceof Uint8Array)) throw new NagalmError("input", "the bytes of a registry come as a Uint8Array");
    const incoming = new Incoming(bytes.length);
    try {
      incoming.append(bytes);
      return incoming.open(options);
    } finally {
      incoming.free();
    }
  }

  static async fromStream(stream, size, options) {
    if (!Number.isSafeInteger(size) || size < 0) throw new NagalmError("input", "the size of a registry is a number of bytes");
    const reader = stream.getReader();
    let incoming;
    let ended = false;
    const next = async () => {
      const { done, value } = await reader.read();
      ended = done;
      if (!done && !(value instanceof Uint8Array)) throw new NagalmError("input", "the stream gives something other than a Uint8Array");
      return value;
    };
    try {
      let chunk = await next();
      // Works may be packed by gzip: how large they are is known when they are unpacked.
      if (chunk?.[0] === 0x1f && chunk[1] === 0x8b) return Registry.fromBytes(await unpacked(chunk, next), options);
      incoming = new Incoming(size);
      for (; chunk !== undefined; chunk = await next()) incoming.append(chunk);
      return incoming.open(options);
    } finally {
      incoming?.free();
      // Whoever sends it need not send the rest; that this fails, too, is no news.
      if (!ended) reader.cancel().catch(() => {});
      reader.releaseLock();
    }
  }

  get contentHash() {
    return using(this, (held) => held.contentHash);
  }

  info() {
    return JSON.parse(using(this, (held) => held.info()));
  }

  sealInfo() {
    const info = using(this, (held) => held.sealInfo());
    return info === undefined ? undefined : JSON.parse(info);
  }

  works() {
    return JSON.parse(using(this, (held) => held.works()));
  }

  work(workId) {
    const work = using(this, (held) => held.work(text(workId, "a work_id")));
    return work === undefined ? undefined : JSON.parse(work);
  }

  free() {
    free(this);
  }
}

/**
 * The bytes that gzip packed.
 *
 * @param {Uint8Array} first
 * @param {() => Promise<Uint8Array | undefined>} next
 */
async function unpacked(first, next) {
  const packed = new ReadableStream({
    start: (controller) => controller.enqueue(first),
    async pull(controller) {
      const chunk = await next();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
  try {
    return new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  } catch (e) {
    if (e instanceof NagalmError) throw e;
    throw new NagalmError("corrupt", `it is packed by gzip, and cannot be unpacked: ${e instanceof Error ? e.message : e}`, { cause: e });
  }
}

/** The bytes of a file on their way into one piece of the module's memory. */
class Incoming {
  constructor(size) {
    inner.set(this, guarded(() => new native.Incoming(size)));
  }

  append(chunk) {
    using(this, (held) => held.append(chunk));
  }

  open({ trust = [], unverified = false } = {}) {
    const keys = Array.from(trust, (key) => text(key, "a key of `trust`"));
    return using(this, (held) => {
      // It is used up by this, whatever comes of it.
      inner.delete(this);
      return new Registry(MADE, held.open(keys, Boolean(unverified)));
    });
  }

  free() {
    free(this);
  }
}

export class Scanner {
  constructor(registry, settings = {}) {
    const { max_evalue, min_words, verbatim_only = false, quote = true, always_hash = true } = settings;
    if (max_evalue !== undefined && typeof max_evalue !== "number") throw new NagalmError("input", "max_evalue must be a number");
    if (min_words !== undefined && !(Number.isInteger(min_words) && min_words >= 0 && min_words < 2 ** 32)) {
      throw new NagalmError("input", "min_words must be a number of words");
    }
    if (!(registry instanceof Registry)) throw new NagalmError("input", "a scanner is made over a Registry");
    const held = using(
      registry,
      (registry) =>
        new native.Scanner(registry, max_evalue, min_words, Boolean(verbatim_only), Boolean(quote), Boolean(always_hash)),
    );
    inner.set(this, held);
  }

  scan(output, { id = "", fields } = {}) {
    text(output, "the text to scan");
    const name = typeof id === "number" ? String(id) : text(id, "the id");
    if (fields !== undefined && (typeof fields !== "object" || fields === null || Array.isArray(fields))) {
      throw new NagalmError("input", "the fields must be an object");
    }
    const others = fields === undefined ? undefined : json(fields, "the fields");
    const answer = using(this, (held) => held.scan(output, name, others));
    // A second line has the report again where its offsets are others in UTF-16.
    const end = answer.indexOf("\n");
    return report(end < 0 ? answer : answer.slice(end + 1), end < 0 ? answer : answer.slice(0, end));
  }

  free() {
    free(this);
  }
}

/** Gives what it is given: so that a class below it can put a private field on that. */
class Given {
  constructor(object) {
    return object;
  }
}

export class Report extends Given {
  #line;

  constructor(made, data, line) {
    if (made !== MADE) throw new NagalmError("input", "reports are made by Scanner.scan");
    super(data);
    this.#line = line;
  }

  json() {
    return this.#line;
  }
}

/** A report out of its JSON: the very object that was read, since to copy it would take as long again. */
function report(data, line) {
  const read = JSON.parse(data);
  read.offset_unit = "utf16";
  // Of the caller's own fields one may be called like the method, which stays.
  if (Object.hasOwn(read, "json")) delete read.json;
  return Object.setPrototypeOf(new Report(MADE, read, line), Report.prototype);
}

for (const disposable of [Registry, Scanner]) {
  if (Symbol.dispose) disposable.prototype[Symbol.dispose] = disposable.prototype.free;
}
