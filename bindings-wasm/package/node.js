// For Node: the module is read from beside this file.

import { start, startSync } from "./core.js";
import { hasSimd } from "./instance.js";
import { compiled, compiledSync } from "./node-file.js";

export { NagalmError, Registry, Report, Scanner, memoryBytes, simd } from "./core.js";
export { hasSimd, version } from "./instance.js";

const file = (useSimd) => new URL(useSimd ? "./wasm/simd.wasm" : "./wasm/scalar.wasm", import.meta.url);

/** Starts nagalm: to be awaited once before anything else. */
export function init({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  return start(useSimd, () => compiled(wasm ?? file(useSimd)));
}

/** The same, before it comes back. */
export function initSync({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  startSync(useSimd, () => compiledSync(wasm ?? file(useSimd)));
}
