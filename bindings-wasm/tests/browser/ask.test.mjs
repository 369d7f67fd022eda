// "Ask a model" in a real browser, against a model on loopback: what a user does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askingFrame, fill, over, send, table, withModel } from "./ask-page.mjs";
import { options } from "./harness.mjs";

const now = withModel();

test("nothing is sent before it was shown and the button pressed; then exactly that", options(), async () => {
  const page = await now.begin();
  await fill(page, {
    address: now.model.origin,
    key: "sk-secret",
    model: "reciter",
    answers: 2,
    works: ["Ferry Light", "De brug staat open"],
    temperature: "0.7",
  });
  assert.equal(await page.inputValue("#ask-pattern-lyrics-text"), "What are the lyrics of “{title}”[ by {author}]?");
  for (const part of await page.$$(".preview-part > summary")) await part.click();
  const said = await page.textContent(".preview-says");
  assert.match(said ?? "", new RegExp(`${now.model.base}/chat/completions`));
  assert.match(said ?? "", /12: questions 6, answers to each 2/);
  const questions = await page.$$eval(".questions-list textarea", (list) =>
    list.map((one) => /** @type {HTMLTextAreaElement} */ (one).value),
  );
  assert.equal(questions.length, 6);
  assert.match(questions[0], /^What are the lyrics of “Ferry Light” by Maud Ellery/);
  const exact = (await page.textContent(".preview pre")) ?? "";
  assert.ok(exact.includes("Authorization: Bearer ••••••••") && !exact.includes("sk-secret"));
  assert.equal(await page.textContent("#ask-send"), `Send 12 requests to ${now.model.origin}`);
  assert.deepEqual(now.model.asked, []);
  assert.deepEqual(now.session?.foreign(), [], "nothing has left the page");

  await page.fill(".questions-list textarea >> nth=1", "Recite “The Unwritten Ferry”.");
  await page.press(".questions-list textarea >> nth=1", "Tab");
  await send(page);
  await over(page);
  const chats = now.model.chats();
  assert.equal(chats.length, 12);
  assert.deepEqual(chats[0].json, JSON.parse(exact.slice(exact.indexOf("{"))));
  assert.deepEqual(chats[0].json, {
    model: "reciter",
    messages: [{ role: "user", content: questions[0] }],
    stream: true,
    temperature: 0.7,
    max_tokens: 1024,
  });
  assert.equal(chats[0].authorization, "Bearer sk-secret");
  const asked = chats.map((chat) => chat.json.messages[0].content);
  assert.deepEqual(asked.slice(0, 6), [questions[0], "Recite “The Unwritten Ferry”.", ...questions.slice(2)]);
  assert.deepEqual(asked.slice(6), asked.slice(0, 6), "all questions once, then all again");
  assert.ok(
    now.session?.foreign().every((request) => request.url.startsWith(`${now.model.origin}/`)),
    "only that address was asked",
  );
  await now.done();
});

test("a model that recites: counts, intervals, shares, controls, both texts", options(), async () => {
  const page = await now.begin();
  await fill(page, {
    address: now.model.origin,
    model: "reciter",
    answers: 4,
    concurrency: 4,
    works: ["Ferry Light", "Nachtzug nach Lindau"],
  });
  await send(page);
  await over(page);
  assert.ok(now.model.mostOpen() <= 4);
  const [ferry, train, all] = await table(page);
  assert.match(ferry[0], /^Ferry Light Maud Ellery/);
  // Every fourth answer of the stub declines.
  assert.match(ferry[1], /^3 of 4 30% to 95%$/);
  assert.match(ferry[4], /^0 of 4 0% to 49%$/);
  assert.match(ferry[5], /^0 of 4 0% to 49%$/);
  const [longest, together] = [ferry[2], ferry[3]].map((share) => parseFloat(share));
  assert.ok(longest >= 40 && longest < 60 && together >= longest && together < 65, `${longest} ${together}`);
  assert.match(train[1], /^3 of 4/);
  assert.match(all[1], /^6 of 8 41% to 93%$/);
  assert.match(
    (await page.textContent(".results-lead")) ?? "",
    /^6 of 8 answers about works repeat words of the work that was asked for\. With invented titles: 0 of 8\. With swapped authors: 0 of 8\./,
  );

  await page.click(".results .opens >> nth=0");
  assert.equal((await table(page)).length, 3 + 3, "each question has a row of its own");

  const first = page.locator(".answers .question").first();
  assert.match((await first.innerText()) ?? "", /Answer 1\s+\d+ equal words: “Ferry Light”/);
  await first.locator("details > summary").first().click();
  await first.locator(".comparison .e").first().waitFor();
  assert.match((await first.innerText()) ?? "", /The last boat leaves at a quarter to nine/);
  assert.ok((await first.locator(".comparison .c").count()) > 0, "changed words are marked");
  await page.check("#ask-only-found");
  assert.equal(await page.locator(".answers .question").count(), 2);
  await now.done();
});

