// From what the user chose to a registry: files are told apart by what they hold, not by what they are called.

import { Registry } from "../nagalm/index.js";

/** Files that are read as one text each. */
const TEXT_NAME = /\.(?:txt|text|md|markdown)$/i;
/** A text file larger than this is no work to paste. */
const LARGEST_TEXT = 64 << 20;

/**
 * @param {any} source
 * @param {{trust?: string[], unverified?: boolean}} options
 * @returns {Promise<{registry: any, info: any}>}
 */
export async function open(source, options) {
  if (source.sample) return sample();
  if (source.texts) return fromTexts(source.texts);
  const files = Array.isArray(source) ? source : [source];
  if (files.length === 1 && !TEXT_NAME.test(files[0].name)) return fromFile(files[0], options);
  const texts = [];
  for (const file of files) {
    if (!TEXT_NAME.test(file.name) && (await kindOf(file)) !== "text") throw refused("input", `${file.name}: only texts can be opened together`);
    texts.push({ name: file.name.replace(TEXT_NAME, ""), text: await textOf(file) });
  }
  return fromTexts(texts, files.length === 1 ? files[0].name : undefined);
}

async function sample() {
  const response = await fetch(new URL("../sample/works.jsonl", import.meta.url));
  if (!response.ok) throw refused("io", `the sample works could not be loaded: ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return described(Registry.fromBytes(bytes), { kind: "sample", name: "sample", bytes: bytes.length });
}

/** @param {{name: string, text: string}[]} texts @param {string} [name] */
function fromTexts(texts, name) {
  const used = new Set();
  const works = texts.filter(({ text }) => text.trim()).map(({ name, text }) => {
    let work_id = name;
    for (let n = 2; used.has(work_id); n++) work_id = `${name} (${n})`;
    used.add(work_id);
    return { work_id, text };
  });
  if (!works.length) throw refused("empty", "there is no text");
  const bytes = works.reduce((sum, { text }) => sum + text.length, 0);
  return described(Registry.fromTexts(works), { kind: "texts", name: name ?? works.map(({ work_id }) => work_id).slice(0, 3).join(", "), bytes });
}

/** @param {File} file @param {{trust?: string[], unverified?: boolean}} options */
async function fromFile(file, options) {
  if (!file.size) throw refused("empty", `${file.name} is empty`);
  const kind = await kindOf(file);
  if (kind === "text") return fromTexts([{ name: file.name, text: await textOf(file) }], file.name);
  if (kind === "unknown") throw refused("corrupt", `${file.name}: its first bytes are neither those of a sealed registry nor text`);
  const registry = await Registry.fromStream(file.stream(), file.size, options);
  return described(registry, { kind: registry.sealInfo() ? "sealed" : "open", name: file.name, bytes: file.size, unverified: Boolean(options.unverified) });
}

/** @param {any} registry @param {any} what */
function described(registry, what) {
  const { works, words } = registry.info();
  return { registry, info: { unverified: false, ...what, works, words, contentHash: registry.contentHash, seal: registry.sealInfo() } };
}

/** @param {File} file @returns {Promise<"sealed" | "jsonl" | "gzip" | "text" | "unknown">} */
async function kindOf(file) {
  const first = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  if (startsWith(first, "NGSEALED")) return "sealed";
  if (first[0] === 0x1f && first[1] === 0x8b) return "gzip";
  if (first.includes(0)) return "unknown";
  let text;
  try {
    // The last character may be cut in two.
    text = new TextDecoder("utf-8", { fatal: true }).decode(first, { stream: true });
  } catch {
    return "unknown";
  }
  return text.trimStart().startsWith("{") ? "jsonl" : "text";
}

/** @param {Uint8Array} bytes @param {string} text */
const startsWith = (bytes, text) => [...text].every((character, i) => bytes[i] === character.charCodeAt(0));

/** @param {File} file */
async function textOf(file) {
  if (file.size > LARGEST_TEXT) throw refused("limit", `${file.name}: more than 64 MB of text`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    if (error instanceof TypeError) throw refused("input", `${file.name} is not UTF-8 text`);
    throw error;
  }
}

/** @param {string} kind @param {string} message */
const refused = (kind, message) => Object.assign(new Error(message), { kind });
