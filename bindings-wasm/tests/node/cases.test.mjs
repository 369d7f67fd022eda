// The project's cases through the package: byte for byte what the command line writes, from both builds; and what each case says.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "smol-toml";

import { binary, both, command, lines, root, temporary, withoutBinary } from "./common.mjs";

const { simd, scalar } = await both();
const folder = join(root, "tests/cases");
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".toml"))
  .sort()
  .flatMap((name) => parse(readFileSync(join(folder, name), "utf8")).case);

const works = ({ works }) =>
  works.map(({ id, text, title }) => (title === undefined ? { work_id: id, text } : { work_id: id, text, title }));

test("there are cases", () => assert.ok(cases.length > 100));

test("both builds say the same, and offsets are UTF-16", () => {
  for (const each of cases) {
    const reports = [simd, scalar].map((nagalm) => {
      const registry = nagalm.Registry.fromTexts(works(each));
      const scanner = new nagalm.Scanner(registry);
      const report = scanner.scan(each.output, { id: each.name });
      scanner.free();
      registry.free();
      return report;
    });
    const [report, other] = reports;
    assert.equal(report.json(), other.json(), each.name);
    assert.deepEqual({ ...report }, { ...other }, each.name);
    assert.equal(report.offset_unit, "utf16");
    assert.equal(report.coverage.total, each.output.length, each.name);
    for (const match of report.matches) {
      assert.equal(each.output.slice(match.output.start, match.output.end), match.quote.output, each.name);
      const source = each.works.find((work) => work.id === match.work_id).text;
      assert.equal(source.slice(match.source.start, match.source.end), match.quote.source, each.name);
      for (const edit of match.edits) {
        assert.ok(edit.output.start >= match.output.start && edit.output.end <= match.output.end, each.name);
        assert.ok(edit.source.start >= match.source.start && edit.source.end <= match.source.end, each.name);
      }
    }
    if (each.matches) {
      // What the case says itself; the core's tests say more of it.
      const found = report.matches.map(({ output }) => each.output.slice(output.start, output.end));
      assert.deepEqual(found, each.matches.map(({ text }) => text), each.name);
    }
  }
});

test("the line is the command line's", { skip: withoutBinary }, (t) => {
  const made = temporary(t);
  // One registry for all cases: each run of the program takes a while.
  const all = cases.flatMap((each, k) => works(each).map((work) => ({ ...work, work_id: `${k}/${work.work_id}` })));
  const outputs = cases.map((each, k) => ({ id: each.name, text: each.output, model: "m 😀", works: k, version: { theirs: [1, null] } }));
  writeFileSync(join(made, "works.jsonl"), lines(all));
  writeFileSync(join(made, "outputs.jsonl"), lines(outputs));
  command("register", join(made, "songs.nagalm"), join(made, "works.jsonl"));
  command("scan", join(made, "songs.nagalm"), join(made, "outputs.jsonl"), "-o", join(made, "reports.jsonl"));
  const expected = readFileSync(join(made, "reports.jsonl"), "utf8").split("\n").slice(0, -1);
  const hash = JSON.parse(command("info", join(made, "songs.nagalm"), "--json")).content_hash;
  command("export", join(made, "songs.nagalm"), join(made, "exported.jsonl"));
  const exported = readFileSync(join(made, "exported.jsonl"));
  for (const nagalm of [simd, scalar]) {
    const registry = nagalm.Registry.fromTexts(all);
    assert.equal(registry.contentHash, hash);
    const opened = nagalm.Registry.fromBytes(exported);
    assert.equal(opened.contentHash, hash);
    const scanner = new nagalm.Scanner(opened);
    const written = outputs.map(({ id, text, ...fields }) => scanner.scan(text, { id, fields }).json());
    assert.deepEqual(written, expected);
  }
  assert.ok(expected.some((line) => line.includes('"matches":[{')));
  assert.ok(binary);
});
