// How fast the most similar vectors are found here and natively, on one core: the same index, the same queries, the same answers to
// the bit, in turns.
//
//     bindings-wasm/build
//     cargo build --release -p nagalm-wasm-meaning --example native-neighbours
//     node bindings-wasm/benches/neighbours.mjs [--vectors FILE.npy --queries FILE.npy] [--rows N] [--package FOLDER] [--native PROGRAM]
//         [--index FILE] [--exact N] [--rounds N] [--width N] [--chromium]
//
// Without files the vectors are made up, in bundles. Times are the processor's, so that those of others who use the machine count
// little; with `--chromium`, in a page, they are the clock's. `--index` keeps the index, which takes long to build.

import { spawn } from "node:child_process";
import { closeSync, createReadStream, fstatSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const { values } = parseArgs({
  options: {
    vectors: { type: "string" },
    queries: { type: "string" },
    rows: { type: "string", default: "200000" },
    package: { type: "string", default: join(target, "wasm/package") },
    native: { type: "string", default: join(target, "release/examples/native-neighbours") },
    index: { type: "string" },
    exact: { type: "string", default: "200" },
    width: { type: "string" },
    rounds: { type: "string", default: "5" },
    chromium: { type: "boolean", default: false },
  },
});
const K = 10;
/** Queries of a file, or made up. */
const SOME = 10000;

/** The rows of a NumPy file of `f32`, the first so many. */
function npy(file, most) {
  const descriptor = openSync(file);
  const start = Buffer.alloc(4096);
  readSync(descriptor, start, 0, start.length, 0);
  const length = start.readUInt16LE(8);
  const header = start.toString("latin1", 10, 10 + length);
  const shape = /'<f4'.*'fortran_order': False.*\((\d+), (\d+)\)/.exec(header);
  if (!shape) throw new Error(`${file} is no NumPy file of rows of f32`);
  const [rows, dimensions] = [Math.min(most, Number(shape[1])), Number(shape[2])];
  const numbers = new Float32Array(rows * dimensions);
  const bytes = new Uint8Array(numbers.buffer);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, Math.min(1 << 26, bytes.length - at), 10 + length + at);
    if (read === 0) throw new Error(`${file} ends too soon`);
    at += read;
  }
  closeSync(descriptor);
  return { numbers, dimensions };
}

/** Vectors of 384 dimensions around some centres. */
function made(rows, seed) {
  const dimensions = 384;
  const random = (state) => () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
  const centre = random(1);
  const centres = Float32Array.from({ length: 1000 * dimensions }, centre);
  const next = random(seed);
  const numbers = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const vector = numbers.subarray(row * dimensions, (row + 1) * dimensions);
    const at = Math.floor((next() + 1) * 499.99) * dimensions;
    for (let k = 0; k < dimensions; k++) vector[k] = centres[at + k] + next();
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
    for (let k = 0; k < dimensions; k++) vector[k] /= length;
  }
  return { numbers, dimensions };
}

const rows = Number(values.rows);
const vectors = values.vectors ? npy(values.vectors, rows) : made(rows, 2);
const queries = values.queries ? npy(values.queries, SOME) : made(SOME, 3);
const { dimensions } = vectors;
if (queries.dimensions !== dimensions) throw new Error("queries and vectors have different dimensions");
const count = queries.numbers.length / dimensions;
const few = Math.min(Number(values.exact), count);

const folder = mkdtempSync(join(tmpdir(), "nagalm-neighbours-"));
const file = (name) => join(folder, name);
const index = values.index ?? file("index");
writeFileSync(file("vectors"), new Uint8Array(vectors.numbers.buffer));
writeFileSync(file("queries"), new Uint8Array(queries.numbers.buffer));
console.log(`${vectors.numbers.length / dimensions} vectors of ${dimensions} dimensions, ${count} queries, ${few} for exact search; load ${loadavg()[0].toFixed(1)}`);
const native = spawn(values.native, [file("vectors"), file("queries"), `${dimensions}`, `${few}`, index, file("answers"), ...(values.width ? [values.width] : [])], { stdio: ["pipe", "pipe", "inherit"] });
const said = createInterface({ input: native.stdout })[Symbol.asyncIterator]();
const say = async () => (await said.next()).value;

