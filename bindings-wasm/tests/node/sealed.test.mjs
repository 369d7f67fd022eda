// Sealed registries: what the command line seals is scanned to the same line; hostile bytes are refused, and nothing breaks.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { both, command, invented, kind, lines, temporary, withoutBinary } from "./common.mjs";

const { simd, scalar } = await both();
const works = Array.from({ length: 40 }, (_, k) => ({ work_id: `w${k}`, title: `Title ${k} 😀`, text: invented(k, 200) }));
let bytes;

before((t) => {
  if (withoutBinary) return;
  const made = temporary({ after: (done) => process.on("exit", done) });
  writeFileSync(join(made, "works.jsonl"), lines(works));
  command("register", join(made, "r"), join(made, "works.jsonl"));
  command(
    "seal", join(made, "r"), "--profile", "contract", "--metadata", "titles", "--recipient", "tests", "--release", "1",
    "--signer", "a society", "-o", join(made, "r.sealed"),
  );
  bytes = readFileSync(join(made, "r.sealed"));
  const outputs = [
    { id: "copied", text: `😀😀 well: ${works[3].text.split(" ").slice(20, 150).join(" ")} 😀 and then ${works[7].text}` },
    { id: "none", text: invented(1000, 300) },
  ];
  writeFileSync(join(made, "o.jsonl"), lines(outputs));
  command("scan", join(made, "r.sealed"), join(made, "o.jsonl"), "-o", join(made, "reports.jsonl"));
  bytes.outputs = outputs;
  bytes.expected = readFileSync(join(made, "reports.jsonl"), "utf8").split("\n").slice(0, -1);
});

test("a sealed registry is scanned as the command line scans it", { skip: withoutBinary }, () => {
  for (const nagalm of [simd, scalar]) {
    const registry = nagalm.Registry.fromBytes(bytes);
    assert.equal(registry.sealInfo().recipient, "tests");
    assert.equal(registry.sealInfo().signature, "valid");
    assert.equal(registry.info().works, works.length);
    const known = registry.works();
    assert.deepEqual(known.map(({ work_id }) => work_id).sort(), works.map(({ work_id }) => work_id).sort());
    assert.deepEqual(known.map(({ work }) => work), works.map((_, k) => k));
    assert.equal(known.find(({ work_id }) => work_id === "w5").title, "Title 5 😀");
    assert.equal(kind(nagalm, () => registry.work("w1")), "input");
    const scanner = new nagalm.Scanner(registry);
    const reports = bytes.outputs.map(({ id, text }) => scanner.scan(text, { id }));
    assert.deepEqual(reports.map((report) => report.json()), bytes.expected);
    const [copied] = reports;
    assert.equal(copied.sealed.matches.length, 2);
    const found = copied.sealed.matches.find(({ work_id }) => work_id === "w7");
    assert.equal(copied.sealed.matches[0].passages[0].start < copied.coverage.total, true);
    const text = bytes.outputs[0].text;
    assert.ok(works[7].text.includes(text.slice(found.output.start, found.output.end)));
    assert.equal(copied.coverage.total, text.length);
  }
});

test("whom one trusts", { skip: withoutBinary }, () => {
  const key = simd.Registry.fromBytes(bytes).sealInfo().signer_key;
  assert.equal(simd.Registry.fromBytes(bytes, { trust: [key] }).sealInfo().signature, "trusted");
  const other = { trust: ["ab".repeat(32)] };
  assert.equal(kind(simd, () => simd.Registry.fromBytes(bytes, other)), "untrusted");
  assert.equal(simd.Registry.fromBytes(bytes, { ...other, unverified: true }).sealInfo().signature, "foreign");
  assert.equal(kind(simd, () => simd.Registry.fromBytes(bytes, { trust: ["x"] })), "input");
});

test("a stream takes one piece of memory", { skip: withoutBinary }, async () => {
  const pieces = (size) =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(new Uint8Array(bytes.subarray(at, at + size)));
        controller.close();
      },
    });
  for (const size of [1, 7, 1000, bytes.length]) {
    const registry = await simd.Registry.fromStream(pieces(size), bytes.length);
    assert.equal(registry.info().works, works.length);
    registry.free();
  }
  const refused = async (promise) => promise.then(() => "none", (e) => e.kind);
  assert.equal(await refused(simd.Registry.fromStream(pieces(100), bytes.length + 1)), "input");
  assert.equal(await refused(simd.Registry.fromStream(pieces(100), bytes.length - 1)), "input");
  assert.equal(await refused(simd.Registry.fromStream(pieces(100), -1)), "input");
  const strings = new ReadableStream({ start: (controller) => (controller.enqueue("no bytes"), controller.close()) });
  assert.equal(await refused(simd.Registry.fromStream(strings, 8)), "input");
  const failing = new ReadableStream({ pull: () => Promise.reject(new Error("the disk is gone")) });
  await assert.rejects(simd.Registry.fromStream(failing, 8), /the disk is gone/);
});

test("works as JSON lines, packed or not", async () => {
  const text = new TextEncoder().encode(`\ufeff${lines(works)}\n`);
  const hash = simd.Registry.fromTexts(works).contentHash;
  assert.equal(simd.Registry.fromBytes(text).contentHash, hash);
  const stream = (bytes) => new Blob([bytes]).stream();
  assert.equal((await simd.Registry.fromStream(stream(text), text.length)).contentHash, hash);
  const packed = gzipSync(text);
  assert.equal((await simd.Registry.fromStream(stream(packed), packed.length)).contentHash, hash);
  const damaged = packed.subarray(0, packed.length - 20);
  await assert.rejects(simd.Registry.fromStream(stream(damaged), damaged.length), { kind: "corrupt" });
  const wrong = new TextEncoder().encode(`${lines(works.slice(0, 2))}{"work_id": 3}\n`);
  assert.throws(() => simd.Registry.fromBytes(wrong), { kind: "input", message: /line 3/ });
  for (const none of [[], [1, 2, 3], [0xff, 0xfe], [10, 10]]) {
    assert.equal(kind(simd, () => simd.Registry.fromBytes(Uint8Array.from(none))), "input");
  }
});

test("damaged files are refused, and everything goes on", { skip: withoutBinary }, () => {
  for (const nagalm of [simd, scalar]) {
    const scanner = new nagalm.Scanner(nagalm.Registry.fromBytes(bytes));
    for (let length = 8; length < bytes.length; length += length < 300 ? 1 : 997) {
      assert.equal(kind(nagalm, () => nagalm.Registry.fromBytes(bytes.subarray(0, length))), "corrupt", `cut at ${length}`);
    }
    for (let bit = 64; bit < 8 * bytes.length; bit += bit < 3000 ? 5 : 7919) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3] ^= 1 << (bit & 7);
      const found = kind(nagalm, () => nagalm.Registry.fromBytes(flipped));
      assert.ok(["corrupt", "version", "untrusted"].includes(found), `bit ${bit}: ${found}`);
    }
    const [{ id, text }] = bytes.outputs;
    assert.equal(scanner.scan(text, { id }).json(), bytes.expected[0]);
  }
});
