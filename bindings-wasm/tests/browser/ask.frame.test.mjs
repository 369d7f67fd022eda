// "Ask a model": what may go where. The frame reaches one address; the key stays in memory.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askingFrame, fill, over, send, withModel } from "./ask-page.mjs";
import { options } from "./harness.mjs";
import { startModel } from "./stub-model.mjs";

const now = withModel();

test("the frame reaches the address that was entered, and nothing else", options(), async () => {
  const other = await startModel();
  const page = await now.begin({
    expect: (problem) => /Content Security Policy|Refused to|violates the following/.test(problem),
  });
  await fill(page, { address: now.model.origin, model: "reciter+slow", works: ["Ferry Light"], answers: 1 });
  await send(page);
  await page.waitForFunction(() => document.querySelector(".answer-tail")?.textContent);
  const frame = askingFrame(page);
  assert.ok(frame);
  const reach = (url) =>
    frame.evaluate(
      (to) =>
        fetch(to, { mode: "no-cors" }).then(
          () => "reached",
          () => "refused",
        ),
      url,
    );
  assert.equal(await reach(`${now.model.origin}/v1/models`), "reached");
  for (const url of [
    `${other.origin}/v1/models`,
    "http://localhost:1/",
    "https://example.org/",
    `${now.session?.origin}/index.html`,
    now.model.origin.replace("127.0.0.1", "localhost"),
  ]) {
    assert.equal(await reach(url), "refused", url);
  }
  const elsewise = await frame.evaluate(async (to) => {
    const tries = {
      beacon: () => navigator.sendBeacon(`${to}/b`),
      image: () =>
        new Promise((resolve) =>
          Object.assign(new Image(), { onload: () => resolve(true), onerror: () => resolve(false), src: `${to}/i.png` }),
        ),
      socket: () =>
        new Promise((resolve) => {
          try {
            const socket = new WebSocket(to.replace("http", "ws"));
            socket.onopen = () => resolve(true);
            socket.onerror = () => resolve(false);
          } catch {
            resolve(false);
          }
        }),
      script: () =>
        import(`${to}/s.js`).then(
          () => true,
          () => false,
        ),
    };
    await tries.beacon();
    return Object.fromEntries(await Promise.all(Object.entries(tries).map(async ([name, run]) => [name, await run()])));
  }, other.origin);
  assert.deepEqual({ ...elsewise, beacon: false }, { beacon: false, image: false, socket: false, script: false });
  const fromPage = await page.evaluate(
    (to) =>
      fetch(to, { mode: "no-cors" }).then(
        () => "reached",
        () => "refused",
      ),
    `${now.model.origin}/v1/models`,
  );
  assert.equal(fromPage, "refused", "the page itself can reach no model at all");
  assert.deepEqual(other.asked, []);
  await page.click("#ask-stop");
  await over(page);
  await other.close();
  await now.done();
});

test("the frame takes nothing but an origin, and only from its own page", options(), async () => {
  const page = await now.begin();
  const answered = await page.evaluate(async () => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.src = "ask/frame.html";
    const here = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
    document.body.append(frame);
    await here;
    const connects = (origin) =>
      new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(true);
        frame.contentWindow.postMessage({ type: "connect", origin }, location.origin, [channel.port2]);
        setTimeout(() => resolve(false), 150);
      });
    const tried = [];
    for (const origin of [
      "https://a.example; connect-src *",
      "https://*.example",
      "https://a.example/path",
      "https:",
      "*",
      undefined,
    ])
      tried.push(await connects(origin));
    return { tried, right: await connects("https://a.example"), again: await connects("https://b.example") };
  });
  assert.deepEqual(answered, { tried: Array(6).fill(false), right: true, again: false });
  await now.done();
});

test("the key stays in memory", options(), async () => {
  const key = "sk-never-anywhere-8472";
  const page = await now.begin();
  assert.deepEqual(
    await page.$eval("#ask-key", (input) => [
      input.getAttribute("type"),
      input.getAttribute("autocomplete"),
      input.getAttribute("name"),
    ]),
    ["password", "new-password", null],
  );
  await fill(page, { address: now.model.origin, key, model: "reciter", answers: 1, works: ["Ferry Light"] });
  await send(page);
  await over(page);
  const kept = await page.evaluate(async () => {
    const cached = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) cached.push(request.url);
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      location.href,
      history.state,
      (await indexedDB.databases()).map((one) => one.name),
      cached,
      document.documentElement.outerHTML,
    ]);
  });
  assert.ok(!kept.includes(key), "the key is kept somewhere");
  assert.ok(!now.session?.requests.some((request) => request.url.includes(key)));
  await page.click("[data-do=change]");
  assert.equal(await page.$("#ask-key"), null, "another registry: the form is gone, and the key with it");
  assert.equal(askingFrame(page), undefined);
  await now.done();
});
