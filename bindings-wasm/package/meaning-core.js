// The classes of the second module, around those of its WebAssembly. Nothing here knows where the module comes from.

import { NagalmError } from "./error.js";
import { MADE, bytesOf, disposable, instance, received, text, worksAsJson } from "./instance.js";
import * as native from "./wasm/meaning-glue.js";

export { NagalmError };

const { start, startSync, simd, guarded, hold, using, usingUp, free } = instance(native, "nagalm/meaning");
export { simd, start, startSync };

/** Bytes of the module's memory, which never shrinks: of models and vectors, and of what searching needs. */
export function memoryBytes() {
  return guarded(() => native.memoryBytes());
}

function floats(value, what) {
  if (!(value instanceof Float32Array)) throw new NagalmError("input", `${what} come as a Float32Array`);
  return value;
}

/** A number of things that 32 bits can count. */
function count(value, what) {
  if (!(Number.isInteger(value) && value >= 1 && value < 2 ** 32)) throw new NagalmError("input", `${what} must be a number from 1 on`);
  return value;
}

export class VectorIndex {
  constructor(made, held) {
    if (made !== MADE) throw new NagalmError("input", "use VectorIndex.fromVectors, VectorIndex.fromBytes or VectorIndex.fromStream");
    hold(this, held);
  }

  static fromVectors(vectors, dimensions) {
    floats(vectors, "vectors");
    count(dimensions, "the dimensions");
    return guarded(() => new VectorIndex(MADE, native.VectorIndex.fromVectors(vectors, dimensions)));
  }

  static fromBytes(bytes) {
    bytesOf(bytes, "the bytes of an index");
    const incoming = new Incoming(bytes.length);
    try {
      incoming.append(bytes);
      return incoming.open();
    } finally {
      incoming.free();
    }
  }

  static fromStream(stream, size) {
    return received(stream, size, async (next) => {
      const incoming = new Incoming(size);
      try {
        for (let chunk = await next(); chunk !== undefined; chunk = await next()) incoming.append(chunk);
        return incoming.open();
      } finally {
        incoming.free();
      }
    });
  }

  get length() {
    return using(this, (held) => held.length);
  }

  get dimensions() {
    return using(this, (held) => held.dimensions);
  }

  get bytes() {
    const [searched, all] = using(this, (held) => held.bytes());
    return { searched, all };
  }

  row(number) {
    if (!(Number.isInteger(number) && number >= 0 && number < 2 ** 32)) throw new NagalmError("input", "a row has a number from 0 on");
    return using(this, (held) => held.row(number));
  }

  setWidth(width) {
    count(width, "the width of a walk");
    using(this, (held) => held.setWidth(width));
  }

  search(queries, k, { exact = false } = {}) {
    floats(queries, "queries");
    count(k, "k");
    return using(this, (held) => {
      const found = held.search(queries, k, Boolean(exact));
      const answer = { rows: found.takeRows(), similarities: found.takeSimilarities(), each: Math.min(k, held.length) };
      found.free();
      return answer;
    });
  }

  toBytes() {
    return using(this, (held) => held.toBytes());
  }

  free() {
    free(this);
  }
}

/** The bytes of an index on their way into one piece of the module's memory. */
class Incoming {
  constructor(size) {
    hold(this, guarded(() => new native.IncomingIndex(size)));
  }

  append(chunk) {
    using(this, (held) => held.append(chunk));
  }

  open() {
    return usingUp(this, (held) => new VectorIndex(MADE, held.open()));
  }

  free() {
    free(this);
  }
}

export class Model {
  constructor(made, held) {
    if (made !== MADE) throw new NagalmError("input", "use Model.fromBytes");
    hold(this, held);
  }

  static fromBytes(weights, tokenizer, { name = "static", paraphrases } = {}) {
    bytesOf(weights, "the weights of a model");
    bytesOf(tokenizer, "the bytes of a tokenizer");
    text(name, "a model's name");
    const { mean, deviation } = paraphrases ?? {};
    if (paraphrases !== undefined && !(mean >= 0 && mean <= 1 && deviation > 0 && deviation <= 1)) {
      throw new NagalmError("input", "paraphrases have a mean from 0 to 1 and a deviation above 0");
    }
    return guarded(() => new Model(MADE, native.Model.fromBytes(name, weights, tokenizer, mean, deviation)));
  }

  info() {
    return JSON.parse(using(this, (held) => held.info()));
  }

  embed(texts) {
    const all = Array.from(texts, (each, number) => text(each, `text number ${number} (from 0)`));
    return using(this, (held) => held.embed(all));
  }

  free() {
    free(this);
  }
}

export class Neighbours {
  constructor(made, held) {
    if (made !== MADE) throw new NagalmError("input", "use Neighbours.fromTexts");
    hold(this, held);
  }

  static fromTexts(works, model) {
    if (!(model instanceof Model)) throw new NagalmError("input", "neighbours are found with a Model");
    const written = worksAsJson(works);
    return using(model, (model) => new Neighbours(MADE, native.Neighbours.fromTexts(written, model)));
  }

  info() {
    return JSON.parse(using(this, (held) => held.info()));
  }

  nearest(output, k = 10) {
    text(output, "the text");
    count(k, "k");
    return JSON.parse(using(this, (held) => held.nearest(output, k)));
  }

  free() {
    free(this);
  }
}

disposable(VectorIndex, Model, Neighbours);
