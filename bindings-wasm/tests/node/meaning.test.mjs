// The second module: vectors and their neighbours, the same from both builds and natively; works by meaning, as the command line says it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { command, fresh, invented, kind, lines, temporary, withoutBinary } from "./common.mjs";

const unstarted = await fresh("meaning-node.js");
assert.throws(() => unstarted.VectorIndex.fromVectors(new Float32Array(4), 4), { name: "NagalmError", kind: "input" });
const simd = await fresh("meaning-node.js");
await simd.init({ simd: true });
const scalar = await fresh("meaning-node.js");
scalar.initSync({ simd: false });
const builds = [simd, scalar];

const DIMENSIONS = 100;

/** Vectors of length 1, in bundles, the same everywhere: `core/src/neighbour/index/tests.rs` makes them, too. */
function vectors(count, seed) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) - 8388607.5;
  };
  const centres = Array.from({ length: 64 }, () => Array.from({ length: DIMENSIONS }, next));
  const all = new Float32Array(count * DIMENSIONS);
  for (let row = 0; row < count; row++) {
    const vector = centres[row % 64].map((centre) => centre + next());
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    vector.forEach((x, k) => (all[row * DIMENSIONS + k] = x / length));
  }
  return all;
}

const sha256 = (...arrays) => {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
};

const rows = vectors(5000, 1);
const queries = rows.subarray(0, 50 * DIMENSIONS).map((x, k) => x + (k % 7) / 100);
const indexes = builds.map((nagalm) => nagalm.VectorIndex.fromVectors(rows, DIMENSIONS));

test("which build runs, and its version", () => {
  assert.deepEqual([simd.simd(), scalar.simd(), simd.hasSimd()], [true, false, true]);
  assert.match(simd.version, /^\d+\.\d+\.\d+$/);
  assert.ok(simd.memoryBytes() > 5000 * DIMENSIONS * 4);
});

test("both builds make the index, and find in it, what the library does elsewhere, to the bit", () => {
  for (const index of indexes) {
    const found = index.search(queries, 10);
    const exact = index.search(queries, 10, { exact: true });
    assert.deepEqual(
      [sha256(index.toBytes()), sha256(found.rows, found.similarities), sha256(exact.rows, exact.similarities)],
      // `the_same_bytes_in_browsers` in core/src/neighbour/index/tests.rs has these, too.
      [
        "db561fba162f77be33eac305ccc3dd0a3d55568ab2bc9d7be7655c8e132e9eb2",
        "ccfb2f87c118cce20afe27053f2e0f367581f0f8dc756df326ff44745f28e12c",
        "e3561fc70d100bd7f0b21db00e2ad4789e57ce906874305dec81b2deabe1acbb",
      ],
    );
  }
});

test("exact search misses none, a walk little", () => {
  const [index] = indexes;
  const exact = index.search(queries, 10, { exact: true });
  const walk = index.search(queries, 10);
  assert.deepEqual([exact.each, exact.rows.length, walk.similarities.length], [10, 500, 500]);
  let hits = 0;
  for (let query = 0; query < 50; query++) {
    const vector = queries.subarray(query * DIMENSIONS, (query + 1) * DIMENSIONS);
    const length = Math.hypot(...vector);
    const similarity = (row) => vector.reduce((sum, x, k) => sum + (x / length) * rows[row * DIMENSIONS + k], 0);
    const all = Array.from({ length: 5000 }, (_, row) => [similarity(row), row]).sort((a, b) => b[0] - a[0]);
    const own = exact.rows.subarray(query * 10, query * 10 + 10);
    all.slice(0, 10).forEach(([near], k) => assert.ok(Math.abs(near - exact.similarities[query * 10 + k]) < 1e-5));
    hits += own.filter((row) => walk.rows.subarray(query * 10, query * 10 + 10).includes(row)).length;
  }
  assert.ok(hits >= 480, `${hits} of 500`);
});

