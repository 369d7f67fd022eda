// The harness notices what the tests rely on it to notice.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { closeBrowser, open, options } from "./harness.mjs";
import { serveFolder } from "./static-server.mjs";

let root;
const write = (name, text) => writeFile(join(root, name), text);
const page = (body) => `<!doctype html><html lang="en"><title>x</title><link rel="icon" href="data:,">${body}</html>`;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "nagalm-harness-"));
  await write("index.html", page("<p>quiet</p>"));
  await write("outside.html", page('<script src="outside.js"></script>'));
  await write("outside.js", 'fetch("https://example.org/x").catch(() => {});');
  await write("loose.html", page(""));
  await write("throws.html", page('<script src="throws.js"></script>'));
  await write("throws.js", 'throw new Error("on purpose");');
  await write("busy.html", page('<script src="busy.js"></script>'));
  await write("busy.js", "setTimeout(() => { const end = performance.now() + 120; while (performance.now() < end); }, 50);");
  await write("moves.html", page('<p id="p">moves</p><script src="moves.js"></script>'));
  await write(
    "moves.js",
    'setTimeout(() => { document.getElementById("p").before(Object.assign(document.createElement("h1"), { textContent: "!" })); }, 300);',
  );
});
after(async () => {
  await closeBrowser();
  await rm(root, { recursive: true, force: true });
});

test("a quiet page is quiet", options({ page: false }), async () => {
  const session = await open({ root });
  assert.equal(await session.page.textContent("p"), "quiet");
  assert.deepEqual(session.foreign(), []);
  await session.close();
});

test("a request to anywhere else is counted, whether the policy stops it or not", options({ page: false }), async () => {
  const stopped = await open({ root, path: "/outside.html", expect: () => true });
  await stopped.page.waitForTimeout(200);
  assert.deepEqual(
    stopped.server.served.map((one) => one.path),
    ["/outside.html", "/outside.js"],
  );
  await stopped.context.close();
  await stopped.server.close();

  const type = "text/html; charset=utf-8";
  const pages = {
    "/loose": { type, body: page('<script src="outside.js"></script>'), headers: { "content-security-policy": "" } },
  };
  const loose = await open({ root, pages, path: "/loose", expect: () => true });
  await loose.page.waitForFunction(() => performance.getEntriesByType("resource").length > 0);
  await loose.page.waitForTimeout(300);
  assert.ok(
    loose.outside().some((url) => url.includes("example.org")),
    String(loose.outside()),
  );
  await assert.rejects(loose.close(), /a request to/);
});

test("errors, long tasks and layout shifts are seen", options({ page: false }), async () => {
  const throws = await open({ root, path: "/throws.html" });
  await throws.page.waitForTimeout(100);
  await assert.rejects(throws.close(), /on purpose/);

  const busy = await open({ root, path: "/busy.html" });
  await busy.page.waitForTimeout(500);
  const tasks = await busy.longTasks();
  assert.ok(Math.max(...tasks) > 100, String(tasks));
  await busy.close();

  const moves = await open({ root, path: "/moves.html" });
  await moves.page.waitForTimeout(900);
  assert.ok((await moves.layoutShift()) > 0);
  await moves.close();
});

test("the server sends brotli, and nothing from outside its folder", async () => {
  const server = await serveFolder(root);
  const get = (path, headers = {}) =>
    new Promise((resolve, reject) => {
      request(`${server.origin}/`, { path, headers: { "accept-encoding": "br", ...headers } }, (response) => {
        response.resume().on("end", () => resolve(response));
      })
        .on("error", reject)
        .end();
    });
  const ok = await get("/index.html");
  assert.equal(ok.headers["content-encoding"], "br");
  assert.match(ok.headers["content-security-policy"], /default-src 'none'/);
  assert.equal((await get("/index.html", { "if-none-match": ok.headers.etag })).statusCode, 304);
  assert.equal((await get("/index.html", { "if-none-match": '"other"' })).statusCode, 200);
  for (const path of ["/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/none", "/%00"]) {
    assert.ok([400, 404].includes((await get(path)).statusCode), path);
  }
  await server.close();
});
