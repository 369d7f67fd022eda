// For browsers and bundlers: the module is fetched from beside this file.

import { start } from "./core.js";
import { compiled } from "./fetched.js";
import { hasSimd } from "./instance.js";

export { NagalmError, Registry, Report, Scanner, memoryBytes, simd } from "./core.js";
export { hasSimd, version } from "./instance.js";

/** Starts nagalm: to be awaited once before anything else. */
export function init({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  // Each address stands here as a whole: so bundlers find it and bring the file along.
  const beside = () =>
    useSimd ? new URL("./wasm/simd.wasm", import.meta.url) : new URL("./wasm/scalar.wasm", import.meta.url);
  return start(useSimd, () => compiled(wasm ?? beside()));
}
