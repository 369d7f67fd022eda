// What the tests share: the built package, one instance for each of its two builds, and the command line to compare with.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const root = resolve(import.meta.dirname, "../../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
export const folder = process.env.NAGALM_PACKAGE ?? join(target, "wasm/package");
if (!existsSync(join(folder, "node.js"))) throw new Error(`there is no package in ${folder}: run bindings-wasm/build`);

/** A fresh instance. Modules are told apart by their addresses, so each has a copy of the package of its own. */
export async function fresh(entry = "node.js") {
  const copy = mkdtempSync(join(tmpdir(), "nagalm-package-"));
  process.on("exit", () => rmSync(copy, { recursive: true, force: true }));
  cpSync(folder, copy, { recursive: true });
  return import(pathToFileURL(join(copy, entry)));
}

/** Both builds, started. */
export async function both() {
  const simd = await fresh();
  await simd.init({ simd: true });
  const scalar = await fresh();
  await scalar.init({ simd: false });
  return { simd, scalar };
}

/** The command line's program: `NAGALM_BINARY`, or what the tests of the workspace built. Undefined where there is none. */
export const binary = [process.env.NAGALM_BINARY, join(target, "debug/nagalm")].find((path) => path && existsSync(path));
if (!binary && process.env.CI === "true") throw new Error("in CI nothing may be missing: set NAGALM_BINARY, or build the command line");
export const withoutBinary = binary ? false : "the command line is not built (NAGALM_BINARY)";

/** Runs the command line; a scan that finds something exits with 0, one that does not with 1. */
export function command(...argv) {
  const done = spawnSync(binary, argv, { encoding: "utf8", maxBuffer: 1 << 30 });
  if (done.status !== 0 && done.status !== 1) throw new Error(`nagalm ${argv.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** A folder that is gone after the test. */
export function temporary(t) {
  const made = mkdtempSync(join(tmpdir(), "nagalm-test-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** The kind of the error that a call throws. */
export function kind(nagalm, call) {
  try {
    call();
  } catch (e) {
    if (!(e instanceof nagalm.NagalmError)) throw e;
    return e.kind;
  }
  return "none";
}

export const lines = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A text of invented words that is different for each number. */
export function invented(number, words) {
  const syllables = ["ka", "lo", "mer", "tin", "as", "bru", "ei", "fo", "gen", "hu", "is", "jo", "ven", "wa", "ster", "nd"];
  let state = number * 2654435761 + 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 16;
  const word = () => Array.from({ length: 2 + (next() % 3) }, () => syllables[next() % syllables.length]).join("");
  return Array.from({ length: words }, word).join(" ");
}
