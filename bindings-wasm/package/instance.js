// What a WebAssembly module of this package needs around it, whichever it is: that it is started once, which of its two builds runs,
// that nothing calls into it once it broke down, and which of its objects stands behind one of ours.

import { NagalmError } from "./error.js";

/**
 * @param {any} glue what wasm-bindgen made for it
 * @param {string} name what its users call it
 */
export function instance(glue, name) {
  /** Whether the module is there, which of its two builds it is, and whether it broke down. */
  let ready = false;
  let isSimd = false;
  let broken = false;
  let starting;
  /** The module's object behind one of ours. */
  const inner = new WeakMap();

  function started(useSimd) {
    ready = true;
    isSimd = useSimd;
  }

  /**
   * Starts the module once; whoever asks meanwhile waits for the same start, and whoever asks later gets it at once.
   *
   * @param {boolean} useSimd
   * @param {() => Promise<WebAssembly.Module>} compile
   */
  function start(useSimd, compile) {
    starting ??= compile()
      .then((module) => glue.default({ module_or_path: module }))
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
  function startSync(useSimd, compile) {
    if (ready) return;
    glue.initSync({ module: compile() });
    started(useSimd);
    starting = Promise.resolve();
  }

  /** Whether the build with 128-bit vectors was started. */
  function simd() {
    return isSimd;
  }

  /**
   * Runs what calls into the module. A trap leaves its memory in a state that nobody knows: from then on nothing runs any more.
   *
   * @template T
   * @param {() => T} call
   * @returns {T}
   */
  function guarded(call) {
    if (!ready) throw new NagalmError("input", `${name} is not started: await init() first`);
    if (broken) throw new NagalmError("internal", `${name} broke down before: start it anew, in a new worker or by loading the page again`);
    try {
      return call();
    } catch (e) {
      // Stacks that overflow are RangeErrors; a module that fails otherwise throws RuntimeErrors.
      if (e instanceof WebAssembly.RuntimeError || e instanceof RangeError) {
        broken = true;
        throw new NagalmError("internal", `${name} broke down, which is a fault of its own: ${e.message}. It has to be started anew`, { cause: e });
      }
      throw e;
    }
  }

  function hold(object, held) {
    inner.set(object, held);
  }

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

  /** What a call uses up is nobody's any more, whatever comes of it. */
  function usingUp(object, call) {
    return using(object, (held) => {
      inner.delete(object);
      return call(held);
    });
  }

  function free(object) {
    const held = inner.get(object);
    inner.delete(object);
    // What broke down is not touched again.
    if (held !== undefined && !broken) held.free();
  }

  return { start, startSync, simd, guarded, hold, using, usingUp, free };
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

/** The library's version, as it stands in every report. The build sees to it that it is. */
export const version = "0.1.0";

/** Made by one of a class's static methods. */
export const MADE = Symbol("made by one of the static methods");

/** JSON of what the caller gave. */
export function json(value, what) {
  let written;
  try {
    written = JSON.stringify(value);
  } catch (e) {
    throw new NagalmError("input", `${what} cannot be written as JSON: ${e instanceof Error ? e.message : e}`, { cause: e });
  }
  if (written === undefined) throw new NagalmError("input", `${what} cannot be written as JSON`);
  return written;
}

export function text(value, what) {
  if (typeof value !== "string") throw new NagalmError("input", `${what} must be a string`);
  return value;
}

/** Each of some works as JSON. */
export function worksAsJson(works) {
  const written = [];
  for (const work of works) {
    if (typeof work !== "object" || work === null || Array.isArray(work)) {
      throw new NagalmError("input", `work number ${written.length} (from 0) is no object`);
    }
    written.push(json(work, `work number ${written.length} (from 0)`));
  }
  return written;
}

export function bytesOf(value, what) {
  if (!(value instanceof Uint8Array)) throw new NagalmError("input", `${what} come as a Uint8Array`);
  return value;
}

/**
 * Lets `use` have a stream's chunks, one after the other, and lets go of the stream.
 *
 * @template T
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} size
 * @param {(next: () => Promise<Uint8Array | undefined>) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function received(stream, size, use) {
  if (!Number.isSafeInteger(size) || size < 0) throw new NagalmError("input", "the size of what comes is a number of bytes");
  const reader = stream.getReader();
  let ended = false;
  const next = async () => {
    const { done, value } = await reader.read();
    ended = done;
    if (!done && !(value instanceof Uint8Array)) throw new NagalmError("input", "the stream gives something other than a Uint8Array");
    return value;
  };
  try {
    return await use(next);
  } finally {
    // Whoever sends it need not send the rest; that this fails, too, is no news.
    if (!ended) reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** Lets `using` declarations free what lies in a module's memory. */
export function disposable(...classes) {
  for (const each of classes) {
    if (Symbol.dispose) each.prototype[Symbol.dispose] = each.prototype.free;
  }
}
