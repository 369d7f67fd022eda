// "Ask a model" in a real browser, against a model on loopback.

import assert from "node:assert/strict";
import { after, afterEach, beforeEach, test } from "node:test";

import { accessible, askingFrame, fill, openAsk, over, send, table } from "./ask-page.mjs";
import { closeBrowser, options } from "./harness.mjs";
import { startModel } from "./stub-model.mjs";

/** @type {Awaited<ReturnType<typeof startModel>>} */
let model;
/** @type {Awaited<ReturnType<typeof openAsk>> | undefined} */
let session;

beforeEach(async () => (model = await startModel()));
afterEach(async () => {
  await session?.context.close().catch(() => {});
  if (session) await session.server.close().catch(() => {});
  session = undefined;
  await model.close();
});
after(closeBrowser);

/** Opens the page; the test ends with `done`, which fails where the page did what it must not. */
const begin = async (more = {}) => (session = await openAsk(more)).page;
const done = async () => {
  const ending = session;
  session = undefined;
  await ending?.close();
};
/** The browser itself says so of a request that failed; the page cannot keep it from that. */
const failedLoads = (problem) => /Failed to load resource|blocked by CORS policy|net::ERR_/.test(problem);

test("nothing is sent before it was shown and the button pressed; then exactly that", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, key: "sk-secret", model: "reciter", answers: 2, works: ["Ferry Light", "De brug staat open"], temperature: "0.7" });
  assert.equal(await page.inputValue("#ask-pattern-lyrics-text"), "What are the lyrics of “{title}”[ by {author}]?");
  for (const part of await page.$$(".preview-part > summary")) await part.click();
  const said = await page.textContent(".preview-says");
  assert.match(said ?? "", new RegExp(`${model.base}/chat/completions`));
  assert.match(said ?? "", /12: questions 6, answers to each 2/);
  const questions = await page.$$eval(".questions-list textarea", (list) => list.map((one) => /** @type {HTMLTextAreaElement} */ (one).value));
  assert.equal(questions.length, 6);
  assert.match(questions[0], /^What are the lyrics of “Ferry Light” by Maud Ellery/);
  const exact = (await page.textContent(".preview pre")) ?? "";
  assert.ok(exact.includes("Authorization: Bearer ••••••••") && !exact.includes("sk-secret"));
  assert.equal(await page.textContent("#ask-send"), `Send 12 requests to ${model.origin}`);
  assert.deepEqual(model.asked, []);
  assert.deepEqual(session?.foreign(), [], "nothing has left the page");

  await page.fill(".questions-list textarea >> nth=1", "Recite “The Unwritten Ferry”.");
  await page.press(".questions-list textarea >> nth=1", "Tab");
  await send(page);
  await over(page);
  const chats = model.chats();
  assert.equal(chats.length, 12);
  assert.deepEqual(chats[0].json, JSON.parse(exact.slice(exact.indexOf("{"))));
  assert.deepEqual(chats[0].json, { model: "reciter", messages: [{ role: "user", content: questions[0] }], stream: true, temperature: 0.7, max_tokens: 1024 });
  assert.equal(chats[0].authorization, "Bearer sk-secret");
  const asked = chats.map((chat) => chat.json.messages[0].content);
  assert.deepEqual(asked.slice(0, 6), [questions[0], "Recite “The Unwritten Ferry”.", ...questions.slice(2)]);
  assert.deepEqual(asked.slice(6), asked.slice(0, 6), "all questions once, then all again");
  assert.ok(session?.foreign().every((request) => request.url.startsWith(`${model.origin}/`)), "only that address was asked");
  await done();
});

test("a model that recites: counts, intervals, shares, controls, both texts", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, model: "reciter", answers: 4, concurrency: 4, works: ["Ferry Light", "Nachtzug nach Lindau"] });
  await send(page);
  await over(page);
  assert.ok(model.mostOpen() <= 4);
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
  assert.match((await page.textContent(".results-lead")) ?? "", /^6 of 8 answers about works repeat words of the work that was asked for\. With invented titles: 0 of 8\. With swapped authors: 0 of 8\./);

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
  await done();
});

test("a model that does not recite: none, and no certainty from few answers", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, model: "chatter", answers: 5, concurrency: 4, works: ["Ferry Light"], invented: false, swapped: false });
  await send(page);
  await over(page);
  const [ferry] = await table(page);
  assert.deepEqual(ferry.slice(1), ["0 of 5 0% to 43%", "0%", "0%"]);
  assert.match((await page.textContent(".results-lead")) ?? "", /^None of 5 answers/);
  await done();
});

