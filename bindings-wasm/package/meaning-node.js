// The second module, for Node: it is read from beside this file.

import { hasSimd } from "./instance.js";
import { start, startSync } from "./meaning-core.js";
import { compiled, compiledSync } from "./node-file.js";

export { Model, NagalmError, Neighbours, VectorIndex, memoryBytes, simd } from "./meaning-core.js";
export { hasSimd, version } from "./instance.js";

const file = (useSimd) => new URL(useSimd ? "./wasm/meaning-simd.wasm" : "./wasm/meaning-scalar.wasm", import.meta.url);

/** Starts the second module: to be awaited once before anything else of it. */
export function init({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  return start(useSimd, () => compiled(wasm ?? file(useSimd)));
}

/** The same, before it comes back. */
export function initSync({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  startSync(useSimd, () => compiledSync(wasm ?? file(useSimd)));
}
