// The comparison without a browser: rows, words and markup, held to what the command line's page says (core/cli/src/output).

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { ROOT } from "./harness.mjs";
import { comparisonMarkup, summary } from "../../web/compare.js";
import { rows } from "../../web/compare/rows.js";
import { chance, moreOnWords, sealedWords, tricks, words } from "../../web/compare/words.js";
import { percent, pickLanguage, use } from "../../web/strings.js";
import { h, toMarkup } from "../../web/tree.js";

const strings = (/** @type {string} */ language) => {
  const folder = join(ROOT, "bindings-wasm/web/strings", language);
  return Object.assign({}, ...readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8"))));
};
use("en", strings("en"));

/** A match as the command line's tests have it; `edits` are the runs of its alignment, each an operation and its texts. */
function found(output, source, edits, more = {}) {
  const start = 5; // as if something stood before it
  let a = 0, b = 0;
  const placed = edits.map(([op, left, right]) => {
    if (left) a = output.indexOf(left, a);
    if (right) b = source.indexOf(right, b);
    const edit = { op, output: { start: start + a, end: start + a + left.length }, source: { start: start + b, end: start + b + right.length } };
    a += left.length;
    b += right.length;
    return edit;
  });
  return {
    work_id: "T-1", title: "Die Brücke", kind: "near-verbatim", output: { start, end: start + output.length }, source: { start, end: start + source.length },
    words: { matched: 8, output: 11, source: 10 }, letters: { matched: 40 }, identity: 0.8, longest_run_words: 4, bits: 80, evalue: 3.2e-17, also_in: ["T-9"],
    edits: placed, quote: { output, source }, ...more,
  };
}

const bridge = () => found("Über die Brücke gehen wir,\nheute noch im Regen\nund singen", "Über die Brücke gehn wir\nim Regen,\nund singen laut", [
  ["equal", "Über die Brücke", "Über die Brücke"], ["changed", "gehen", "gehn"], ["equal", "wir", "wir"], ["inserted", "heute noch", ""],
  ["equal", "im Regen\nund singen", "im Regen,\nund singen"], ["deleted", "", "laut"],
]);
const report = (matches, more = {}) => ({
  schema: "nagalm.report/1", id: "1", offset_unit: "utf16", complete: true, registry: "r", version: "0", coverage: { matched: 10, total: 100 }, matches,
  works: [{ work_id: "T-1", matched: 40, share_of_work: 0.612 }], ...more,
});
const text = (/** @type {any[]} */ pieces) => pieces.map((piece) => piece.text).join("");

test("lines stand beside their lines", () => {
  const all = [...rows(bridge())];
  assert.deepEqual(all.map((row) => [text(row.output), text(row.source)]), [
    ["Über die Brücke gehen wir,", "Über die Brücke gehn wir"], ["heute noch im Regen", "im Regen,"], ["und singen", "und singen laut"],
  ]);
  assert.deepEqual(all[0].output.map((piece) => piece.mark), ["equal", "between", "changed", "between", "equal", "between"]);
  assert.equal(all[1].output[0].mark, "inserted");
  assert.equal(all[2].source.at(-1)?.mark, "deleted");
});

test("rows hold all of both passages, whatever the alignment", () => {
  let state = 9;
  const next = (/** @type {number} */ n) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % n;
  for (let round = 0; round < 300; round++) {
    const edits = [];
    let [output, source] = ["", ""];
    for (let i = 0; i < 1 + next(12); i++) {
      const gap = [" ", "\n", "\n\n", ", ", ". "][next(5)];
      const run = () => Array.from({ length: 1 + next(60) }, () => `w${next(99)}`).join([" ", "\n"][next(2)]);
      const op = ["equal", "changed", "inserted", "deleted"][next(4)];
      const left = op === "deleted" ? "" : run();
      const right = op === "inserted" ? "" : op === "equal" ? left : run();
      if (left) output += (output && gap) + left;
      if (right) source += (source && gap) + right;
      edits.push({ op, output: { start: output.length - left.length, end: output.length }, source: { start: source.length - right.length, end: source.length } });
    }
    const all = [...rows({ output: { start: 0, end: output.length }, source: { start: 0, end: source.length }, edits, quote: { output, source } })];
    const bare = (/** @type {string} */ text) => text.replace(/\s/g, "");
    assert.equal(bare(all.map((row) => text(row.output)).join("")), bare(output));
    assert.equal(bare(all.map((row) => text(row.source)).join("")), bare(source));
  }
});

test("wrong offsets give no picture and no error", () => {
  for (const side of ["output", "source"]) {
    const wrong = bridge();
    wrong.edits[1][side].end = 4000;
    assert.equal(rows(wrong), undefined);
    assert.match(comparisonMarkup(report([wrong]), "x"), /does not hold the texts/);
  }
  assert.equal(rows({ ...bridge(), quote: undefined }), undefined);
});

test("numbers in words, as the command line says them", () => {
  const match = bridge();
  assert.equal(words(match), "8 of 11 words are the same, in the same order.");
  assert.deepEqual(moreOnWords(match), ["The passage in the work has 10 words.", "At most 4 stand in a row without a change."]);
  Object.assign(match, { kind: "verbatim", words: { matched: 8, output: 8, source: 8 } });
  assert.equal(words(match), "All 8 words are the same, in the same order.");
  match.words.output = 30;
  assert.equal(words(match), "All 8 words of the work’s passage are there, in the same order.");
  assert.match(moreOnWords(match)[0], /in another way/);
  assert.equal(tricks(["base64", "not-known-yet"]), "The output writes it with base64 and another trick.");
  assert.equal(tricks([]), undefined);
});

test("chance is never said to be less than it is", () => {
  assert.deepEqual([3.2e-91, 0, 1e-90, 1.0000001e-8, 1e-7].map(chance), [{ power: 90 }, { power: 300 }, { power: 90 }, { power: 7 }, { power: 7 }]);
  assert.deepEqual([2.2e-5, 1e-3, 0.1, 1e-6].map(chance), [{ scans: 40_000 }, { scans: 1000 }, { scans: 10 }, { scans: 1_000_000 }]);
  assert.deepEqual(chance(2), { common: 2 });
  assert.ok("common" in chance(NaN));
  assert.match(toMarkup(h("p", {}, ...sealedWords({ grams: 1, words: 8, by_chance: 2e-9 }).flat())), /is stored .*once in 10<sup>8<\/sup> scans/);
});

test("shares are honest at the ends, and written as the language does", () => {
  assert.deepEqual([1, 0.9999, 0.0001, 0, 0.612].map(percent), ["100%", "99.9%", "less than 1%", "0%", "61%"]);
  use("de", strings("de"));
  assert.deepEqual([0.9999, 0.0001].map(percent), ["99,9\u00a0%", "weniger als 1\u00a0%"]);
  use("en", strings("en"));
  assert.equal(pickLanguage(["fr-FR", "de-AT"]), "de");
  assert.equal(pickLanguage(["fr"]), "en");
});

test("markup: marks, sentences, what is not complete, and what hostile input is", () => {
  const markup = comparisonMarkup(report([bridge()], { complete: false, not_searched: [{ start: 40, end: 90 }] }), "x".repeat(100));
  for (const part of [
    '<span class="e">Über die Brücke</span> <span class="c">gehen</span>', "<ins>heute noch</ins>", "<del>laut</del>", "less than once in 10<sup>16</sup> scans",
    "61% of the work stands in this output", "also stands in T-9", "<strong>Not complete.</strong> 50 characters of the text (50%) were not searched.", "characters 40–90",
  ]) assert.ok(markup.includes(part), `${part} is not in ${markup}`);
  const evil = `"'><script>alert(1)</script>&`;
  const hostile = comparisonMarkup(report([{ ...bridge(), title: evil, work_id: evil, also_in: [evil], tricks: [evil] }], { works: [{ work_id: evil, share_of_work: 1 }] }), evil,
    { works: new Map([[evil, { work_id: evil, creators: [evil], language: evil }]]) });
  assert.doesNotMatch(hostile, /<script|"'>/);
  assert.ok(hostile.includes("&lt;script&gt;alert(1)"));
  assert.throws(() => h("a", { href: "javascript:alert(1)" }));
  assert.throws(() => h("p", { onclick: "x" }));
  assert.throws(() => h("p", { style: "x" }));
  assert.throws(() => h("script"));
});

test("a sealed registry's findings: matches and leads apart, places marked", () => {
  const output = `${"before ".repeat(60)}one two three four five six seven eight${" after".repeat(60)}`;
  const start = output.indexOf("one");
  const place = { output: { start, end: start + 39 }, passages: [{ start, end: start + 39 }], grams: 1, words: 8, by_chance: 1e-9 };
  const sealed = { profile: "public", matches: [{ ...place, work: 7, grams: 2 }], leads: [{ ...place, work: 8, work_id: "L-8", title: "Lead" }] };
  const markup = comparisonMarkup(report([], { sealed, works: [] }), output);
  for (const part of ["Work no. 7", "Lead (L-8)", "lead only", '<span class="e">one two three four five six seven eight</span>', "no evidence by itself", "holds no text"]) assert.ok(markup.includes(part), `${part} is not in ${markup}`);
  assert.ok(markup.indexOf("Work no. 7") < markup.indexOf('class="leads"') && markup.indexOf('class="leads"') < markup.indexOf("Lead (L-8)"));
  assert.equal(summary(report([], { sealed })), "1 registered work was recognised");
  assert.equal(summary(report([], { sealed: { ...sealed, matches: [] } })), "No match, but 1 lead");
  assert.equal(summary(report([])), "Nothing was found");
});