test("answers are shown and scanned while they come; stop and go on", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, model: "reciter+slow", answers: 1, works: ["Ferry Light", "Paper Kings"], invented: false, swapped: false });
  await send(page);
  await page.waitForFunction(() => /\d+ equal words so far: “Ferry Light”/.test(document.querySelector(".answer-state")?.textContent ?? ""));
  assert.ok(((await page.textContent(".answer-tail")) ?? "").length > 50);
  assert.equal(await page.isDisabled("#ask-model"), true, "what was agreed does not change under way");
  await page.click("#ask-stop");
  await over(page);
  const before = model.chats().length;
  assert.match((await page.textContent(".progress-counts")) ?? "", /0 of 2 answers are there\. Stopped/);
  await page.waitForTimeout(500);
  assert.equal(model.chats().length, before, "nothing is asked after stopping");
  assert.equal(await page.textContent("#ask-resume"), "Go on: 2 requests left");
  await page.click("#ask-resume");
  await over(page);
  assert.match((await page.textContent(".progress-counts")) ?? "", /2 of 2 answers are there\. Done\./);
  assert.equal(model.chats().length, before + 2);
  await done();
});

test("what was answered stays when the rest is stopped", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, model: "reciter", answers: 20, works: ["Ferry Light"] });
  await send(page);
  await page.waitForFunction(() => document.querySelectorAll(".answer-state.done").length >= 2);
  await page.click("#ask-stop");
  await over(page);
  const kept = await page.locator(".answer-state.done").count();
  assert.ok(kept >= 2 && kept < 60);
  assert.match((await page.textContent(".progress-counts")) ?? "", new RegExp(`^${kept} of 60 answers`));
  await done();
});

test("rate limits are respected, and a server that stumbles is asked again", options(), async () => {
  const page = await begin({ expect: failedLoads });
  await fill(page, { address: model.origin, model: "reciter+busy", answers: 1, works: ["Ferry Light"], invented: false, swapped: false });
  await send(page);
  await page.waitForFunction(() => /asks for a pause/.test(document.querySelector(".progress")?.textContent ?? ""));
  await over(page);
  const [first, second] = model.chats();
  assert.ok(second.at - first.at >= 950, `${second.at - first.at} ms instead of the second that was asked for`);
  assert.equal(model.chats().length, 2);
  for (const habit of ["fails-once", "drop-once"]) {
    const asked = model.chats().length;
    await fill(page, { model: `reciter+${habit}`, works: [habit === "drop-once" ? "Paper Kings" : "The Clockmender"] });
    await send(page);
    await over(page);
    assert.equal(model.chats().length, asked + 2, habit);
    assert.match((await page.textContent(".progress-counts")) ?? "", /^1 of 1 answers is there\. Done\./);
  }
  await done();
});

test("a wrong key is told, can be mended, and the run goes on", options(), async () => {
  const locked = await startModel({ key: "sk-right" });
  const page = await begin({ expect: failedLoads });
  await fill(page, { address: locked.origin, key: "sk-wrong", model: "reciter", answers: 1, works: ["Ferry Light"] });
  await send(page);
  await over(page);
  assert.match((await page.textContent(".ran .alert")) ?? "", /does not accept the key \(status 401\).*Incorrect API key provided\./);
  assert.equal(locked.chats().length, 1, "a wrong key is not tried again and again");
  await accessible(page, "a run that was refused");
  await fill(page, { key: "sk-right" });
  await page.click("#ask-resume");
  await over(page);
  assert.equal(await page.isVisible(".ran .alert"), false);
  assert.match((await page.textContent(".progress-counts")) ?? "", /3 of 3/);
  await locked.close();
  await done();
});

test("other faults in plain words: CORS, nobody there, no such model, no such service", options(), async () => {
  const closed = await startModel();
  await closed.close();
  const refusing = await startModel({ cors: false });
  const page = await begin({ expect: failedLoads });
  const trouble = async (values) => {
    await fill(page, { works: ["Ferry Light"], answers: 1, model: "reciter", ...values });
    await send(page);
    await over(page);
    return (await page.textContent(".ran .alert")) ?? "";
  };
  const origin = session?.origin ?? "";
  const refused = await trouble({ address: refusing.origin });
  assert.ok(refused.includes(`OLLAMA_ORIGINS=${origin}`) && refused.includes(`--cors-origins ${origin}`), refused);
  assert.match(await trouble({ address: closed.origin }), /Nobody answers at/);
  assert.match(await trouble({ address: model.origin, model: "nobody" }), /does not have this model.*The model 'nobody' does not exist/);
  assert.match(await trouble({ address: `${model.origin}/elsewhere/v2` }), /does not have this model|no OpenAI-compatible service/);
  assert.equal(refusing.chats().length, 0, "a server that refuses pages is never sent a question");
  await refusing.close();
  await done();
});

