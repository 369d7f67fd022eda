/** Neighbours in meaning: what no copied word betrays. The package's second module, loaded when it is asked for. */

import type { InitOptions, Work } from "./index.js";

export { NagalmError, hasSimd, version } from "./index.js";
export type { ErrorKind, InitOptions, Work } from "./index.js";

/**
 * Starts the second module: to be awaited once before anything else of it. It has memory of its own, and runs without the first. Of
 * `options`, `wasm` names one of *its* builds.
 */
export function init(options?: InitOptions): Promise<void>;
/** Whether the build with 128-bit vectors was started. */
export function simd(): boolean;
/** Bytes of this module's memory, which never shrinks: of models and vectors, and of what searching needs. */
export function memoryBytes(): number;

/** What a search found: for each query `each` rows, one query's behind the other's, the nearest first. */
export interface Found {
  /** Numbers of rows, in the order in which the vectors were given. */
  rows: Uint32Array;
  /** How like its query each is: the cosine, up to 1. The same bits on every machine. */
  similarities: Float32Array;
  /** `k`, or how many rows there are, if that is less. */
  each: number;
}

/**
 * Vectors, and those of them that are most like a query. From 4,096 different vectors on a graph is built, and searching walks through
 * it, which misses about one in a hundred. The index, and what it finds, are the same to the bit as those of the library elsewhere.
 */
export class VectorIndex {
  private constructor();
  /** Of vectors of length 1, one behind the other. Building takes seconds for ten thousand. */
  static fromVectors(vectors: Float32Array, dimensions: number): VectorIndex;
  /** Of its bytes, held to their checksums: what `toBytes` gives, or the library's `VectorIndex` elsewhere. */
  static fromBytes(bytes: Uint8Array): VectorIndex;
  /** The same as they come, so that they need not be in memory a second time. */
  static fromStream(stream: ReadableStream<Uint8Array>, size: number): Promise<VectorIndex>;
  /** Rows, equal ones counted each. */
  readonly length: number;
  /** Numbers in a vector. */
  readonly dimensions: number;
  /** Bytes in memory: those that a search looks through, and all, with the vectors in full. */
  readonly bytes: { searched: number; all: number };
  /** The vector of a row, where there is one. */
  row(number: number): Float32Array | undefined;
  /**
   * How many of the best a walk keeps: by default 100, and 14 more for each doubling from 2^18 vectors on. More of them miss less, and
   * take longer.
   */
  setWidth(width: number): void;
  /** The `k` rows most like each of some queries, which come one behind the other; many together are faster than one by one. */
  search(queries: Float32Array, k: number, options?: { exact?: boolean }): Found;
  toBytes(): Uint8Array;
  /** Gives the memory back; what uses it afterwards throws. */
  free(): void;
}

/** Which model made vectors. Vectors of one model say nothing beside those of another. */
export interface ModelInfo {
  name: string;
  /** BLAKE3 over its files, in hexadecimal. */
  hash: string;
  dimensions: number;
  pooling: string;
  /** Tokens of a passage that it reads. */
  window: number;
}

export interface ModelOptions {
  /** Its name, for people. */
  name?: string;
  /** Mean and standard deviation of the similarity of paraphrases, where they were measured: `probability` needs them. */
  paraphrases?: { mean: number; deviation: number };
}

/** A static embedding: a table with one vector for each token, as Model2Vec makes them. It is blind to the order of words. */
export class Model {
  private constructor();
  /** Of the bytes of `model.safetensors` and `tokenizer.json`. Throws an error of kind `model` where they are wrong. */
  static fromBytes(weights: Uint8Array, tokenizer: Uint8Array, options?: ModelOptions): Model;
  info(): ModelInfo;
  /** Vectors of length 1, one behind the other: of each text what the model reads of it. */
  embed(texts: Iterable<string>): Float32Array;
  free(): void;
}

/** A passage of the text that was asked about. `text.slice(start, end)` is it. */
export interface Passage {
  start: number;
  end: number;
  text: string;
  /** The nearest first, however far they are. */
  neighbours: Neighbour[];
}

/** A passage of a work that is near to another in meaning. */
export interface Neighbour {
  work_id: string;
  title?: string;
  /** The cosine of the vectors, up to 1. */
  similarity: number;
  /** How many passages of the text must be expected to have so near a neighbour by chance. */
  evalue: number;
  /** How probable it is that a nearest neighbour of this similarity is a paraphrase, if of passages one in two has one. */
  probability?: number;
  /** Where it stands in the work's text, in UTF-16. */
  start: number;
  end: number;
  text: string;
  /** Other works that have the same passage. */
  also_in: string[];
}

export interface NeighboursInfo {
  works: number;
  /** Equal ones counted each. */
  passages: number;
  /** Different ones. */
  vectors: number;
  searched_bytes: number;
  content_hash: string;
  model: string;
  model_hash: string;
}

/** The passages of works as vectors of a model. */
export class Neighbours {
  private constructor();
  /** Cuts works into passages and embeds them. The model may be freed afterwards. */
  static fromTexts(works: Iterable<Work>, model: Model): Neighbours;
  info(): NeighboursInfo;
  /** The `k` nearest passages of works (10) for each passage of a text; one of fewer than five words has none. */
  nearest(text: string, k?: number): Passage[];
  free(): void;
}
