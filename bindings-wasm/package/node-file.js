// Where a module comes from in Node: the disk.

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

export async function compiled(wasm) {
  const source = wasm instanceof Response ? await wasm.arrayBuffer() : wasm;
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  return WebAssembly.compile(await readFile(source));
}

export function compiledSync(source) {
  if (source instanceof WebAssembly.Module) return source;
  const bytes = source instanceof ArrayBuffer || ArrayBuffer.isView(source) ? source : readFileSync(source);
  return new WebAssembly.Module(bytes);
}
