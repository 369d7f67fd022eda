// The kernel for 128-bit vectors is held to its twin in plain Rust, where it runs: what `bindings-wasm/build --self-test` built.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { root } from "./common.mjs";

const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "wasm/self-test/package/wasm");
const missing = existsSync(join(folder, "glue.js")) ? false : "run bindings-wasm/build --self-test";
if (missing && process.env.CI === "true") throw new Error(missing);

test("all kernels say the same", { skip: missing }, async () => {
  const glue = await import(pathToFileURL(join(folder, "glue.js")));
  glue.initSync({ module: await readFile(join(folder, "glue_bg.wasm")) });
  // A trap is a failure.
  glue.selfTest();
});
