// The package's own manners: what it takes, what it refuses and how, and that both builds hold to their plain twins.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

import { both, folder, fresh, invented, kind, temporary } from "./common.mjs";

const unstarted = await fresh();
assert.throws(() => unstarted.Registry.fromTexts([]), { name: "NagalmError", kind: "input" });
const { simd, scalar } = await both();
const work = { work_id: "a", title: "A", text: invented(1, 120), creators: [{ name: "Anna Vos", role: "author" }], language: "nl", shelf: "B" };
const registry = simd.Registry.fromTexts([work]);
const scanner = new simd.Scanner(registry);

test("which build runs, and its version", () => {
  assert.deepEqual([simd.simd(), scalar.simd()], [true, false]);
  assert.equal(simd.hasSimd(), true);
  assert.equal(scanner.scan("").version, simd.version);
  assert.equal(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version, simd.version);
});

test("a work comes back as it was", () => {
  assert.deepEqual(registry.work("a"), work);
  assert.equal(registry.work("b"), undefined);
  assert.deepEqual(registry.works(), [{ work_id: "a", title: "A", creators: ["Anna Vos"], language: "nl" }]);
  assert.equal(registry.sealInfo(), undefined);
  assert.equal(registry.info().works, 1);
  assert.equal(registry.info().content_hash, registry.contentHash);
  assert.equal(simd.Registry.fromTexts([]).info().works, 0);
  function* generated() {
    yield work;
  }
  assert.equal(scalar.Registry.fromTexts(generated()).contentHash, registry.contentHash);
});

test("what is no work is refused by its number", () => {
  const refused = (works, message) =>
    assert.throws(() => simd.Registry.fromTexts(works), { name: "NagalmError", kind: "input", message });
  refused([work, "text"], /number 1/);
  refused([work, null], /number 1/);
  refused([{ work_id: "a", text: 5 }], /number 0/);
  refused([{ work_id: "", text: "la la" }], /work_id/);
  refused([{ work_id: "a", text: " " }], /no words/);
  const circle = { work_id: "a", text: "la" };
  circle.circle = circle;
  refused([circle], /JSON/);
  refused([{ work_id: "a", text: "la", toJSON: () => undefined }], /JSON/);
  assert.throws(() => simd.Registry.fromTexts(5), TypeError);
});

test("wrong arguments are refused", () => {
  const refused = (call) => assert.equal(kind(simd, call), "input");
  refused(() => new simd.Registry());
  refused(() => new simd.Report());
  refused(() => new simd.Scanner({}));
  refused(() => new simd.Scanner(registry, { max_evalue: 0 }));
  refused(() => new simd.Scanner(registry, { max_evalue: NaN }));
  refused(() => new simd.Scanner(registry, { max_evalue: "1" }));
  refused(() => new simd.Scanner(registry, { min_words: -1 }));
  refused(() => new simd.Scanner(registry, { min_words: 1.5 }));
  refused(() => scanner.scan(5));
  refused(() => scanner.scan("a", { id: {} }));
  refused(() => scanner.scan("a", { fields: [] }));
  refused(() => scanner.scan("a", { fields: { big: 1n } }));
  refused(() => simd.Registry.fromBytes("text"));
  refused(() => registry.work(5));
});

test("fields travel, and none takes a report's place", () => {
  const fields = { model: "m", works: 3, json: 1, nothing: undefined, toString: "x", prompt: { a: [null, true, 1.5, "😀"] } };
  Object.defineProperty(fields, "__proto__", { value: "p", enumerable: true });
  const report = scanner.scan("la", { id: 7, fields });
  assert.equal(report.id, "7");
  assert.equal(report.model, "m");
  assert.equal(report.input_works, 3);
  assert.deepEqual(report.prompt, fields.prompt);
  assert.equal(Object.getPrototypeOf(report), simd.Report.prototype);
  assert.ok(report instanceof simd.Report);
  const line = JSON.parse(report.json());
  assert.equal(line.json, 1);
  assert.equal(Object.hasOwn(line, "nothing"), false);
  assert.equal(Object.getOwnPropertyDescriptor(line, "__proto__").value, "p");
});

test("offsets are UTF-16, whatever stands in the text", () => {
  for (const before of ["", "😀", "é–𝔞", "\ud800", "\udc00x\ud83d", "\u0000\u2028"]) {
    const text = `${before} ${work.text} ${before}`;
    const report = scanner.scan(text);
    assert.equal(report.coverage.total, text.length);
    const [{ output, quote }] = report.matches;
    assert.equal(text.slice(output.start, output.end), work.text);
    assert.equal(quote.output, work.text);
    const line = JSON.parse(report.json());
    const points = [...text.toWellFormed()];
    assert.equal(line.offset_unit, "code_point");
    assert.equal(points.slice(line.matches[0].output.start, line.matches[0].output.end).join(""), work.text);
    assert.equal(line.coverage.total, points.length);
  }
});