test("one query and many find the same", () => {
  for (const exact of [false, true]) {
    const together = indexes[0].search(queries, 5, { exact });
    for (const query of [0, 17, 49]) {
      const alone = indexes[0].search(queries.subarray(query * DIMENSIONS, (query + 1) * DIMENSIONS), 5, { exact });
      assert.deepEqual(alone.rows, together.rows.slice(query * 5, query * 5 + 5));
      assert.deepEqual(alone.similarities, together.similarities.slice(query * 5, query * 5 + 5));
    }
  }
});

test("an index comes back from its bytes", async () => {
  const bytes = indexes[0].toBytes();
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 100_001) controller.enqueue(bytes.subarray(at, at + 100_001));
        controller.close();
      },
    });
  for (const index of [simd.VectorIndex.fromBytes(bytes), await scalar.VectorIndex.fromStream(stream(), bytes.length)]) {
    assert.deepEqual([index.length, index.dimensions], [5000, DIMENSIONS]);
    assert.equal(index.bytes.all, bytes.length);
    assert.ok(index.bytes.searched < bytes.length / 2);
    assert.deepEqual(index.row(7), rows.slice(7 * DIMENSIONS, 8 * DIMENSIONS));
    assert.equal(index.row(5000), undefined);
    assert.deepEqual(index.search(queries, 3), indexes[0].search(queries, 3));
    const misses = (width) => {
      index.setWidth(width);
      const exact = index.search(queries, 10, { exact: true }).rows;
      const walk = index.search(queries, 10).rows;
      return exact.filter((row, k) => !walk.subarray(k - (k % 10), k - (k % 10) + 10).includes(row)).length;
    };
    assert.ok(misses(400) <= misses(20));
    assert.ok(misses(400) <= 5);
    assert.throws(() => index.setWidth(0), { kind: "input" });
    index.free();
  }
  await assert.rejects(simd.VectorIndex.fromStream(stream(), bytes.length - 1), { kind: "input" });
  await assert.rejects(simd.VectorIndex.fromStream(stream(), bytes.length + 1), { kind: "input" });
  await assert.rejects(simd.VectorIndex.fromStream(stream(), -1), { kind: "input" });
});

test("damaged bytes are refused", () => {
  const bytes = indexes[0].toBytes();
  for (const at of [0, 9, 100, 191, 200, bytes.length >> 1, bytes.length - 1]) {
    const hurt = bytes.slice();
    hurt[at] ^= 0x40;
    assert.match(kind(simd, () => simd.VectorIndex.fromBytes(hurt)), /corrupt|version/, `byte ${at}`);
  }
  for (const length of [0, 3, 191, bytes.length - 1]) {
    assert.equal(kind(simd, () => simd.VectorIndex.fromBytes(bytes.subarray(0, length))), "corrupt", `${length} bytes`);
  }
  assert.equal(indexes[0].search(queries, 1).each, 1);
});

test("wrong arguments are refused, and harm nobody", () => {
  const refused = (call) => assert.equal(kind(simd, call), "input");
  const unit = new Float32Array([1, 0, 0, 0]);
  refused(() => new simd.VectorIndex());
  refused(() => new simd.Model());
  refused(() => new simd.Neighbours());
  refused(() => simd.VectorIndex.fromVectors([1, 0], 2));
  refused(() => simd.VectorIndex.fromVectors(unit, 0));
  refused(() => simd.VectorIndex.fromVectors(unit, 3));
  refused(() => simd.VectorIndex.fromVectors(unit, 2 ** 31));
  refused(() => simd.VectorIndex.fromVectors(unit, 5000));
  refused(() => simd.VectorIndex.fromVectors(new Float32Array([2, 0]), 2));
  refused(() => simd.VectorIndex.fromVectors(new Float32Array([NaN, 0]), 2));
  refused(() => simd.VectorIndex.fromBytes("bytes"));
  const index = simd.VectorIndex.fromVectors(unit, 4);
  refused(() => index.search(unit.subarray(1), 1));
  refused(() => index.search(new Float32Array(4), 1));
  refused(() => index.search(new Float32Array([Infinity, 0, 0, 0]), 1));
  refused(() => index.search(unit, 0));
  refused(() => index.search(unit, 1.5));
  refused(() => index.search(Array.from(unit), 1));
  refused(() => index.row(-1));
  refused(() => simd.Model.fromBytes(new Uint8Array(1), "tokenizer"));
  assert.equal(kind(simd, () => simd.Model.fromBytes(new Uint8Array(9), new Uint8Array(9))), "model");
  assert.deepEqual(index.search(unit, 2 ** 32 - 1), { rows: new Uint32Array([0]), similarities: new Float32Array([1]), each: 1 });
  assert.deepEqual(index.search(new Float32Array(0), 3).rows, new Uint32Array(0));
  index.free();
  index.free();
  assert.throws(() => index.search(unit, 1), { kind: "input", message: /freed/ });
});

