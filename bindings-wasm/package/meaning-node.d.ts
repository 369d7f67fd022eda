import type { InitOptions } from "./index.js";

export * from "./meaning.js";

/** `init`, done when it comes back; of `wasm` it takes no Response. */
export function initSync(options?: Omit<InitOptions, "wasm"> & { wasm?: URL | string | BufferSource | WebAssembly.Module }): void;