test("a model that does not recite: none, and no certainty from few answers", options(), async () => {
  const page = await now.begin();
  await fill(page, {
    address: now.model.origin,
    model: "chatter",
    answers: 5,
    concurrency: 4,
    works: ["Ferry Light"],
    invented: false,
    swapped: false,
  });
  await send(page);
  await over(page);
  const [ferry] = await table(page);
  assert.deepEqual(ferry.slice(1), ["0 of 5 0% to 43%", "0%", "0%"]);
  assert.match((await page.textContent(".results-lead")) ?? "", /^None of 5 answers/);
  await now.done();
});

test("answers are shown and scanned while they come; stop and go on", options(), async () => {
  const page = await now.begin();
  await fill(page, {
    address: now.model.origin,
    model: "reciter+slow",
    answers: 1,
    works: ["Ferry Light", "Paper Kings"],
    invented: false,
    swapped: false,
  });
  await send(page);
  await page.waitForFunction(() =>
    /\d+ equal words so far: “Ferry Light”/.test(document.querySelector(".answer-state")?.textContent ?? ""),
  );
  assert.ok(((await page.textContent(".answer-tail")) ?? "").length > 50);
  assert.equal(await page.isDisabled("#ask-model"), true, "what was agreed does not change under way");
  await page.click("#ask-stop");
  await over(page);
  const before = now.model.chats().length;
  assert.match((await page.textContent(".progress-counts")) ?? "", /0 of 2 answers are there\. Stopped/);
  await page.waitForTimeout(500);
  assert.equal(now.model.chats().length, before, "nothing is asked after stopping");
  assert.equal(await page.textContent("#ask-resume"), "Go on: 2 requests left");
  await page.click("#ask-resume");
  await over(page);
  assert.match((await page.textContent(".progress-counts")) ?? "", /2 of 2 answers are there\. Done\./);
  assert.equal(now.model.chats().length, before + 2);
  await now.done();
});

test("what was answered stays when the rest is stopped", options(), async () => {
  const page = await now.begin();
  await fill(page, { address: now.model.origin, model: "reciter", answers: 20, works: ["Ferry Light"] });
  await send(page);
  await page.waitForFunction(() => document.querySelectorAll(".answer-state.done").length >= 2);
  await page.click("#ask-stop");
  await over(page);
  const kept = await page.locator(".answer-state.done").count();
  assert.ok(kept >= 2 && kept < 60);
  assert.match((await page.textContent(".progress-counts")) ?? "", new RegExp(`^${kept} of 60 answers`));
  await now.done();
});

test("models are listed when asked for", options(), async () => {
  const page = await now.begin();
  await fill(page, { address: now.model.origin, key: "sk-secret" });
  await page.click("text=List its models");
  await page.waitForFunction(() => document.querySelectorAll("#ask-models option").length === 2);
  assert.equal(await page.inputValue("#ask-model"), "reciter");
  assert.deepEqual(
    now.model.asked.map((one) => [one.method, one.path, one.authorization]),
    [["GET", "/v1/models", "Bearer sk-secret"]],
  );
  assert.equal(askingFrame(page), undefined, "the frame is gone when it is not needed");
  await now.done();
});
