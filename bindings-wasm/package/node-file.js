// Where a module comes from in Node: the disk.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { hasSimd } from "./instance.js";

/**
 * How a module is started here: in a while, or before it comes back.
 *
 * @param {(useSimd: boolean, compile: () => Promise<WebAssembly.Module>) => Promise<void>} start
 * @param {(useSimd: boolean, compile: () => WebAssembly.Module) => void} startSync
 * @param {(useSimd: boolean) => URL} file where its two builds lie
 */
export function starting(start, startSync, file) {
  const build = (simd) => simd ?? hasSimd();
  const init = ({ wasm, simd } = {}) => start(build(simd), () => compiled(wasm ?? file(build(simd))));
  const initSync = ({ wasm, simd } = {}) => startSync(build(simd), () => compiledSync(wasm ?? file(build(simd))));
  return { init, initSync };
}

async function compiled(wasm) {
  const source = wasm instanceof Response ? await wasm.arrayBuffer() : wasm;
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  return WebAssembly.compile(await readFile(source));
}

function compiledSync(source) {
  if (source instanceof WebAssembly.Module) return source;
  const bytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source) ? source : readFileSync(source);
  return new WebAssembly.Module(bytes);
}
