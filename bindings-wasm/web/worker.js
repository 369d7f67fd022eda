// Holds the package and the open registry. One call at a time, in their order.

import { NagalmError, Scanner, init, simd, version } from "./nagalm/index.js";
import { open } from "./registry/opening.js";
import { lookup } from "./registry/summaries.js";
import { send, sendItems } from "./registry/sending.js";

/** @type {any} */
let opened;
/** Pieces of long texts that are on their way, by upload. @type {Map<number, string[]>} */
const uploads = new Map();
/** @type {Promise<void>} */
let last = Promise.resolve();

/** @type {Record<string, (input: any) => any>} */
const methods = {
  async start() {
    await init();
    return { version, simd: simd() };
  },
  async open({ source, options }) {
    const { registry, info } = await open(source, options);
    close();
    opened = { scanner: new Scanner(registry), registry, ...lookup(registry) };
    return { ...info, version };
  },
  close,
  works({ call }) {
    sendItems(call, the().all());
  },
  names: () => the().names(),
  work: ({ id }) => the().registry.work(id) ?? null,
  scan({ call, upload, rest, options }) {
    const text = (uploads.get(upload) ?? []).join("") + rest;
    uploads.delete(upload);
    const report = the().scanner.scan(text, options);
    send(call, report, report.json(), the().about(report));
  },
};

function the() {
  if (!opened) throw Object.assign(new Error("no registry is open"), { kind: "input" });
  return opened;
}

function close() {
  opened?.scanner.free();
  opened?.registry.free();
  opened = undefined;
  return null;
}

onmessage = ({ data }) => {
  if (data.piece !== undefined) {
    uploads.set(data.upload, [...(uploads.get(data.upload) ?? []), data.piece]);
    return;
  }
  last = last.then(() => answer(data));
};

/** @param {any} data */
async function answer(data) {
  try {
    const value = await methods[data.method](data);
    if (value !== undefined) postMessage({ call: data.call, value });
  } catch (error) {
    postMessage({ call: data.call, error: told(error) });
  }
}

/** @param {any} error */
function told(error) {
  if (error instanceof NagalmError || typeof error?.kind === "string") return { kind: error.kind, message: error.message };
  const kinds = { RangeError: "limit", NotReadableError: "io", NotFoundError: "io" };
  return { kind: kinds[/** @type {keyof typeof kinds} */ (error?.name)] ?? "other", message: String(error?.message ?? error) };
}
