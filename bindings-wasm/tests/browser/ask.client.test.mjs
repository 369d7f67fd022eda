// What is said to a model's server, and what is understood of its answers. Against the stub, with Node's fetch.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { complete, listModels } from "../../web/ask/client.js";
import { EventParser } from "../../web/ask/sse.js";
import { startModel } from "./stub-model.mjs";

let model;
before(async () => (model = await startModel()));
after(() => model.close());

const prompt = "What are the lyrics of “Ferry Light” by Maud Ellery?";
const body = (name, stream = true) => ({ model: name, messages: [{ role: "user", content: prompt }], stream });

test("events come out the same, wherever the bytes are cut", () => {
  const stream =
    'retry: 5\r\n: ping\r\n\r\ndata: {"a":"é🎵"}\n\nevent: x\rdata: one\rdata:two\r\rid: 3\n\ndata\n\ndata: [DONE]\n\n';
  const expected = ['{"a":"é🎵"}', "one\ntwo", "", "[DONE]"];
  const bytes = new TextEncoder().encode(stream);
  for (let first = 0; first <= bytes.length; first++) {
    for (const second of [first, Math.min(bytes.length, first + 1), bytes.length]) {
      const parser = new EventParser();
      const events = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)].flatMap((piece) =>
        parser.push(piece),
      );
      assert.deepEqual([...events, ...parser.end()], expected, `${first} ${second}`);
    }
  }
  const open = new EventParser();
  assert.deepEqual([...open.push(new TextEncoder().encode("data: last")), ...open.end()], ["last"]);
  assert.throws(() => new EventParser().push(new Uint8Array(5 << 20).fill(97)), /too long/);
});

test("streamed and whole answers are the same text", async () => {
  const pieces = [];
  const streamed = await complete({ base: model.base }, body("reciter"), (piece) => pieces.push(piece));
  assert.ok(pieces.length > 20);
  assert.equal(pieces.join(""), streamed.text);
  assert.match(streamed.text, /The last boat leaves at a quarter to nine\n.*🎵|🎵.*\n\nThe last boat/s);
  assert.deepEqual([streamed.finish, streamed.model, streamed.streamed], ["stop", "reciter", true]);
  const whole = await complete({ base: model.base }, body("chatter", false), () => {});
  assert.match(whole.text, /^I do not know that one – sorry! 🙈/);
  assert.equal(whole.streamed, false);
  const fallback = await complete({ base: model.base }, body("chatter+whole"), () => {});
  assert.match(fallback.text, /^I do not know/, "a server that answers whole though it was asked to stream");
  const thinking = await complete({ base: model.base }, body("chatter+thinks"), () => {});
  assert.ok(!thinking.text.includes("Let me think"), "what a model thinks is not what it says");
  assert.equal((await complete({ base: model.base }, body("chatter+cut"), () => {})).finish, "length");
  assert.equal((await complete({ base: model.base }, body("chatter+silent"), () => {})).text, "");
});

test("an answer without end is cut", async () => {
  let told = 0;
  const { text, finish } = await complete({ base: model.base }, body("chatter+endless"), (piece) => (told += piece.length));
  assert.equal(text.length, 2_000_000);
  assert.equal(finish, "length");
  assert.ok(told < 2_100_000);
});

test("the key is sent where there is one", async () => {
  const locked = await startModel({ key: "sk-secret" });
  const asked = { base: locked.base, key: "sk-secret" };
  assert.deepEqual(await listModels(asked), ["reciter", "chatter"]);
  await complete(asked, body("chatter"), () => {});
  await assert.rejects(
    complete({ base: locked.base }, body("chatter"), () => {}),
    { kind: "key", status: 401 },
  );
  await assert.rejects(
    complete({ base: locked.base, key: "ключ" }, body("chatter"), () => {}),
    { kind: "key" },
  );
  assert.equal(locked.chats()[0].headers.referer, undefined);
  assert.equal(locked.chats()[0].headers.cookie, undefined);
  await locked.close();
});

for (const [habit, expected] of [
  ["gone", { kind: "model", status: 404 }],
  ["busy", { kind: "busy", status: 429, retryAfterMs: 1000 }],
  ["busy-bare", { kind: "busy", retryAfterMs: undefined }],
  ["fails", { kind: "server", status: 500, detail: "the model fell over" }],
  ["garbage", { kind: "answer" }],
  ["drop", { kind: "broken" }],
  ["error-event", { kind: "server", detail: "out of memory" }],
]) {
  test(`a server that does this is understood: ${habit}`, async () => {
    const fresh = await startModel();
    await assert.rejects(
      complete({ base: fresh.base }, body(`reciter+${habit}`), () => {}),
      expected,
    );
    await fresh.close();
  });
}

test("wrong addresses", async () => {
  await assert.rejects(
    complete({ base: `${model.origin}/elsewhere` }, body("chatter"), () => {}),
    { status: 404 },
  );
  const { origin, close } = await startModel();
  await close();
  await assert.rejects(
    complete({ base: `${origin}/v1` }, body("chatter"), () => {}),
    { kind: "unreachable" },
  );
  const silent = await startModel({ models: false });
  await assert.rejects(listModels({ base: silent.base }), { status: 404 });
  await silent.close();
});

test("a user who stops, and a server that says nothing any more", async () => {
  const controller = new AbortController();
  const asking = complete({ base: model.base, signal: controller.signal }, body("reciter+slow"), () => controller.abort());
  await assert.rejects(asking, { kind: "cancelled" });
  await assert.rejects(
    complete({ base: model.base, idleMs: 10 }, body("reciter+slow"), () => {}),
    { kind: "slow" },
  );
});
