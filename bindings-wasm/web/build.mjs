#!/usr/bin/env node
// Puts the page together: target/page is a folder that any static host serves. Needs Node and nothing else.
//
//     bindings-wasm/web/build [--package FOLDER] [--out FOLDER]
//
// FOLDER is what bindings-wasm/build makes. Fails where a language lacks a string, where a string's placeholders differ, or
// where a first visit would take more than the budget over the wire.

import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

/** Bytes that everything a first visit loads may take, compressed. */
const BUDGET = 400_000;
const LANGUAGES = ["en", "nl", "de"];
/** Sample outputs that the page offers to try, by language. */
const EXAMPLES = {
  en: { whole: "sample-01", changed: "sample-13", hidden: "sample-46", quote: "sample-31", none: "sample-48" },
  nl: { whole: "sample-02", changed: "sample-19", hidden: "sample-43", quote: "sample-32", none: "sample-50" },
  de: { whole: "sample-03", changed: "sample-15", hidden: "sample-42", quote: "sample-33", none: "sample-49" },
};

const web = dirname(fileURLToPath(import.meta.url));
const root = resolve(web, "../..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");
const packaged = argument("--package") ?? join(target, "wasm/package");
const out = argument("--out") ?? join(target, "page");

if (!existsSync(packaged)) stop(`${relative(root, packaged)} is missing: run bindings-wasm/build first`);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
copyPage();
copyPackage();
for (const path of listed().filter((path) => /\.m?js$/.test(path))) writeFileSync(join(out, path), withoutComments(readFileSync(join(out, path), "utf8")));
const strings = joinStrings();
writeSample();
writeIndex(strings.en);
writeServiceWorker();
measure();

/** The page's files. Of modules, lines that are comments and nothing else stay behind: they are for who works on them. */
function copyPage() {
  for (const name of readdirSync(web)) {
    if (["build", "build.mjs", "strings", "index.html", "sw.js", "tsconfig.json"].includes(name)) continue;
    cpSync(join(web, name), join(out, name), { recursive: true, filter: (path) => !/\.(?:test\.mjs|md|ts)$/.test(path) });
  }
}

/** What a browser needs of the package. */
function copyPackage() {
  cpSync(packaged, join(out, "nagalm"), { recursive: true, filter: (path) => statSync(path).isDirectory() || (/\.(?:js|mjs|wasm)$/.test(path) && !/node|meaning/.test(relative(packaged, path))) });
}

/** One file a language, out of those of the page's parts. */
function joinStrings() {
  /** @type {Record<string, Record<string, any>>} */
  const all = {};
  for (const language of LANGUAGES) {
    all[language] = {};
    for (const file of readdirSync(join(web, "strings", language)).sort()) {
      for (const [key, value] of Object.entries(JSON.parse(readFileSync(join(web, "strings", language, file), "utf8")))) {
        if (key in all[language]) stop(`strings/${language}/${file}: ${key} stands twice`);
        all[language][key] = value;
      }
    }
  }
  const problems = [];
  for (const language of LANGUAGES) {
    for (const key of new Set(LANGUAGES.flatMap((other) => Object.keys(all[other])))) {
      if (!(key in all[language])) problems.push(`${language} lacks ${key}`);
      else if (key in all.en && shape(all[language][key]) !== shape(all.en[key])) problems.push(`${language}: ${key} has other placeholders or plurals than in English`);
    }
  }
  if (problems.length) stop(problems.join("\n"));
  mkdirSync(join(out, "strings"), { recursive: true });
  for (const language of LANGUAGES) writeFileSync(join(out, "strings", `${language}.json`), JSON.stringify(all[language]));
  return all;
}

/** What of a string must be the same in all languages. @param {any} entry */
function shape(entry) {
  const forms = typeof entry === "string" ? { "": entry } : entry;
  const names = new Set(Object.values(forms).flatMap((text) => [...String(text).matchAll(/\{(\w+)\}/g)].map((found) => found[1])));
  if (Object.values(forms).some((text) => !String(text).trim())) return "empty";
  return `${Object.keys(forms).sort()}:${[...names].sort()}`;
}

