// The second module, for browsers and bundlers: it is fetched from beside this file.

import { compiled } from "./fetched.js";
import { hasSimd } from "./instance.js";
import { start } from "./meaning-core.js";

export { Model, NagalmError, Neighbours, VectorIndex, memoryBytes, simd } from "./meaning-core.js";
export { hasSimd, version } from "./instance.js";

/** Starts the second module: to be awaited once before anything else of it. */
export function init({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  // Each address stands here as a whole: so bundlers find it and bring the file along.
  const beside = () =>
    useSimd ? new URL("./wasm/meaning-simd.wasm", import.meta.url) : new URL("./wasm/meaning-scalar.wasm", import.meta.url);
  return start(useSimd, () => compiled(wasm ?? beside()));
}
