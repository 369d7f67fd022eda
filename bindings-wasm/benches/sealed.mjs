// A large sealed registry: how long it takes to open, how much memory it takes, how soon a text is answered.
//
//     bindings-wasm/build
//     cargo build --release -p nagalm-wasm --example native
//     node bindings-wasm/benches/sealed.mjs [--package FOLDER] [--native PROGRAM] [--works N] [--scalar]

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, openAsBlob, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

import { texts } from "./texts.mjs";

const root = resolve(import.meta.dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const { values } = parseArgs({
  options: {
    package: { type: "string", default: join(target, "wasm/package") },
    native: { type: "string", default: join(target, "release/examples/native") },
    works: { type: "string", default: "100000" },
    scalar: { type: "boolean", default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), "nagalm-sealed-"));
try {
  const { works, outputs } = texts(Number(values.works), 200, 10);
  const file = join(folder, "works.jsonl");
  for (let at = 0; at < works.length; at += 1000) {
    appendFileSync(file, works.slice(at, at + 1000).map((work) => `${JSON.stringify(work)}\n`).join(""));
  }
  execFileSync(values.native, [file, join(folder, "sealed")]);
  const nagalm = await import(pathToFileURL(join(resolve(values.package), "node.js")));
  await nagalm.init({ simd: !values.scalar });
  const size = statSync(join(folder, "sealed")).size;
  const before = nagalm.memoryBytes();
  const times = [];
  let registry;
  for (let round = 0; round < 5; round++) {
    registry?.free();
    const stream = (await openAsBlob(join(folder, "sealed"))).stream();
    const began = performance.now();
    registry = await nagalm.Registry.fromStream(stream, size);
    times.push(performance.now() - began);
  }
  const taken = nagalm.memoryBytes() - before;
  console.log(`${nagalm.simd() ? "128-bit vectors" : "scalar"}, ${registry.info().works} works, ${(size / 1e6).toFixed(1)} MB`);
  console.log(`opened in ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
  console.log(`memory ${(taken / 1e6).toFixed(1)} MB, ${(taken / size).toFixed(3)} times the file, after opening it five times`);
  const scanner = new nagalm.Scanner(registry);
  let matches = 0;
  const answered = outputs.map(({ text }) => {
    const began = performance.now();
    matches += scanner.scan(text).sealed.matches.length;
    return performance.now() - began;
  });
  answered.sort((a, b) => a - b);
  console.log(`a text of 2,000 characters is answered in ${answered[100].toFixed(2)} ms (median of 200; ${answered[198].toFixed(2)} ms for all but one), ${matches} matches`);
} finally {
  rmSync(folder, { recursive: true });
}
