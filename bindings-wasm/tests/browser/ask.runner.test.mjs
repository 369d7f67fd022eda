// The queue: a few at once, pauses, another try, stopping and going on. Time is the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Runner } from "../../web/ask/runner.js";

const jobs = (count) => Array.from({ length: count }, (_, i) => ({ id: `j${i}`, prompt: { id: `p${i}` }, repetition: 1 }));
const fault = (kind, more = {}) => Object.assign(new Error(kind), { kind, ...more });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** @param {(job, how) => Promise<any>} ask */
function run(count, ask, more = {}) {
  const waited = [];
  const runner = new Runner(jobs(count), {
    ask,
    finish: async (job, completion) => ({ text: completion.text }),
    wait: async (ms) => void waited.push(ms),
    ...more,
  });
  return { runner, waited };
}

test("at most so many at once, each once, in order", async () => {
  let open = 0,
    most = 0;
  const asked = [];
  const { runner } = run(
    9,
    async (job) => {
      asked.push(job.id);
      most = Math.max(most, ++open);
      await turn();
      open--;
      return { text: job.id };
    },
    { concurrency: 3 },
  );
  await runner.start();
  assert.equal(runner.state, "done");
  assert.equal(most, 3);
  assert.deepEqual(
    asked,
    jobs(9).map((job) => job.id),
  );
  assert.ok(runner.entries.every((entry) => entry.state === "done" && entry.answer.text === entry.job.id));
});

test("too many: waits as long as the server says, else longer each time; all wait", async () => {
  let tries = 0;
  const { runner, waited } = run(2, async () => {
    tries++;
    if (tries === 1) throw fault("busy", { retryAfterMs: 7000 });
    if (tries < 5) throw fault("busy");
    return { text: "x" };
  });
  await runner.start();
  assert.deepEqual(waited, [7000, 2000, 4000, 8000]);
  assert.equal(runner.state, "done");

  const held = [];
  let release;
  const both = run(
    4,
    async (job) => {
      held.push(job.id);
      if (held.length === 1) throw fault("busy", { retryAfterMs: 5 });
      return { text: "x" };
    },
    { concurrency: 1, wait: () => new Promise((resolve) => (release = resolve)) },
  );
  const running = both.runner.start();
  await turn();
  assert.equal(both.runner.pausedMs, 5);
  assert.deepEqual(held, ["j0"], "nobody is asked meanwhile");
  release();
  await running;
  assert.equal(held.length, 5);
  assert.equal(both.runner.pausedMs, 0);
});

test("a server that asks for an hour is taken at its word", async () => {
  const { runner, waited } = run(2, async () => {
    throw fault("busy", { retryAfterMs: 3_600_000 });
  });
  await runner.start();
  assert.deepEqual([runner.state, runner.error.kind, waited.length], ["stopped", "busy", 0]);
});

test("what passes is tried again five times, then that one fails and the others go on", async () => {
  const { runner, waited } = run(2, async (job) => {
    if (job.id === "j0") throw fault("server");
    return { text: "x" };
  });
  await runner.start();
  assert.deepEqual(waited, [1000, 2000, 4000, 8000]);
  assert.deepEqual(
    runner.entries.map((entry) => entry.state),
    ["failed", "done"],
  );
  assert.equal(runner.state, "done");
});

for (const kind of ["key", "refused", "model", "address", "unreachable"]) {
  test(`${kind}: stops at once, and goes on when mended`, async () => {
    let mended = false;
    let asked = 0;
    const { runner, waited } = run(3, async () => {
      asked++;
      if (!mended) throw fault(kind);
      return { text: "x" };
    });
    await runner.start();
    assert.deepEqual([runner.state, runner.error.kind, asked, waited.length], ["stopped", kind, 1, 0]);
    mended = true;
    await runner.start();
    assert.deepEqual([runner.state, runner.error, runner.count("done")], ["done", undefined, 3]);
  });
}

test("a server that has answered before and cannot be reached is tried again", async () => {
  let asked = 0;
  const { runner, waited } = run(2, async () => {
    if (++asked === 2) throw fault("unreachable");
    return { text: "x" };
  });
  await runner.start();
  assert.deepEqual([runner.state, waited], ["done", [1000]]);
});

test("stopping ends what runs; what was answered stays; going on asks the rest alone", async () => {
  const asked = [];
  const { runner } = run(5, (job, { signal, onText }) => {
    asked.push(job.id);
    if (asked.length !== 3) return Promise.resolve({ text: job.id });
    onText("half an ans");
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(fault("cancelled"))));
  });
  const running = runner.start();
  await turn();
  assert.equal(runner.entries[2].text, "half an ans");
  runner.stop();
  await running;
  assert.equal(runner.state, "stopped");
  assert.deepEqual(
    runner.entries.map((entry) => entry.state),
    ["done", "done", "waiting", "waiting", "waiting"],
  );
  assert.equal(runner.entries[2].text, "");
  await runner.start();
  assert.deepEqual(asked, ["j0", "j1", "j2", "j2", "j3", "j4"]);
  assert.equal(runner.count("done"), 5);
});

test("stopping ends a pause, too", async () => {
  const { runner } = run(
    1,
    async () => {
      throw fault("busy", { retryAfterMs: 300_000 });
    },
    { wait: undefined },
  );
  const running = runner.start();
  await turn();
  runner.stop();
  await running;
  assert.deepEqual([runner.state, runner.entries[0].state], ["stopped", "waiting"]);
});

test("an answer that cannot be scanned fails alone", async () => {
  const { runner } = run(2, async (job) => ({ text: job.id }), {
    finish: async (job) => {
      if (job.id === "j0") throw fault("scan");
      return { text: "x" };
    },
  });
  await runner.start();
  assert.deepEqual(
    runner.entries.map((entry) => entry.state),
    ["failed", "done"],
  );
});