try {
  if (!(await say())?.startsWith("ready")) throw new Error("the native program does not run");
  const answers = readFileSync(file("answers"));
  // Rows and similarities of the walk, then of exact search.
  const at = (part) => new Uint32Array(answers.buffer, answers.byteOffset + 4 * part * count * K, count * K);
  const truth = { walk: [at(0), at(1)], exact: [at(2), at(3)] };

  const run = await (values.chromium ? page() : here());
  const times = {};
  const note = (name, seconds) => (times[name] = Math.min(times[name] ?? Infinity, seconds));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const what of ["walk", "exact"]) {
      const asked = what === "walk" ? count : few;
      for (const set of ["avx512", "avx2"]) {
        native.stdin.write(`${what} ${set}\n`);
        const [nanoseconds, , used] = (await say()).split(" ");
        if (used.toLowerCase() === set) note(`${what} ${set}`, Number(nanoseconds) / 1e9 / asked);
      }
      const { seconds, rows, similarities } = await run(what, asked);
      note(`${what} wasm`, seconds / asked);
      const [expected, near] = truth[what];
      const bits = new Uint32Array(similarities.buffer, similarities.byteOffset, similarities.length);
      for (let k = 0; k < asked * K; k++) {
        if (rows[k] !== expected[k] || bits[k] !== near[k]) throw new Error(`${what}: another answer than natively`);
      }
    }
  }
  let hits = 0;
  for (let query = 0; query < count; query++) {
    const true_ = truth.exact[0].subarray(query * K, query * K + K);
    hits += truth.walk[0].subarray(query * K, query * K + K).filter((row) => true_.includes(row)).length;
  }
  console.log(`the same answers to the bit; recall@${K} of the walk ${(hits / count / K).toFixed(4)}`);
  for (const what of ["walk", "exact"]) {
    const wasm = times[`${what} wasm`];
    console.log(`${what}: WebAssembly ${(1 / wasm).toFixed(0)} queries/s`);
    for (const set of ["avx512", "avx2"]) {
      const best = times[`${what} ${set}`];
      if (best) console.log(`    ${set} ${(1 / best).toFixed(0)}; WebAssembly is ${(best / wasm).toFixed(2)} of it`);
    }
  }
  await run.end();
} finally {
  native.kill();
  rmSync(folder, { recursive: true });
}

function sizes({ searched, all }, length, memory) {
  const each = (bytes) => (bytes / length).toFixed(0);
  return `bytes a vector: ${each(searched)} that a search looks through, ${each(all)} with the vectors in full; the module's memory ${each(memory)}`;
}

async function here() {
  const nagalm = await import(pathToFileURL(join(resolve(values.package), "meaning-node.js")));
  await nagalm.init({ simd: true });
  const descriptor = openSync(index);
  const { size } = fstatSync(descriptor);
  closeSync(descriptor);
  const opened = await nagalm.VectorIndex.fromStream(Readable.toWeb(createReadStream(index, { highWaterMark: 1 << 22 })), size);
  if (values.width) opened.setWidth(Number(values.width));
  console.log(`Node ${process.version}; ${sizes(opened.bytes, opened.length, nagalm.memoryBytes())}`);
  const processor = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const run = async (what, asked) => {
    const some = queries.numbers.subarray(0, asked * dimensions);
    const began = processor();
    const found = opened.search(some, K, { exact: what === "exact" });
    return { seconds: processor() - began, ...found };
  };
  // Compiled well, before anything is measured.
  await run("walk", Math.min(1000, count));
  await run("exact", 8);
  run.end = async () => opened.free();
  return run;
}

/** The same in a page of a browser of its own. */
async function page() {
  const { chromium } = await import("playwright-core");
  const server = createServer((request, response) => {
    if (request.url === "/") return response.setHeader("content-type", "text/html").end("<!doctype html>");
    if (request.url === "/index") return createReadStream(index).pipe(response);
    if (request.url === "/queries") return createReadStream(file("queries")).pipe(response);
    const types = { js: "text/javascript", wasm: "application/wasm" };
    try {
      response.setHeader("content-type", types[request.url.split(".").pop()] ?? "text/plain");
      response.end(readFileSync(join(resolve(values.package), request.url)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({ executablePath: process.env.NAGALM_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const descriptor = openSync(index);
  const { size } = fstatSync(descriptor);
  closeSync(descriptor);
  const told = await page.evaluate(
    async ({ size, K, dimensions, width }) => {
      const nagalm = await import("/meaning.js");
      await nagalm.init({ simd: true });
      const opened = await nagalm.VectorIndex.fromStream((await fetch("/index")).body, size);
      if (width) opened.setWidth(width);
      const queries = new Float32Array(await (await fetch("/queries")).arrayBuffer());
      globalThis.run = (what, asked) => {
        const began = performance.now();
        const found = opened.search(queries.subarray(0, asked * dimensions), K, { exact: what === "exact" });
        return { seconds: (performance.now() - began) / 1000, rows: [...found.rows], similarities: [...found.similarities] };
      };
      globalThis.run("walk", 1000);
      return [opened.bytes, opened.length, nagalm.memoryBytes()];
    },
    { size, K, dimensions, width: Number(values.width ?? 0) },
  );
  console.log(`Chromium ${browser.version()}; ${sizes(...told)}`);
  const run = async (what, asked) => {
    const found = await page.evaluate(([what, asked]) => globalThis.run(what, asked), [what, asked]);
    return { ...found, similarities: Float32Array.from(found.similarities) };
  };
  run.end = async () => {
    await browser.close();
    server.close();
  };
  return run;
}
