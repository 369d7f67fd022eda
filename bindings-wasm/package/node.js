// For Node: the module is read from beside this file.

import { start, startSync } from "./core.js";
import { starting } from "./node-file.js";

export { NagalmError, Registry, Report, Scanner, memoryBytes, simd } from "./core.js";
export { hasSimd, version } from "./instance.js";

const file = (useSimd) => new URL(useSimd ? "./wasm/simd.wasm" : "./wasm/scalar.wasm", import.meta.url);

/** `init` starts nagalm, and is to be awaited once before anything else of it; `initSync` has started it when it comes back. */
export const { init, initSync } = starting(start, startSync, file);