// --- with a model: words of a small table

const WORDS = [..."ship sea grey cold went down rose garden wall june grow beside boat ocean the in by a 😀 é".split(" ")];

/** The files of a static embedding: like words lie near each other. */
function model() {
  const vocabulary = Object.fromEntries(["[UNK]", ...WORDS].map((word, id) => [word, id]));
  const like = { boat: "ship", ocean: "sea" };
  const dimensions = 16;
  const table = new Float32Array((WORDS.length + 1) * dimensions);
  for (const [word, id] of Object.entries(vocabulary)) {
    if (id === 0) continue;
    const bytes = createHash("sha256").update(like[word] ?? word).digest();
    const own = createHash("sha256").update(word).digest();
    for (let k = 0; k < dimensions; k++) table[id * dimensions + k] = (bytes[k] - 127.5 + (own[k] - 127.5) / 8) / 128;
  }
  const header = JSON.stringify({ embeddings: { dtype: "F32", shape: [WORDS.length + 1, dimensions], data_offsets: [0, table.byteLength] } });
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const weights = new Uint8Array(8 + padded.length + table.byteLength);
  new DataView(weights.buffer).setBigUint64(0, BigInt(padded.length), true);
  weights.set(new TextEncoder().encode(padded), 8);
  weights.set(new Uint8Array(table.buffer), 8 + padded.length);
  const tokenizer = new TextEncoder().encode(
    JSON.stringify({
      version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: { type: "Lowercase" },
      pre_tokenizer: { type: "Whitespace" }, post_processor: null, decoder: null,
      model: { type: "WordLevel", vocab: vocabulary, unk_token: "[UNK]" },
    }),
  );
  return { weights, tokenizer, dimensions };
}

const files = model();
const works = [
  { work_id: "sea", title: "The Sea", text: "😀 The ship went down in the cold grey sea\nby a wall in the cold" },
  { work_id: "roses", text: "Roses é grow beside the garden wall in June" },
  { work_id: "again", text: "The ship went down, in the cold, grey sea!" },
  ...Array.from({ length: 40 }, (_, k) => ({ work_id: `other-${k}`, text: invented(k, 60) })),
];
const text = "é 😀: the boat went down in the cold grey ocean. In June a rose grows beside the wall 😀";

test("a model says what it is, and embeds", () => {
  const vectors = builds.map((nagalm) => {
    const model = nagalm.Model.fromBytes(files.weights, files.tokenizer, { name: "words" });
    const { name, dimensions, pooling, window, hash } = model.info();
    assert.deepEqual([name, dimensions, pooling, window, hash.length], ["words", 16, "mean", 512, 64]);
    assert.deepEqual(model.embed([]), new Float32Array(0));
    assert.equal(kind(nagalm, () => model.embed(["a", 5])), "input");
    return model.embed(["ship", "boat", "wall", "\ud800"]);
  });
  assert.deepEqual(vectors[0], vectors[1]);
  const [ship, boat, wall] = [0, 1, 2].map((k) => vectors[0].subarray(16 * k, 16 * k + 16));
  const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
  assert.ok(dot(ship, boat) > 0.9 && dot(ship, wall) < 0.8);
});