test("what is lacking is said, and nothing can be sent", options(), async () => {
  const page = await begin();
  const lacks = async (values) => {
    await fill(page, values);
    return (await page.textContent(".lacking")) ?? "";
  };
  assert.match(await lacks({ address: "" }), /Enter the service's address/);
  assert.match(await lacks({ address: "http://192.168.1.9:11434" }), /https only/);
  assert.match(await lacks({ address: "https://u:p@example.org" }), /Leave out user names/);
  assert.match(await lacks({ address: "not an address" }), /cannot be read/);
  assert.match(await lacks({ address: model.origin }), /Enter the model's name/);
  await page.click("#ask-send");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "ask-model", "the button leads to what is lacking");
  assert.match(await lacks({ model: "m", works: [] }), /Choose a work and a question/);
  await page.click(".works-head button >> nth=0");
  assert.match(await lacks({ answers: 100 }), /more than 5,000 requests/);
  assert.equal(await page.isDisabled("#ask-send"), true);
  assert.deepEqual(model.asked, []);
  await done();
});

test("models are listed when asked for", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, key: "sk-secret" });
  await page.click("text=List its models");
  await page.waitForFunction(() => document.querySelectorAll("#ask-models option").length === 2);
  assert.equal(await page.inputValue("#ask-model"), "reciter");
  assert.deepEqual(model.asked.map((one) => [one.method, one.path, one.authorization]), [["GET", "/v1/models", "Bearer sk-secret"]]);
  assert.equal(askingFrame(page), undefined, "the frame is gone when it is not needed");
  await done();
});

test("the frame reaches the address that was entered, and nothing else", options(), async () => {
  const other = await startModel();
  const page = await begin({ expect: (problem) => /Content Security Policy|Refused to|violates the following/.test(problem) });
  await fill(page, { address: model.origin, model: "reciter+slow", works: ["Ferry Light"], answers: 1 });
  await send(page);
  await page.waitForFunction(() => document.querySelector(".answer-tail")?.textContent);
  const frame = askingFrame(page);
  assert.ok(frame);
  const reach = (url) => frame.evaluate((to) => fetch(to, { mode: "no-cors" }).then(() => "reached", () => "refused"), url);
  assert.equal(await reach(`${model.origin}/v1/models`), "reached");
  for (const url of [`${other.origin}/v1/models`, "http://localhost:1/", "https://example.org/", `${session?.origin}/index.html`, model.origin.replace("127.0.0.1", "localhost")]) {
    assert.equal(await reach(url), "refused", url);
  }
  const elsewise = await frame.evaluate(async (to) => {
    const tries = {
      beacon: () => navigator.sendBeacon(`${to}/b`),
      image: () => new Promise((resolve) => Object.assign(new Image(), { onload: () => resolve(true), onerror: () => resolve(false), src: `${to}/i.png` })),
      socket: () => new Promise((resolve) => {
        try {
          const socket = new WebSocket(to.replace("http", "ws"));
          socket.onopen = () => resolve(true);
          socket.onerror = () => resolve(false);
        } catch {
          resolve(false);
        }
      }),
      script: () => import(`${to}/s.js`).then(() => true, () => false),
    };
    await tries.beacon();
    return Object.fromEntries(await Promise.all(Object.entries(tries).map(async ([name, run]) => [name, await run()])));
  }, other.origin);
  assert.deepEqual({ ...elsewise, beacon: false }, { beacon: false, image: false, socket: false, script: false });
  const fromPage = await page.evaluate((to) => fetch(to, { mode: "no-cors" }).then(() => "reached", () => "refused"), `${model.origin}/v1/models`);
  assert.equal(fromPage, "refused", "the page itself can reach no model at all");
  assert.deepEqual(other.asked, []);
  await page.click("#ask-stop");
  await over(page);
  await other.close();
  await done();
});

test("the frame takes nothing but an origin, and only from its own page", options(), async () => {
  const page = await begin();
  const answered = await page.evaluate(async () => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = "ask/frame.html";
    const here = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
    document.body.append(frame);
    await here;
    const connects = (origin) => new Promise((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve(true);
      frame.contentWindow.postMessage({ type: "connect", origin }, location.origin, [channel.port2]);
      setTimeout(() => resolve(false), 150);
    });
    const tried = [];
    for (const origin of ["https://a.example; connect-src *", "https://*.example", "https://a.example/path", "https:", "*", undefined]) tried.push(await connects(origin));
    return { tried, right: await connects("https://a.example"), again: await connects("https://b.example") };
  });
  assert.deepEqual(answered, { tried: Array(6).fill(false), right: true, again: false });
  await done();
});