test("settings say what is told", () => {
  const quiet = new simd.Scanner(registry, { quote: false, always_hash: false });
  assert.equal(quiet.scan("nothing").text_sha256, undefined);
  assert.equal(quiet.scan(work.text).matches[0].quote, undefined);
  assert.ok(scanner.scan("nothing").text_sha256);
  const edited = work.text.split(" ").map((word, k) => (k % 12 === 6 ? "other" : word)).join(" ");
  assert.equal(scanner.scan(edited).matches[0].kind, "near-verbatim");
  const strict = new simd.Scanner(registry, { verbatim_only: true }).scan(edited).matches;
  assert.ok(strict.length > 1 && strict.every((match) => match.kind === "verbatim"));
  assert.deepEqual(new simd.Scanner(registry, { min_words: 500, max_evalue: 1e-300 }).scan(edited).matches, []);
});

test("a megabyte and more", () => {
  const long = `${invented(2, 200000)} ${work.text} ${"😀".repeat(1000)}`;
  for (const nagalm of [simd, scalar]) {
    const report = new nagalm.Scanner(nagalm.Registry.fromTexts([work])).scan(long);
    assert.equal(report.matches.length, 1);
    assert.equal(long.slice(report.matches[0].output.start, report.matches[0].output.end), work.text);
    assert.equal(report.coverage.total, long.length);
  }
  assert.equal(scanner.scan("a".repeat(3_000_000)).matches.length, 0);
});

test("what was freed throws, and harms nobody", () => {
  const other = simd.Registry.fromTexts([work]);
  const its = new simd.Scanner(other);
  other.free();
  other.free();
  assert.throws(() => other.info(), { kind: "input", message: /freed/ });
  assert.equal(kind(simd, () => new simd.Scanner(other)), "input");
  // The scanner holds what it needs.
  assert.equal(its.scan(work.text).matches.length, 1);
  its.free();
  assert.equal(kind(simd, () => its.scan("a")), "input");
  assert.equal(scanner.scan(work.text).matches.length, 1);
});

test("memory of registries that are freed is used again", () => {
  const make = () => simd.Registry.fromTexts(Array.from({ length: 300 }, (_, k) => ({ work_id: `${k}`, text: invented(k, 200) })));
  make().free();
  const before = simd.memoryBytes();
  for (let round = 0; round < 20; round++) make().free();
  assert.ok(simd.memoryBytes() < 1.2 * before, `${before} -> ${simd.memoryBytes()}`);
});

test("a trap makes it refuse everything from then on", async () => {
  const nagalm = await fresh();
  await nagalm.init({});
  const scanner = new nagalm.Scanner(nagalm.Registry.fromTexts([work]));
  // What the module does when it fails, done by force: it cannot be made to.
  const encodeInto = TextEncoder.prototype.encodeInto;
  TextEncoder.prototype.encodeInto = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  try {
    assert.equal(kind(nagalm, () => scanner.scan("é")), "internal");
  } finally {
    TextEncoder.prototype.encodeInto = encodeInto;
  }
  assert.equal(kind(nagalm, () => scanner.scan("a")), "internal");
  assert.equal(kind(nagalm, () => nagalm.Registry.fromTexts([])), "internal");
  assert.equal(simd.Registry.fromTexts([]).info().works, 0);
});

test("all ways to start", async () => {
  const wasm = readFileSync(join(folder, "wasm/scalar.wasm"));
  for (const source of [wasm, new Uint8Array(wasm).buffer, await WebAssembly.compile(wasm), join(folder, "wasm/scalar.wasm"), pathToFileURL(join(folder, "wasm/scalar.wasm"))]) {
    const nagalm = await fresh();
    await Promise.all([nagalm.init({ wasm: source, simd: false }), nagalm.init()]);
    assert.equal(nagalm.Registry.fromTexts([]).info().works, 0);
    const sync = await fresh();
    sync.initSync({ wasm: source, simd: false });
    await sync.init();
    assert.equal(sync.Registry.fromTexts([]).info().works, 0);
  }
  const nagalm = await fresh();
  await assert.rejects(nagalm.init({ wasm: new Uint8Array([1, 2, 3]) }), { name: "NagalmError", kind: "internal" });
  await nagalm.init();
  assert.equal(nagalm.Registry.fromTexts([]).info().works, 0);
});

