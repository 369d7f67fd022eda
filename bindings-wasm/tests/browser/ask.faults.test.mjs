// "Ask a model": what goes wrong is told in plain words, and can be mended.

import assert from "node:assert/strict";
import { test } from "node:test";

import { accessible, failedLoads, fill, over, send, withModel } from "./ask-page.mjs";
import { options } from "./harness.mjs";
import { startModel } from "./stub-model.mjs";

const now = withModel();

test("rate limits are respected, and a server that stumbles is asked again", options(), async () => {
  const page = await now.begin({ expect: failedLoads });
  await fill(page, {
    address: now.model.origin,
    model: "reciter+busy",
    answers: 1,
    works: ["Ferry Light"],
    invented: false,
    swapped: false,
  });
  await send(page);
  await page.waitForFunction(() => /asks for a pause/.test(document.querySelector(".progress")?.textContent ?? ""));
  await over(page);
  const [first, second] = now.model.chats();
  assert.ok(second.at - first.at >= 950, `${second.at - first.at} ms instead of the second that was asked for`);
  assert.equal(now.model.chats().length, 2);
  for (const habit of ["fails-once", "drop-once"]) {
    const asked = now.model.chats().length;
    await fill(page, { model: `reciter+${habit}`, works: [habit === "drop-once" ? "Paper Kings" : "The Clockmender"] });
    await send(page);
    await over(page);
    assert.equal(now.model.chats().length, asked + 2, habit);
    assert.match((await page.textContent(".progress-counts")) ?? "", /^1 of 1 answers is there\. Done\./);
  }
  await now.done();
});

test("a wrong key is told, can be mended, and the run goes on", options(), async () => {
  const locked = await startModel({ key: "sk-right" });
  const page = await now.begin({ expect: failedLoads });
  await fill(page, { address: locked.origin, key: "sk-wrong", model: "reciter", answers: 1, works: ["Ferry Light"] });
  await send(page);
  await over(page);
  assert.match(
    (await page.textContent(".ran .alert")) ?? "",
    /does not accept the key \(status 401\).*Incorrect API key provided\./,
  );
  assert.equal(locked.chats().length, 1, "a wrong key is not tried again and again");
  await accessible(page, "a run that was refused");
  await fill(page, { key: "sk-right" });
  await page.click("#ask-resume");
  await over(page);
  assert.equal(await page.isVisible(".ran .alert"), false);
  assert.match((await page.textContent(".progress-counts")) ?? "", /3 of 3/);
  await locked.close();
  await now.done();
});

test("other faults in plain words: CORS, nobody there, no such model, no such service", options(), async () => {
  const closed = await startModel();
  await closed.close();
  const refusing = await startModel({ cors: false });
  const page = await now.begin({ expect: failedLoads });
  const trouble = async (values) => {
    await fill(page, { works: ["Ferry Light"], answers: 1, model: "reciter", ...values });
    await send(page);
    await over(page);
    return (await page.textContent(".ran .alert")) ?? "";
  };
  const origin = now.session?.origin ?? "";
  const refused = await trouble({ address: refusing.origin });
  assert.ok(refused.includes(`OLLAMA_ORIGINS=${origin}`) && refused.includes(`--cors-origins ${origin}`), refused);
  assert.match(await trouble({ address: closed.origin }), /Nobody answers at/);
  assert.match(
    await trouble({ address: now.model.origin, model: "nobody" }),
    /does not have this model.*The model 'nobody' does not exist/,
  );
  assert.match(
    await trouble({ address: `${now.model.origin}/elsewhere/v2` }),
    /does not have this model|no OpenAI-compatible service/,
  );
  assert.equal(refusing.chats().length, 0, "a server that refuses pages is never sent a question");
  await refusing.close();
  await now.done();
});

test("what is lacking is said, and nothing can be sent", options(), async () => {
  const page = await now.begin();
  const lacks = async (values) => {
    await fill(page, values);
    return (await page.textContent(".lacking")) ?? "";
  };
  assert.match(await lacks({ address: "" }), /Enter the service's address/);
  assert.match(await lacks({ address: "http://192.168.1.9:11434" }), /https only/);
  assert.match(await lacks({ address: "https://u:p@example.org" }), /Leave out user names/);
  assert.match(await lacks({ address: "not an address" }), /cannot be read/);
  assert.match(await lacks({ address: now.model.origin }), /Enter the model's name/);
  await page.click("#ask-send");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "ask-model", "the button leads to what is lacking");
  assert.match(await lacks({ model: "m", works: [] }), /Choose a work and a question/);
  await page.click(".works-head button >> nth=0");
  assert.match(await lacks({ answers: 100 }), /more than 5,000 requests/);
  assert.equal(await page.isDisabled("#ask-send"), true);
  assert.deepEqual(now.model.asked, []);
  await now.done();
});
