// What tests of the page share: opening it, pasting as a user does, and files that the command line makes.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { ROOT, open } from "./harness.mjs";

/** The sample outputs, by identifier. */
export const samples = new Map(
  readFileSync(join(ROOT, "corpora/sample/outputs.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line)).map((output) => [output.id, output]),
);

/** Opens the page and waits until it can be used. */
export async function openPage(options = {}) {
  const session = await open(options);
  await session.page.waitForSelector("html.ready[data-engine]");
  return session;
}

/** Opens the sample works. */
export async function useSample({ page }) {
  await page.click("[data-do=sample]");
  await page.waitForSelector("[data-do=change]:not([aria-disabled])");
}

/** Chooses files as a user does. */
export async function chooseFiles({ page }, files) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click("label[for=registry-file]")]);
  await chooser.setFiles(files);
}

export const opened = ({ page }, timeout = 20_000) => page.waitForSelector("[data-do=change]:not([aria-disabled])", { timeout });

/** Pastes by the clipboard, which is what users do. */
export async function paste(session, text, into = "#output") {
  const { page, context, origin } = session;
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  await page.focus(into);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.waitForTimeout(100);
  await session.forget();
  await page.keyboard.press("Control+V");
}

/** Waits until the result of what was pasted stands there. */
export async function result({ page }) {
  await page.waitForSelector(".result:not([aria-busy]):not([hidden]) h2");
  await page.waitForFunction(() => document.querySelector(".matches") === null || document.querySelector(".match") !== null || document.querySelector(".lead-only") !== null);
  return page.textContent("#result-title");
}

/** The command line, or why it cannot be had. */
export function commandLine() {
  const built = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const binary = [process.env.NAGALM_BINARY, join(built, "release/nagalm"), join(built, "debug/nagalm")].find((path) => path && existsSync(path));
  if (!binary && process.env.CI === "true") throw new Error("in CI nothing may be missing: the command line is not built (cargo build -p nagalm-cli, or NAGALM_BINARY)");
  return binary && resolve(binary);
}

/** Test options for what needs the command line, too. */
export const withCommandLine = (options) => (options.skip || commandLine() ? options : { ...options, skip: "the command line is not built (cargo build -p nagalm-cli, or NAGALM_BINARY)" });

/** A folder that goes with the test, and what `nagalm` makes in it. */
export function workshop(test) {
  const folder = mkdtempSync(join(tmpdir(), "nagalm-page-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const nagalm = (...args) => execFileSync(commandLine(), args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
  return {
    folder,
    nagalm,
    path: (name) => join(folder, name),
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    /** A sealed registry of works given as a file of JSON lines. */
    sealed(works, ...options) {
      nagalm("register", "r.nagalm", works);
      nagalm("seal", "r.nagalm", "-o", "r.sealed", "--profile", "contract", "--recipient", "A newspaper", ...options);
      return join(folder, "r.sealed");
    },
  };
}

export const SAMPLE_WORKS = join(ROOT, "corpora/sample/works.jsonl");

/** Numbers that look random and are the same every time. */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Words of a made-up language. */
export function prose(seed) {
  const next = numbers(seed);
  const syllables = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu".split(" ");
  const vocabulary = Array.from({ length: 20_000 }, () => Array.from({ length: 2 + Math.floor(next() * 3) }, () => syllables[Math.floor(next() * syllables.length)]).join(""));
  return (words) => Array.from({ length: words }, () => vocabulary[Math.floor(next() * next() * vocabulary.length)]).join(" ");
}
