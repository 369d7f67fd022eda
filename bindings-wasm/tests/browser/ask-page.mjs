// What the tests of "Ask a model" and "Take it away" do over and over: open the sample, fill in the form, wait for a run.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, afterEach, beforeEach } from "node:test";

import { closeBrowser, open } from "./harness.mjs";
import { startModel } from "./stub-model.mjs";

/** The page with the sample works, at "Ask a model". @param {object} [options] of `open` */
export async function openAsk(options = {}) {
  const session = await open(options);
  await session.page.click("[data-do=sample]");
  await session.page.click("#tab-ask");
  await session.page.waitForSelector("#ask-address");
  return session;
}

/**
 * @param {import("playwright-core").Page} page
 * @param {{ address?: string, key?: string, model?: string, answers?: number, concurrency?: number, works?: string[], temperature?: string,
 *   invented?: boolean, swapped?: boolean }} values `works`: titles
 */
export async function fill(page, { address, key, model, answers, concurrency, works, temperature, invented, swapped }) {
  if (address !== undefined) await page.fill("#ask-address", address);
  if (key !== undefined) await page.fill("#ask-key", key);
  if (model !== undefined) await page.fill("#ask-model", model);
  if (answers !== undefined) await page.fill("#ask-answers", String(answers));
  if (concurrency !== undefined) await page.fill("#ask-concurrency", String(concurrency));
  if (temperature !== undefined) await page.fill("#ask-temperature", temperature);
  if (invented !== undefined) await page.setChecked("#ask-invented", invented);
  if (swapped !== undefined) await page.setChecked("#ask-swapped", swapped);
  if (works) {
    await page.click(".works-head button >> nth=1");
    for (const title of works) {
      await page.fill("#ask-search", title);
      await page.check(`.works-list li:has(label bdi:text-is(${JSON.stringify(title)})) input`);
    }
    await page.fill("#ask-search", "");
  }
  // The questions are made again when nothing was typed for a moment.
  await page.waitForTimeout(250);
}

/** Presses the one button that sends. @param {import("playwright-core").Page} page */
export async function send(page) {
  await page.click("#ask-send");
  await page.waitForSelector(".ran:not([hidden])");
}

/** Waits until the run is over or has stopped. @param {import("playwright-core").Page} page */
export async function over(page) {
  await page.waitForSelector("#ask-again:not([hidden])", { timeout: 60_000 });
}

/** The table, row by row, as text. @param {import("playwright-core").Page} page @returns {Promise<string[][]>} */
export async function table(page) {
  return page.$$eval(".results tbody tr, .results tfoot tr", (rows) =>
    rows.map((row) => [...row.children].map((cell) => /** @type {HTMLElement} */ (cell).innerText.replace(/\s+/g, " ").trim())),
  );
}

/** The frame that asks. @param {import("playwright-core").Page} page */
export function askingFrame(page) {
  return page.frames().find((frame) => new URL(frame.url()).pathname.endsWith("/ask/frame.html"));
}

let axe;

/** No violation of WCAG 2.2 A and AA, nor of axe's own advice, in what the page shows now. @param {import("playwright-core").Page} page @param {string} state */
export async function accessible(page, state) {
  axe ??= await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  const told = found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes
        .slice(0, 3)
        .map((node) => `  ${node.target} ${node.failureSummary}`)
        .join("\n")}`,
  );
  assert.deepEqual(told, [], `${state}:\n${told.join("\n")}`);
}

/**
 * For a file of tests: a fresh model for each of them, and whatever it leaves open closed. `begin` opens the page; `done` ends it, and
 * fails where the page did what it must not.
 */
export function withModel() {
  const now = {
    /** @type {Awaited<ReturnType<typeof startModel>>} */
    model: /** @type {any} */ (undefined),
    /** @type {Awaited<ReturnType<typeof openAsk>> | undefined} */
    session: undefined,
    async begin(more = {}) {
      now.session = await openAsk(more);
      return now.session.page;
    },
    async done() {
      const ending = now.session;
      now.session = undefined;
      await ending?.close();
    },
  };
  beforeEach(async () => {
    now.model = await startModel();
  });
  afterEach(async () => {
    await now.session?.context.close().catch(() => {});
    await now.session?.server.close().catch(() => {});
    now.session = undefined;
    await now.model.close();
  });
  after(closeBrowser);
  return now;
}

/** The browser itself says so of a request that failed; the page cannot keep it from that. @param {string} problem */
export const failedLoads = (problem) => /Failed to load resource|blocked by CORS policy|net::ERR_/.test(problem);
