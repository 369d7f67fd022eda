// The second module, for Node: it is read from beside this file.

import { start, startSync } from "./meaning-core.js";
import { starting } from "./node-file.js";

export { Model, NagalmError, Neighbours, VectorIndex, memoryBytes, simd } from "./meaning-core.js";
export { hasSimd, version } from "./instance.js";

const file = (useSimd) => new URL(useSimd ? "./wasm/meaning-simd.wasm" : "./wasm/meaning-scalar.wasm", import.meta.url);

/** `init` starts the second module, and is to be awaited once before anything else of it; `initSync` has started it when it comes back. */
export const { init, initSync } = starting(start, startSync, file);