test("passages of works that are nearest, with offsets in UTF-16, from both builds", () => {
  const answers = builds.map((nagalm) => {
    const model = nagalm.Model.fromBytes(files.weights, files.tokenizer, { paraphrases: { mean: 0.9, deviation: 0.1 } });
    const neighbours = nagalm.Neighbours.fromTexts(works, model);
    model.free();
    assert.equal(neighbours.info().works, works.length);
    const found = neighbours.nearest(text, 3);
    assert.deepEqual(neighbours.nearest("", 3), []);
    assert.equal(neighbours.nearest(`${text}\ud800`).length, found.length);
    neighbours.free();
    assert.equal(kind(nagalm, () => neighbours.nearest(text)), "input");
    return found;
  });
  assert.deepEqual(answers[0], answers[1]);
  assert.ok(answers[0].length >= 1);
  for (const passage of answers[0]) {
    assert.equal(text.slice(passage.start, passage.end), passage.text);
    assert.equal(passage.neighbours.length, 3);
    for (const near of passage.neighbours) {
      const work = works.find(({ work_id }) => work_id === near.work_id);
      assert.equal(work.text.slice(near.start, near.end), near.text);
      assert.equal(near.title, work.title);
      assert.ok(near.similarity <= 1.0001 && near.evalue > 0 && near.probability >= 0 && near.probability <= 1);
    }
  }
});

test("what is no work, or no model, is refused", () => {
  const model = simd.Model.fromBytes(files.weights, files.tokenizer);
  const refused = (call) => assert.equal(kind(simd, call), "input");
  refused(() => simd.Neighbours.fromTexts(works, {}));
  refused(() => simd.Neighbours.fromTexts(["text"], model));
  refused(() => simd.Neighbours.fromTexts([{ work_id: "a" }], model));
  refused(() => simd.Model.fromBytes(files.weights, files.tokenizer, { paraphrases: { mean: 2, deviation: 0 } }));
  assert.equal(simd.Neighbours.fromTexts([], model).nearest(text)[0].neighbours.length, 0);
  const hurt = files.weights.slice();
  hurt.fill(0xff, hurt.length - 4);
  assert.equal(kind(simd, () => simd.Model.fromBytes(hurt, files.tokenizer)), "model");
  assert.equal(kind(simd, () => simd.Model.fromBytes(files.weights.subarray(0, 300), files.tokenizer)), "model");
});

test("the command line finds the same", { skip: withoutBinary }, (t) => {
  const folder = temporary(t);
  const file = (name, content) => (writeFileSync(join(folder, name), content), join(folder, name));
  mkdirSync(join(folder, "model"));
  file("model/model.safetensors", files.weights);
  file("model/tokenizer.json", files.tokenizer);
  file("model/config.json", '{"model_type": "model2vec"}');
  const registry = join(folder, "works.nagalm");
  const arguments_ = ["--model-dir", join(folder, "model")];
  command("register", registry, file("works.jsonl", lines(works)));
  command("embed", registry, "--model", "words", ...arguments_);
  const told = command("neighbours", registry, file("text.txt", text), "-k", "4", ...arguments_);
  const bytes = (string) => Buffer.byteLength(string);
  for (const nagalm of builds) {
    const neighbours = nagalm.Neighbours.fromTexts(works, nagalm.Model.fromBytes(files.weights, files.tokenizer));
    const found = neighbours.nearest(text, 4).map((passage) => ({
      start: bytes(text.slice(0, passage.start)),
      end: bytes(text.slice(0, passage.end)),
      text: passage.text,
      neighbours: passage.neighbours.map(({ evalue, title = null, start, end, ...near }) => {
        const work = works.find(({ work_id }) => work_id === near.work_id).text;
        return { ...near, title, start: bytes(work.slice(0, start)), end: bytes(work.slice(0, end)) };
      }),
    }));
    assert.deepEqual(found, told.split("\n").slice(0, -1).map((line) => JSON.parse(line)));
  }
});

test("it runs beside the first module", async () => {
  const first = await fresh();
  await first.init();
  assert.equal(first.Registry.fromTexts(works).info().works, works.length);
});