test("fetched, whatever type the server says", async (t) => {
  const wasm = readFileSync(join(folder, "wasm/simd.wasm"));
  const server = createServer((request, response) => {
    const types = { "/right.wasm": "application/wasm", "/wrong.wasm": "text/plain", "/none.wasm": undefined };
    if (!(request.url in types)) return response.writeHead(404).end();
    response.writeHead(200, types[request.url] ? { "content-type": types[request.url] } : {}).end(wasm);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const address = (path) => new URL(path, `http://127.0.0.1:${server.address().port}`);
  for (const path of ["right.wasm", "wrong.wasm", "none.wasm"]) {
    const nagalm = await fresh("index.js");
    await nagalm.init({ wasm: address(path), simd: true });
    assert.equal(nagalm.Registry.fromTexts([]).info().works, 0);
  }
  const nagalm = await fresh("index.js");
  await assert.rejects(nagalm.init({ wasm: address("missing.wasm") }), { name: "NagalmError", kind: "io" });
});

test("in a module worker", async () => {
  const source = `
    import { parentPort } from "node:worker_threads";
    import { init, Registry, Scanner } from ${JSON.stringify(pathToFileURL(join(folder, "node.js")).href)};
    await init();
    const scanner = new Scanner(Registry.fromTexts([${JSON.stringify(work)}]));
    const report = scanner.scan(${JSON.stringify(work.text)});
    // A report is plain data: it can be sent.
    parentPort.postMessage({ ...structuredClone(report) });
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const report = await new Promise((done, failed) => worker.once("message", done).once("error", failed));
  assert.equal(report.matches.length, 1);
  await worker.terminate();
});

test("types hold for a program that uses everything", (t) => {
  // As its users have it: below node_modules.
  const made = temporary(t);
  const modules = join(import.meta.dirname, "../../node_modules");
  mkdirSync(join(made, "node_modules"));
  symlinkSync(folder, join(made, "node_modules/nagalm"));
  symlinkSync(join(modules, "@types"), join(made, "node_modules/@types"));
  symlinkSync(join(modules, "undici-types"), join(made, "node_modules/undici-types"));
  const use = readFileSync(join(import.meta.dirname, "../types/use.ts"), "utf8");
  const meaning = readFileSync(join(import.meta.dirname, "../types/use-meaning.ts"), "utf8");
  writeFileSync(join(made, "package.json"), '{"type": "module"}');
  for (const [name, conditions, types, more] of [
    ["browser", [], [], ""],
    ["node", ["node"], ["node"], 'import { initSync } from "nagalm";\ninitSync({ wasm: new Uint8Array(8), simd: false });\n'],
  ]) {
    mkdirSync(join(made, name));
    writeFileSync(join(made, name, "use.ts"), use + more);
    writeFileSync(join(made, name, "use-meaning.ts"), meaning + more.replaceAll('"nagalm"', '"nagalm/meaning"'));
    const compilerOptions = {
      strict: true, noEmit: true, noUncheckedIndexedAccess: true, target: "es2022", module: "esnext", moduleResolution: "bundler",
      lib: ["es2023", "dom", "dom.iterable"], customConditions: conditions, types, skipLibCheck: false,
    };
    writeFileSync(join(made, name, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts", "use-meaning.ts"] }));
    const done = spawnSync(join(modules, ".bin/tsc"), ["-p", join(made, name)], { encoding: "utf8" });
    assert.equal(done.status, 0, `${name}: ${done.stdout}${done.stderr}`);
  }
});

test("a bundler takes it along, modules and all", (t) => {
  const made = temporary(t);
  mkdirSync(join(made, "node_modules"));
  symlinkSync(folder, join(made, "node_modules/nagalm"));
  writeFileSync(join(made, "app.js"), 'import { init, Scanner } from "nagalm";\nawait init();\nglobalThis.scanner = Scanner;\n');
  const esbuild = join(import.meta.dirname, "../../node_modules/.bin/esbuild");
  const done = spawnSync(esbuild, ["app.js", "--bundle", "--format=esm", "--outfile=out.js", "--platform=browser"], { cwd: made, encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  const bundled = readFileSync(join(made, "out.js"), "utf8");
  assert.match(bundled, /new URL\("\.\/wasm\/simd\.wasm", import\.meta\.url\)/);
  assert.doesNotMatch(bundled, /node:fs/);
  // The second module only where it is asked for.
  assert.doesNotMatch(bundled, /meaning-(?:core|glue|simd)/);
  writeFileSync(join(made, "app.js"), 'import { init, Neighbours } from "nagalm/meaning";\nawait init();\nglobalThis.neighbours = Neighbours;\n');
  const second = spawnSync(esbuild, ["app.js", "--bundle", "--format=esm", "--outfile=second.js", "--platform=browser"], { cwd: made, encoding: "utf8" });
  assert.equal(second.status, 0, second.stderr);
  assert.match(readFileSync(join(made, "second.js"), "utf8"), /new URL\("\.\/wasm\/meaning-simd\.wasm", import\.meta\.url\)/);
});

test("no path of the machine that built it is in the modules", () => {
  for (const name of ["simd", "scalar", "meaning-simd", "meaning-scalar"]) {
    const bytes = readFileSync(join(folder, `wasm/${name}.wasm`), "latin1");
    assert.doesNotMatch(bytes, /\/(root|home|tmp|work|Users)\//);
  }
});
