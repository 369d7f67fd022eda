// For Node: the module is read from beside this file.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { hasSimd, start, startSync } from "./core.js";

export { NagalmError, Registry, Report, Scanner, hasSimd, memoryBytes, simd, version } from "./core.js";

const file = (useSimd) => new URL(useSimd ? "./wasm/simd.wasm" : "./wasm/scalar.wasm", import.meta.url);

/** Starts nagalm: to be awaited once before anything else. */
export function init({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  return start(useSimd, async () => {
    const source = wasm instanceof Response ? await wasm.arrayBuffer() : (wasm ?? file(useSimd));
    if (source instanceof WebAssembly.Module) return source;
    if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
    return WebAssembly.compile(await readFile(source));
  });
}

/** The same, before it comes back. */
export function initSync({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  startSync(useSimd, () => {
    const source = wasm ?? file(useSimd);
    if (source instanceof WebAssembly.Module) return source;
    const bytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source) ? source : readFileSync(source);
    return new WebAssembly.Module(bytes);
  });
}
