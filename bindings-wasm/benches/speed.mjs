// How fast texts are scanned here and natively, on one core: the same works, the same texts, the same reports to the byte, in turns.
//
//     bindings-wasm/build
//     cargo build --release -p nagalm-wasm --example native
//     node bindings-wasm/benches/speed.mjs [--package FOLDER] [--native PROGRAM] [--works N] [--outputs N] [--rounds N] [--every N] [--chromium]
//
// With `--chromium` in a page of Chromium, headless, else in threads of Node. Every tenth text (or `--every`) has a passage of a work in it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

import { texts } from "./texts.mjs";

if (isMainThread) {
  await compare();
} else {
  await scanner(workerData);
}

async function compare() {
  const root = resolve(import.meta.dirname, "../..");
  const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
  const { values } = parseArgs({
    options: {
      package: { type: "string", default: join(target, "wasm/package") },
      native: { type: "string", default: join(target, "release/examples/native") },
      works: { type: "string", default: "20000" },
      outputs: { type: "string", default: "2000" },
      chromium: { type: "boolean", default: false },
      every: { type: "string", default: "10" },
      rounds: { type: "string", default: "21" },
    },
  });
  const { works, outputs } = texts(Number(values.works), Number(values.outputs), Number(values.every));
  const characters = outputs.reduce((sum, output) => sum + output.text.length, 0);
  console.log(`${works.length} works, ${outputs.length} texts of ${characters} characters in all; ${values.chromium ? "Chromium" : `Node ${process.version}`}`);

  const folder = mkdtempSync(join(tmpdir(), "nagalm-speed-"));
  const lines = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const file = (name) => join(folder, name);
  writeFileSync(file("works.jsonl"), lines(works));
  writeFileSync(file("outputs.jsonl"), lines(outputs));
  const native = spawn(values.native, ["works.jsonl", "outputs.jsonl", "reports.jsonl"].map(file), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const answers = createInterface({ input: native.stdout })[Symbol.asyncIterator]();
  const answer = async () => (await answers.next()).value;
  try {
    if ((await answer()) !== "ready") throw new Error("the native program does not run");
    const expected = readFileSync(file("reports.jsonl"), "utf8").split("\n").slice(0, -1);
    const matches = expected.reduce((sum, line) => sum + JSON.parse(line).matches.length, 0);
    const builds = {};
    for (const simd of [true, false]) builds[simd ? "simd" : "scalar"] = await (values.chromium ? page : worker)({ simd, folder: values.package, works, outputs, expected });
    console.log(`the same reports to the byte from all three, ${matches} matches`);
    const times = { native: [], simd: [], scalar: [] };
    for (let round = 0; round < Number(values.rounds); round++) {
      native.stdin.write("\n");
      times.native.push(Number((await answer()).split(" ")[0]) / 1e9);
      for (const [name, run] of Object.entries(builds)) times[name].push(await run());
    }
    const best = (name) => Math.min(...times[name]);
    for (const name of Object.keys(times)) {
      const speed = characters / best(name) / 1e6;
      const share = times[name].map((time, round) => times.native[round] / time).sort((a, b) => a - b);
      const percent = (share) => `${(100 * share).toFixed(0)}%`;
      // Of a machine that others use the best times say most.
      console.log(
        `${name}: ${speed.toFixed(1)} million characters/s at best, ${percent(best("native") / best(name))} of native` +
          ` (round by round ${percent(share[share.length >> 1])}, the median of ${share.length})`,
      );
    }
    for (const run of Object.values(builds)) await run.end();
  } finally {
    native.kill();
    rmSync(folder, { recursive: true });
  }
}

/** A build of the package in a worker, which scans all texts when it is called, and gives the seconds that it took. */
async function worker(data) {
  const thread = new Worker(new URL(import.meta.url), { workerData: data });
  // An error rejects, too.
  const next = async () => (await once(thread, "message"))[0];
  const different = await next();
  if (different !== undefined) throw new Error(`another report than natively: ${different}`);
  const run = () => {
    thread.postMessage("go");
    return next();
  };
  run.end = () => thread.terminate();
  return run;
}

/** The same in a page of a browser of its own. */
async function page({ simd, folder, works, outputs, expected }) {
  const { chromium } = await import("playwright-core");
  const server = createServer((request, response) => {
    if (request.url === "/") return response.setHeader("content-type", "text/html").end("<!doctype html>");
    if (request.url === "/texts.json") return response.end(JSON.stringify({ works, outputs, expected }));
    const types = { js: "text/javascript", wasm: "application/wasm" };
    try {
      response.setHeader("content-type", types[request.url.split(".").pop()] ?? "text/plain");
      response.end(readFileSync(join(resolve(folder), request.url)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({ executablePath: process.env.NAGALM_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  console.log(`Chromium ${browser.version()}`);
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const different = await page.evaluate(async (simd) => {
    const { works, outputs, expected } = await (await fetch("/texts.json")).json();
    const nagalm = await import("/index.js");
    await nagalm.init({ simd });
    const scanner = new nagalm.Scanner(nagalm.Registry.fromTexts(works));
    const scan = ({ text, id }) => scanner.scan(text, { id }).json();
    globalThis.run = () => {
      const began = performance.now();
      let length = 0;
      for (const output of outputs) length += scan(output).length;
      return (performance.now() - began) / 1000;
    };
    return outputs.map(scan).find((line, k) => line !== expected[k]);
  }, simd);
  if (different !== undefined) throw new Error(`another report than natively: ${different}`);
  const run = () => page.evaluate(() => globalThis.run());
  run.end = async () => {
    await browser.close();
    server.close();
  };
  return run;
}

async function scanner({ simd, folder, works, outputs, expected }) {
  const nagalm = await import(pathToFileURL(join(resolve(folder), "node.js")));
  await nagalm.init({ simd });
  const scanner = new nagalm.Scanner(nagalm.Registry.fromTexts(works));
  const scan = ({ text, id }) => scanner.scan(text, { id }).json();
  const different = outputs.map(scan).find((line, k) => line !== expected[k]);
  parentPort.postMessage(different);
  parentPort.on("message", () => {
    const began = performance.now();
    let length = 0;
    for (const output of outputs) length += scan(output).length;
    parentPort.postMessage((performance.now() - began) / 1000);
  });
}
