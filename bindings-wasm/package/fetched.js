// Where a module comes from in browsers and with bundlers: it is fetched.

import { NagalmError } from "./error.js";

/**
 * @param {URL | string | Response | BufferSource | WebAssembly.Module} source
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compiled(source) {
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
