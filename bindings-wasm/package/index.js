// For browsers and bundlers: the module is fetched from beside this file.

import { NagalmError, hasSimd, start } from "./core.js";

export { NagalmError, Registry, Report, Scanner, hasSimd, memoryBytes, simd, version } from "./core.js";

/** Starts nagalm: to be awaited once before anything else. */
export function init({ wasm, simd } = {}) {
  const useSimd = simd ?? hasSimd();
  // Each address stands here as a whole: so bundlers find it and bring the file along.
  const beside = () =>
    useSimd ? new URL("./wasm/simd.wasm", import.meta.url) : new URL("./wasm/scalar.wasm", import.meta.url);
  return start(useSimd, () => compile(wasm ?? beside()));
}

/**
 * @param {URL | string | Response | BufferSource | WebAssembly.Module} source
 * @returns {Promise<WebAssembly.Module>}
 */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = typeof source === "string" || source instanceof URL ? await fetch(source) : source;
  if (!response.ok) {
    throw new NagalmError("io", `the WebAssembly module could not be fetched: ${response.status} ${response.statusText} for ${response.url}`);
  }
  // Compiled while it comes, if it is said to be what it is; a server that does not know the type costs a little time.
  const type = response.headers.get("content-type")?.split(";")[0].trim().toLowerCase();
  if (type === "application/wasm" && WebAssembly.compileStreaming) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