function writeSample() {
  const sample = join(root, "corpora/sample");
  mkdirSync(join(out, "sample"), { recursive: true });
  cpSync(join(sample, "works.jsonl"), join(out, "sample/works.jsonl"));
  const outputs = new Map(readFileSync(join(sample, "outputs.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line)).map((output) => [output.id, output.text]));
  const examples = Object.fromEntries(Object.entries(EXAMPLES).map(([language, named]) =>
    [language, Object.entries(named).map(([key, id]) => ({ key, text: outputs.get(id) ?? stop(`no sample output ${id}`) }))]));
  writeFileSync(join(out, "sample/examples.json"), JSON.stringify(examples));
}

/** The page with its English words in place, the sections' styles, and its modules named so that they load side by side. @param {Record<string, any>} english */
function writeIndex(english) {
  const styles = ["ask/ask.css", "export/export.css"].filter((path) => existsSync(join(out, path)));
  const early = [
    ...styles.map((path) => `<link rel="stylesheet" href="${path}">`),
    ...modulesOf("app.js").map((path) => `<link rel="modulepreload" href="${path}">`),
  ].join("\n");
  const page = readFileSync(join(web, "index.html"), "utf8")
    .replace(/<!-- build:.*-->/, () => early)
    .replace(/\{\{([\w.]+)\}\}/g, (_, key) => escaped(english[key] ?? stop(`index.html wants ${key}`)));
  writeFileSync(join(out, "index.html"), page);
}

/** A module and all that it imports at its head. @param {string} path @param {Set<string>} [seen] @returns {string[]} */
function modulesOf(path, seen = new Set()) {
  if (seen.has(path)) return [];
  seen.add(path);
  const source = readFileSync(join(out, path), "utf8");
  for (const [, from] of source.matchAll(/^(?:import|export)\b[^"';]*?\bfrom\s+["'](\.[^"']+)["']/gm)) modulesOf(join(dirname(path), from), seen);
  return [...seen];
}

function writeServiceWorker() {
  const files = listed().filter((path) => path !== "sw.js");
  const hashes = Object.fromEntries(files.map((path) => [path, `sha256-${createHash("sha256").update(readFileSync(join(out, path))).digest("base64")}`]));
  const version = createHash("sha256").update(JSON.stringify(hashes)).digest("hex").slice(0, 16);
  const [simd, scalar] = modules();
  writeFileSync(join(out, "sw.js"), readFileSync(join(web, "sw.js"), "utf8")
    .replace("{/* build */}", () => JSON.stringify(hashes, null, 1))
    .replace("{{version}}", version).replace("{{simd}}", simd).replace("{{scalar}}", scalar));
}

/** The package's two builds: with SIMD and without. */
function modules() {
  const found = listed().filter((path) => path.endsWith(".wasm"));
  const simd = found.filter((path) => /simd/.test(path)), scalar = found.filter((path) => !/simd/.test(path));
  if (simd.length !== 1 || scalar.length !== 1) stop(`expected one build with SIMD and one without, found: ${found.join(", ")}`);
  return [simd[0], scalar[0]];
}

/**
 * What a first visit takes over the wire: all that is kept for use offline, with the larger of the two builds and the longest of the
 * languages. The sample works do not count: they are a registry, and loaded when they are chosen.
 */
function measure() {
  const sizes = new Map(listed().map((path) => [path, brotli(readFileSync(join(out, path)))]));
  const smaller = (/** @type {string[]} */ paths) => paths.sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).slice(1);
  const others = new Set([...smaller(modules()), ...smaller(LANGUAGES.map((language) => `strings/${language}.json`)), "sample/works.jsonl"]);
  const counted = [...sizes].filter(([path]) => !others.has(path)).sort((a, b) => b[1] - a[1]);
  const total = counted.reduce((sum, [, size]) => sum + size, 0);
  for (const [path, size] of counted.slice(0, 5)) console.log(`${String(size).padStart(8)}  ${path}`);
  console.log(`${String(total).padStart(8)}  bytes over the wire on a first visit (brotli, ${counted.length} files); the budget is ${BUDGET}`);
  if (total > BUDGET) stop("the page is over its budget");
}

/** @param {Buffer} bytes */
function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}

/** All files, by their paths in the page. @param {string} [folder] @returns {string[]} */
function listed(folder = "") {
  return readdirSync(join(out, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listed(join(folder, entry.name)) : [join(folder, entry.name)])).sort();
}

/** @param {string} source */
function withoutComments(source) {
  let within = false;
  return source.split("\n").filter((line) => {
    const text = line.trim();
    const ends = text.indexOf("*/");
    if (within) {
      within = ends < 0;
      return false;
    }
    if (text.startsWith("/*")) {
      within = ends < 0;
      return !within && ends < text.length - 2; // code may follow
    }
    return !text.startsWith("//");
  }).join("\n");
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[character] ?? "");
}

/** @param {string} name */
function argument(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : resolve(process.argv[at + 1]);
}

/** @param {string} why @returns {never} */
function stop(why) {
  console.error(`web/build: ${why}`);
  process.exit(1);
}
