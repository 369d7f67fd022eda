// The built page in a real browser: a static server on loopback, Chromium by playwright, and a record of everything that
// a page must not do. A test says
//
//     const session = await open();                 // page, origin, problems, requests ...
//     await session.page.click("...");
//     await session.close();                        // throws where the page did what it must not
//
// Every request is counted, those of workers, frames and of the browser itself, too: whatever is not loopback would go
// through a proxy of the harness, which writes it down and refuses it. So a test can say that nothing went anywhere.

import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { serveFolder } from "./static-server.mjs";

const here = dirname(fileURLToPath(import.meta.url));
export const ROOT = resolve(here, "../../..");
/** Where `bindings-wasm/web/build` puts the page. */
export const PAGE = resolve(process.env.NAGALM_PAGE ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "page"));

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-domain-reliability",
  "--no-pings",
  "--disable-features=AutofillServerCommunication,OptimizationHints",
];
const CHROMIUM = [process.env.NAGALM_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Why browser tests cannot run here, or nothing. With CI=true a missing browser is an error, not a reason to skip.
 *
 * @param {{ page?: boolean }} [needs] `page: false`: the built page is not needed
 */
export function missing({ page = true } = {}) {
  const reasons = [];
  if (!chromium()) reasons.push("Chromium is missing (NAGALM_CHROMIUM names its program)");
  try {
    createRequire(import.meta.url).resolve("playwright-core");
  } catch {
    reasons.push("playwright-core is missing (npm ci in bindings-wasm)");
  }
  if (page && !existsSync(join(PAGE, "index.html"))) reasons.push(`the page is not built (bindings-wasm/web/build): ${PAGE}`);
  if (reasons.length === 0) return undefined;
  if (process.env.CI === "true") throw new Error(`in CI nothing may be missing: ${reasons.join("; ")}`);
  return reasons.join("; ");
}

function chromium() {
  return CHROMIUM.find((program) => program && existsSync(program));
}

/** What `node:test` takes as a test's options: it is skipped, and says why, where there is no browser or no page. */
export function options({ page, ...more } = {}) {
  return { skip: missing({ page }) ?? false, timeout: 120_000, ...more };
}

let started;

/** One Chromium for all tests of a file. Every session has a profile of its own in it. */
async function browser() {
  started ??= (async () => {
    // Requests of service workers are told only with this.
    process.env.PW_EXPERIMENTAL_SERVICE_WORKER_NETWORK_EVENTS = "1";
    const { chromium: playwright } = await import("playwright-core");
    const sink = await sinkhole();
    const program = await playwright.launch({
      executablePath: chromium(),
      headless: true,
      chromiumSandbox: false,
      args: FLAGS,
      proxy: { server: sink.address, bypass: "127.0.0.1,localhost" },
    });
    return { program, sink };
  })();
  return started;
}

/** Ends the browser: `after(closeBrowser)` once in each file. */
export async function closeBrowser() {
  if (!started) return;
  const { program, sink } = await started;
  started = undefined;
  await program.close();
  sink.close();
}

/** Takes what would leave this machine, and refuses it. */
async function sinkhole() {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push(request.url);
    response.writeHead(403).end();
  });
  server.on("connect", (request, socket) => {
    seen.push(request.url);
    socket.on("error", () => {});
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const LOOPBACK = /^(?:https?|wss?):\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/;
/** Chromium itself calls these, whatever the flags say. What a page sends there is counted all the same, where it is sent. */
const BROWSERS_OWN = /^(?:https?:\/\/)?[a-z0-9.-]+\.(?:google|googleapis|gstatic|gvt1)\.com[:/]/;
const LOCAL = /^(?:blob|data|about|chrome-error):/;

/**
 * Opens the page.
 *
 * @param {{
 *   path?: string, root?: string, pages?: object, language?: string, scheme?: "light" | "dark", motion?: "reduce" | "no-preference",
 *   width?: number, height?: number, serviceWorkers?: "allow" | "block", server?: object, script?: string,
 *   expect?: (problem: string) => boolean
 * }} [options] `server`: one that is there already and stays; `script`: run in each document before its own;
 *   `expect`: problems that the test provokes
 */
export async function open(options = {}) {
  const { program, sink } = await browser();
  const server = options.server ?? (await serveFolder(options.root ?? PAGE, { pages: options.pages }));
  const context = await program.newContext({
    locale: options.language ?? "en-GB",
    colorScheme: options.scheme ?? "light",
    reducedMotion: options.motion ?? "no-preference",
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    serviceWorkers: options.serviceWorkers ?? "allow",
    acceptDownloads: true,
  });
  context.setDefaultTimeout(20_000);
  const sunkBefore = sink.seen.length;
  const requests = [];
  const problems = [];
  const noted = (problem) => {
    if (!options.expect?.(problem)) problems.push(problem);
  };
  context.on("request", (request) => requests.push({ method: request.method(), url: request.url() }));
  context.on("console", (message) => {
    if (message.type() === "error") noted(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => noted(`page: ${error.error().stack ?? error.error()}`));
  await context.addInitScript(observe);
  if (options.script) await context.addInitScript(options.script);
  const page = await context.newPage();
  page.on("crash", () => problems.push("the page crashed"));
  const origin = server.origin;
  if (options.path !== null) await page.goto(origin + (options.path ?? "/"), { waitUntil: "load" });

  const outside = () => [
    ...requests.map((request) => request.url).filter((url) => !LOOPBACK.test(url) && !LOCAL.test(url)),
    ...sink.seen.slice(sunkBefore).filter((address) => !BROWSERS_OWN.test(address)),
  ];
  return {
    page,
    context,
    origin,
    server,
    /** Console errors and exceptions, refusals by the policy among them. */
    problems,
    /** Every request so far. */
    requests,
    /** Those to anywhere but loopback: must stay empty. */
    outside,
    /** Requests to anywhere but the page's own server. */
    foreign: () => requests.filter((request) => !request.url.startsWith(`${origin}/`) && !LOCAL.test(request.url)),
    /** Tasks of 50 ms and more on the main thread, in milliseconds, since the page came or `forget` was called. */
    longTasks: () => page.evaluate(() => globalThis.observedByTests.tasks.map((task) => task.duration)),
    /** The sum of layout shifts that no input caused. */
    layoutShift: () => page.evaluate(() => globalThis.observedByTests.shift),
    forget: () => page.evaluate(() => Object.assign(globalThis.observedByTests, { tasks: [], shift: 0 })),
    /** Ends the session; an error where the page did what it must not. */
    close: async () => {
      await context.close();
      if (!options.server) await server.close();
      const faults = [...problems, ...outside().map((url) => `a request to ${url}`)];
      if (faults.length) throw new Error(`the page must not do this:\n${faults.join("\n")}`);
    },
  };
}

/** Runs in the page, before its own scripts. */
function observe() {
  const observed = { tasks: [], shift: 0 };
  globalThis.observedByTests = observed;
  const watch = (type, each) => {
    try {
      new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
    } catch {
      // This document has no such entries.
    }
  };
  watch("longtask", (entry) => observed.tasks.push({ start: entry.startTime, duration: entry.duration }));
  watch("layout-shift", (entry) => {
    if (!entry.hadRecentInput) observed.shift += entry.value;
  });
}