test("the key stays in memory", options(), async () => {
  const key = "sk-never-anywhere-8472";
  const page = await begin();
  assert.deepEqual(await page.$eval("#ask-key", (input) => [input.getAttribute("type"), input.getAttribute("autocomplete"), input.getAttribute("name")]), ["password", "new-password", null]);
  await fill(page, { address: model.origin, key, model: "reciter", answers: 1, works: ["Ferry Light"] });
  await send(page);
  await over(page);
  const kept = await page.evaluate(async () => {
    const cached = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) cached.push(request.url);
    return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state, (await indexedDB.databases()).map((one) => one.name), cached, document.documentElement.outerHTML]);
  });
  assert.ok(!kept.includes(key), "the key is kept somewhere");
  assert.ok(!session?.requests.some((request) => request.url.includes(key)));
  await page.click("[data-do=change]");
  assert.equal(await page.$("#ask-key"), null, "another registry: the form is gone, and the key with it");
  assert.equal(askingFrame(page), undefined);
  await done();
});

test("in Dutch and German, and switched under way", options(), async () => {
  const page = await begin({ language: "nl-NL" });
  assert.equal(await page.inputValue("#ask-pattern-lyrics-text"), "Wat is de songtekst van “{title}”[ van {author}]?");
  await fill(page, { address: model.origin, model: "reciter", answers: 1, works: ["De brug staat open"] });
  await page.fill("#ask-pattern-own-text", "").catch(() => {});
  await send(page);
  await over(page);
  assert.match(model.chats()[0].json.messages[0].content, /^Wat is de songtekst van “De brug staat open” van Bram Oosterling/);
  assert.match((await page.textContent(".results-lead")) ?? "", /^Het ene antwoord over een werk herhaalt er woorden van\./);
  await page.selectOption("#language", "de");
  await page.waitForFunction(() => document.documentElement.lang === "de");
  assert.match((await page.textContent(".results-lead")) ?? "", /^Die eine Antwort zu einem Werk wiederholt Wörter daraus\./);
  assert.equal(await page.inputValue("#ask-pattern-lyrics-text"), "Wie lautet der Liedtext von „{title}“[ von {author}]?");
  assert.equal(await page.inputValue("#ask-model"), "reciter", "what was entered stays");
  const strings = await page.$$eval(".ask *", (all) => all.filter((one) => one.children.length === 0).map((one) => one.textContent ?? "").filter((text) => /^(?:ask|export)\./.test(text)));
  assert.deepEqual(strings, [], "keys without a string");
  await done();
});

test("by keyboard alone", options(), async () => {
  const page = await begin();
  await page.focus("#ask-address");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(model.origin);
  const to = async (selector) => {
    for (let i = 0; i < 120; i++) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab does not lead to ${selector}`);
  };
  await to("#ask-model");
  await page.keyboard.type("reciter");
  await to("#ask-answers");
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("1");
  await to("#ask-send");
  await page.waitForTimeout(250);
  await page.keyboard.press("Enter");
  await over(page);
  await to(".answers summary");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".answers details[open] .comparison");
  await done();
});

for (const [scheme, width] of /** @type {const} */ ([["light", 1280], ["dark", 390]])) {
  test(`accessible in each state: ${scheme}, ${width} wide`, options(), async () => {
    const page = await begin({ scheme, width });
    await accessible(page, "the empty form");
    await fill(page, { address: model.origin, key: "sk-secret", model: "reciter+slow", answers: 2, works: ["Ferry Light"] });
    for (const part of await page.$$(".preview-part > summary")) await part.click();
    await accessible(page, "the form, with what will be sent");
    await send(page);
    await page.waitForFunction(() => document.querySelector(".answer-tail")?.textContent);
    await accessible(page, "while an answer comes");
    await page.click("#ask-stop");
    await over(page);
    await accessible(page, "stopped");
    await fill(page, { model: "reciter" });
    await send(page);
    await over(page);
    await page.click(".answers summary >> nth=0");
    await page.click(".results .opens >> nth=0");
    await page.waitForSelector(".answers .comparison .e");
    await accessible(page, "done, with an answer open");
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(sideways, 0, "the page does not scroll sideways");
    await done();
  });
}

test("the page stays quick while four answers stream", options(), async () => {
  const page = await begin();
  await fill(page, { address: model.origin, model: "reciter", answers: 4, concurrency: 4, works: ["Ferry Light", "Paper Kings", "The Clockmender"] });
  await page.waitForTimeout(300);
  await session?.forget();
  await send(page);
  await over(page);
  const tasks = (await session?.longTasks()) ?? [];
  // Half a second is what a machine that others use at the same time may add; a page that hangs takes longer.
  assert.ok(Math.max(0, ...tasks) < 500, `long tasks: ${tasks.map(Math.round)}`);
  console.log(`long tasks while 36 answers streamed: ${tasks.map(Math.round).join(", ") || "none"} ms`);
  await done();
});
