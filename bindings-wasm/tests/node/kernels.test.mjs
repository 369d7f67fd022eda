// The kernels for 128-bit vectors are held to their twins in plain Rust, where it runs: what `bindings-wasm/build --self-test` built.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { root } from "./common.mjs";

const built = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "wasm/self-test/package");

for (const crate of ["nagalm-wasm", "nagalm-wasm-meaning"]) {
  const folder = join(built, crate);
  const missing = existsSync(join(folder, "glue.js")) ? false : "run bindings-wasm/build --self-test";
  if (missing && process.env.CI === "true") throw new Error(missing);

  test(`all kernels say the same in ${crate}`, { skip: missing }, async () => {
    const glue = await import(pathToFileURL(join(folder, "glue.js")));
    glue.initSync({ module: await readFile(join(folder, "glue_bg.wasm")) });
    // A trap is a failure.
    glue.selfTest();
  });
}
