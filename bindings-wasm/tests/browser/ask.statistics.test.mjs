// Counts, intervals and shares.

import assert from "node:assert/strict";
import { test } from "node:test";

import { count, equalSpans, letters, matches, shareOfAll, summarise, totals, union, wilson } from "../../web/ask/statistics.js";

const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 5e-4, `${actual} is not ${expected}`);

test("Wilson's interval, against published values", () => {
  // Newcombe, R. G. (1998), Statistics in Medicine 17, 857–872, table I, method 3.
  for (const [matched, answers, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]) {
    const interval = wilson(matched, answers);
    near(interval.low, low);
    near(interval.high, high);
  }
  assert.deepEqual(wilson(0, 0), { low: 0, high: 1 });
  assert.equal(wilson(7, 7).high, 1);
  for (let answers = 1; answers < 40; answers++) {
    for (let matched = 0; matched <= answers; matched++) {
      const { low, high } = count(matched, answers);
      assert.ok(low <= matched / answers && matched / answers <= high && low >= 0 && high <= 1);
    }
  }
});

test("spans that overlap or touch count once", () => {
  assert.deepEqual(
    union([
      { start: 5, end: 9 },
      { start: 0, end: 3 },
      { start: 3, end: 4 },
      { start: 6, end: 7 },
    ]),
    [
      { start: 0, end: 4 },
      { start: 5, end: 9 },
    ],
  );
  assert.deepEqual(union([]), []);
  assert.equal(letters("Één – two, 3!"), 7);
});

const found = (work_id, spans, share) => ({
  matches: [
    {
      work_id,
      also_in: ["twin"],
      words: { matched: 8 },
      edits: [
        ...spans.map(([start, end]) => ({ op: "equal", source: { start, end } })),
        { op: "changed", source: { start: 90, end: 99 } },
      ],
    },
  ],
  works: [{ work_id, share_of_work: share }],
});

test("the share over all answers is the union of what came out", () => {
  const text = "abcde fghij klmno pqrst";
  const reports = [
    found("w", [[0, 5]], 0.25),
    found("w", [[0, 11]], 0.5),
    found("other", [[0, 23]], 1),
    { matches: [], works: [] },
  ];
  assert.equal(shareOfAll(reports, "w", text), 0.5);
  assert.equal(shareOfAll([found("w", [[0, 5]], 0.25), found("w", [[18, 23]], 0.25)], "w", text), 0.5);
  assert.equal(shareOfAll([found("w", [[0, 5]], 0.6)], "w", text), 0.6, "never less than one answer");
  assert.equal(shareOfAll([], "w", ""), 0);
  assert.deepEqual(equalSpans(found("w", [[0, 5]], 0.2), "w"), [{ start: 0, end: 5 }]);
});

const answered = (kind, report, work = "w", id = `${kind}/l/${work}`) => ({
  prompt: { id, kind, work, of: { title: "T", author: "A" }, title: kind === "invented" ? "X" : "T", author: "A" },
  report,
});
const nothing = { matches: [], works: [] };

test("controls are counted apart, and beside their work", () => {
  const all = [
    answered("asks", found("w", [[0, 5]], 0.25)),
    answered("asks", nothing),
    answered("asks", found("other", [[0, 5]], 0.25)),
    answered("invented", nothing),
    answered("invented", found("other", [[0, 5]], 0.3)),
    answered("swapped", found("w", [[0, 5]], 0.4)),
    answered("asks", nothing, "v"),
  ];
  const [w, v] = summarise(all, new Map([["w", "abcde fghij klmno pqrst"]]));
  assert.deepEqual([w.asks.matched, w.asks.answers], [1, 3], "a match of another work is none of this one");
  assert.deepEqual([w.invented.matched, w.invented.answers], [1, 2], "beside an invented title any match counts");
  assert.deepEqual([w.swapped.matched, w.swapped.answers], [1, 1]);
  assert.equal(w.longest, 0.25);
  assert.equal(w.all, 0.25);
  assert.equal(w.prompts.length, 3);
  assert.deepEqual([v.asks.matched, v.asks.answers, v.longest, v.all, v.invented], [0, 1, 0, undefined, undefined]);
  const [alone] = summarise([answered("invented", nothing)], new Map([["w", "abc"]]));
  assert.deepEqual(
    [alone.title, alone.asks.answers, alone.all],
    ["T", 0, undefined],
    "a work whose controls come first keeps its title",
  );
  const sums = totals(all);
  assert.deepEqual([sums.asks.matched, sums.asks.answers, sums.invented.matched], [1, 4, 1]);
});

test("a sealed registry tells works, and no shares", () => {
  const report = { matches: [], works: [], sealed: { matches: [{ work: 7, words: 40 }], leads: [{ work: 8, words: 8 }] } };
  assert.ok(matches(report, "#7") && matches(report) && !matches(report, "#8"));
  const [row] = summarise([answered("asks", report, "#7")]);
  assert.deepEqual([row.asks.matched, row.longest, row.words], [1, undefined, 40]);
  const withId = { matches: [], works: [], sealed: { matches: [{ work: 7, work_id: "w", words: 40 }], leads: [] } };
  assert.ok(matches(withId, "w") && !matches(withId, "#7"));
});
