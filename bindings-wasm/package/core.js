// The classes that users see, around those of the WebAssembly module. Nothing here knows where the module comes from.

import { NagalmError } from "./error.js";
import { MADE, bytesOf, disposable, instance, json, received, text, worksAsJson } from "./instance.js";
import * as native from "./wasm/glue.js";

export { NagalmError };

const { start, startSync, simd, guarded, hold, using, usingUp, free } = instance(native, "nagalm");
export { simd, start, startSync };

/** Bytes of the module's memory, which never shrinks: of registries, and of what scanning needs. */
export function memoryBytes() {
  return guarded(() => native.memoryBytes());
}

export class Registry {
  constructor(made, held) {
    if (made !== MADE) throw new NagalmError("input", "use Registry.fromTexts, Registry.fromBytes or Registry.fromStream");
    hold(this, held);
  }

  static fromTexts(works) {
    const written = worksAsJson(works);
    return guarded(() => new Registry(MADE, native.Registry.fromTexts(written)));
  }

  static fromBytes(bytes, options) {
    bytesOf(bytes, "the bytes of a registry");
    const incoming = new Incoming(bytes.length);
    try {
      incoming.append(bytes);
      return incoming.open(options);
    } finally {
      incoming.free();
    }
  }

  static async fromStream(stream, size, options) {
    return received(stream, size, async (next) => {
      let chunk = await next();
      // Works may be packed by gzip: how large they are is known when they are unpacked.
      if (chunk?.[0] === 0x1f && chunk[1] === 0x8b) return Registry.fromBytes(await unpacked(chunk, next), options);
      const incoming = new Incoming(size);
      try {
        for (; chunk !== undefined; chunk = await next()) incoming.append(chunk);
        return incoming.open(options);
      } finally {
        incoming.free();
      }
    });
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
    hold(this, guarded(() => new native.Incoming(size)));
  }

  append(chunk) {
    using(this, (held) => held.append(chunk));
  }

  open({ trust = [], unverified = false } = {}) {
    const keys = Array.from(trust, (key) => text(key, "a key of `trust`"));
    return usingUp(this, (held) => new Registry(MADE, held.open(keys, Boolean(unverified))));
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
    hold(this, held);
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

disposable(Registry, Scanner);
