// "Ask a model" with registries that tell little: the page's part is played by a small document with an engine of the test's own,
// so that what a sealed registry says can be anything.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { accessible, fill, over, send, table } from "./ask-page.mjs";
import { closeBrowser, open, options } from "./harness.mjs";
import { startModel } from "./stub-model.mjs";

after(closeBrowser);

const document_ = `<!doctype html><html lang="en" class="ready"><head><meta charset="utf-8"><title>sealed</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="style/tokens.css"><link rel="stylesheet" href="style/page.css"><link rel="stylesheet" href="style/marks.css"><link rel="stylesheet" href="ask/ask.css">
</head><body><main><h1>Ask</h1><h2>Sealed</h2><section id="panel"></section></main><script type="module" src="sealed-page.js"></script></body></html>`;

/** @param {object[]} works */
const script = (works) => `
import { setLanguage } from "./strings.js";
import { compare } from "./compare.js";
import { mountAsk } from "./ask/view.js";
await setLanguage("en");
const works = ${JSON.stringify(works)};
const report = (text, { id, fields }) => {
  const at = text.indexOf("The last boat");
  const found = { work: 7, ...(works.find((one) => one.work === 7)), output: { start: at, end: at + 60 }, passages: [{ start: at, end: at + 60 }], grams: 5, words: 12, by_chance: 1e-12 };
  const seal = { profile: "public", recipient: "everybody", release: "1", signature: "valid" };
  const made = { schema: "nagalm.report/1", id, offset_unit: "utf16", complete: true, registry: "00", version: "0.1.0", coverage: { matched: 0, total: text.length }, matches: [], works: [],
    sealed: { ...seal, matches: at < 0 ? [] : [found], leads: [] }, ...fields };
  return { report: made, json: JSON.stringify({ ...made, offset_unit: "code_point" }) };
};
const engine = { works: async () => works, work: async () => undefined, scan: async (text, options) => report(text, options) };
globalThis.asked = mountAsk(document.getElementById("panel"), { engine, registryInfo: { kind: "sealed", name: "sealed", works: works.length, contentHash: "00", version: "0.1.0" }, compare });
`;
const opened = (works) =>
  open({
    path: "/sealed-page.html",
    pages: {
      "/sealed-page.html": { type: "text/html; charset=utf-8", body: document_ },
      "/sealed-page.js": { type: "text/javascript; charset=utf-8", body: script(works) },
    },
  });

test("a sealed registry that tells titles: asked by title, counted by number", options(), async () => {
  const model = await startModel();
  const session = await opened([
    { work: 7, title: "Ferry Light", creators: ["Maud Ellery"] },
    { work: 8, title: "Paper Kings", creators: ["Hana Brook"] },
    { work: 9 },
  ]);
  const { page } = session;
  await page.waitForSelector("#ask-address");
  assert.match((await page.textContent(".works-count")) ?? "", /2 of 2 works chosen\. 1 further work has no title/);
  await fill(page, { address: model.origin, model: "reciter", answers: 2, concurrency: 2 });
  await send(page);
  await over(page);
  const [ferry, kings, all] = await table(page);
  assert.match(ferry[1], /^2 of 2/);
  assert.equal(ferry[2], "12", "words, since a sealed registry does not say how long a work is");
  assert.match(kings[1], /^0 of 2/);
  assert.match(all[1], /^2 of 4/);
  assert.match((await page.textContent(".results")) ?? "", /does not say how long a work is/);
  await page.click(".answers summary >> nth=0");
  await page.waitForSelector(".answers .comparison .e");
  await accessible(page, "a sealed registry's answers");
  assert.equal(await page.evaluate(() => globalThis.asked.results().answers.length), 12);
  await model.close();
  await session.close();
});

test("one that tells none says what is missing", options(), async () => {
  const session = await opened([{ work: 1 }, { work: 2, work_id: "T-1" }]);
  const { page } = session;
  await page.waitForSelector("text=This registry tells no titles");
  assert.match((await page.textContent("#panel")) ?? "", /--metadata titles/);
  assert.equal(await page.$("#ask-send"), null);
  await accessible(page, "no titles");
  await session.close();
});
