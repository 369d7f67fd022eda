// For everyone: what axe-core says in each state and both themes, the keyboard alone, narrow and magnified pages, no network,
// the policy, and what comes over the wire.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";

import { PAGE, ROOT, closeBrowser, options } from "./harness.mjs";
import { SAMPLE_WORKS, chooseFiles, openPage, opened, paste, result, samples, useSample, withCommandLine, workshop } from "./check.page.mjs";

after(closeBrowser);

/** @type {Record<string, (session: any, shop: any) => Promise<void>>} */
const states = {
  empty: async () => {},
  own: async ({ page }) => {
    await page.click("[data-do=own]");
    await page.click("button[type=submit]");
  },
  result: async (session) => {
    await useSample(session);
    await paste(session, `${samples.get("sample-13").text}\n\n${samples.get("sample-36").text}`);
    await result(session);
    await session.page.click(".about-registry summary");
    await session.page.click(".differences summary");
  },
  nothing: async (session) => {
    await useSample(session);
    await paste(session, samples.get("sample-48").text);
    await result(session);
  },
  long: async (session) => {
    await useSample(session);
    await paste(session, `${"lorem ".repeat(5000)} ${samples.get("sample-13").text}`);
    await result(session);
  },
  error: async (session) => {
    await chooseFiles(session, { name: "broken.sealed", mimeType: "", buffer: Buffer.from([78, 71, 83, 69, 65, 76, 69, 68, 0, 0]) });
    await session.page.waitForSelector("dialog[open]");
    await session.page.click("dialog summary");
  },
  sealed: async (session, shop) => {
    await chooseFiles(session, shop.sealed(SAMPLE_WORKS, "--metadata", "titles", "--signer", "Society of Songs"));
    await opened(session);
    await session.page.click(".about-registry summary");
    await paste(session, samples.get("sample-36").text);
    await result(session);
  },
};

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds. It runs in the page's own world, where the policy lets no script in but by the debugger. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations, incomplete } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    const told = (/** @type {any[]} */ list) => list.map(({ id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ node) => node.html.slice(0, 160)).join(" | ")}`);
    return { violations: told(violations), contrast: told(incomplete.filter(({ id }) => id === "color-contrast")) };
  });
  return found;
}

for (const scheme of /** @type {const} */ (["light", "dark"])) {
  for (const [state, reach] of Object.entries(states)) {
    const needs = state === "sealed" ? withCommandLine(options()) : options();
    test(`axe-core finds nothing: ${state}, ${scheme}`, needs, async (t) => {
      const session = await openPage({ scheme });
      await reach(session, state === "sealed" ? workshop(t) : undefined);
      assert.deepEqual((await violations(session.page)).violations, []);
      await session.close();
    });
  }
}

test("the theme can be switched, is kept, and has its contrast", options(), async () => {
  const session = await openPage({ scheme: "light" });
  const { page } = session;
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.selectOption("#theme", "dark");
  assert.notEqual(await paper(), light);
  await page.reload();
  await page.waitForSelector("html.ready");
  assert.notEqual(await paper(), light);
  assert.deepEqual((await violations(page)).violations, []);
  await session.close();
});

test("everything by keyboard alone, with a focus that is seen", options(), async () => {
  const session = await openPage();
  const { page } = session;
  const visible = () => page.evaluate(() => {
    const active = document.activeElement;
    const shown = active?.matches("input[type=file]") ? active.closest(".source") : active;
    const style = shown && getComputedStyle(shown);
    return Boolean(style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  });
  const tabTo = async (/** @type {string} */ selector) => {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      if (!(await visible())) throw new Error(`no visible focus on ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200))}`);
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    }
    throw new Error(`${selector} cannot be reached by Tab`);
  };
  await tabTo(".skip");
  await tabTo("#language");
  await tabTo("#registry-file");
  await tabTo("[data-do=sample]");
  await page.keyboard.press("Enter");
  await opened(session);
  await tabTo("#tab-check");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "tab-ask");
  assert.equal(await page.locator("#panel-ask").isVisible(), true);
  await page.keyboard.press("Home");
  await tabTo("#output");
  await page.keyboard.insertText(`${samples.get("sample-13").text}\n\n${samples.get("sample-36").text}`);
  await result(session);
  await tabTo("[data-by='1']");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "passage-1");
  await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "passage-2");
  // A dialogue takes the focus and gives it back.
  await session.close();
});

for (const [name, size] of /** @type {const} */ ([["390 px", { width: 390, height: 844 }], ["320 px, which is 1280 at 400%", { width: 320, height: 256 }], ["640 px, which is 1280 at 200%", { width: 640, height: 450 }]])) {
  test(`no scrolling sideways: ${name}`, options(), async () => {
    const session = await openPage({ ...size, language: "de-DE" });
    const { page } = session;
    const fits = async (/** @type {string} */ state) => {
      const [wide, has] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= has, `${state}: ${wide} of ${has}: ${await page.evaluate(() => [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" | "))}`);
    };
    await fits("empty");
    await states.result(session, undefined);
    await fits("result");
    for (const tab of ["#tab-ask", "#tab-export"]) {
      await page.click(tab);
      await fits(tab);
    }
    // What is pressed is large enough (WCAG 2.5.8).
    await page.click("#tab-check");
    const small = await page.evaluate(() => [...document.querySelectorAll("#panel-check button, #registry button, .masthead select, summary")]
      .filter((e) => e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 80)));
    assert.deepEqual(small, []);
    await session.close();
  });
}

test("text at 200% by the reader's own font size", options(), async () => {
  const session = await openPage({ script: "document.addEventListener('DOMContentLoaded', () => { const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% }'); document.adoptedStyleSheets = [sheet]; });" });
  await states.result(session, undefined);
  assert.ok(await session.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await session.close();
});

test("who wants less motion gets none", options(), async () => {
  const session = await openPage({ motion: "reduce" });
  const moving = await session.page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => {
    const style = getComputedStyle(e);
    return style.transitionDuration.split(",").some((d) => parseFloat(d) > 0) || style.animationName !== "none" || style.scrollBehavior === "smooth";
  }).length);
  assert.equal(moving, 0);
  await session.close();
});

test("it works offline after the first visit, and keeps no registry", options(), async () => {
  const session = await openPage({ language: "nl-NL" });
  const { page, context } = session;
  await page.waitForFunction(() => document.querySelector("#offline")?.textContent !== "");
  await chooseFiles(session, { name: "secret-songs.jsonl", mimeType: "", buffer: readFileSync(SAMPLE_WORKS) });
  await opened(session).catch(() => {});
  await session.server.close();
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector("html.ready[data-engine]");
  assert.equal(await page.getAttribute("html", "lang"), "nl");
  await useSample(session);
  await page.fill("#output", samples.get("sample-13").text);
  assert.equal(await result(session), "1 passage herhaalt een geregistreerd werk");
  const kept = await page.evaluate(async () => {
    const addresses = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) addresses.push(new URL(request.url).pathname);
    return { addresses, storage: Object.keys(localStorage), databases: (await indexedDB.databases()).length };
  });
  assert.deepEqual(kept.addresses.filter((path) => /secret/.test(path)), []);
  assert.deepEqual([kept.storage, kept.databases], [[], 0]);
  session.problems.length = 0; // there was no network, and the browser says so
  await session.close();
});

test("the policy refuses what is foreign", options(), async () => {
  const session = await openPage({ expect: (problem) => /Content Security Policy|violates the following|Refused to/.test(problem) });
  const { page } = session;
  /** @type {Map<string, string | undefined>} */
  const failed = new Map();
  page.on("requestfailed", (request) => failed.set(request.url(), request.failure()?.errorText));
  const tried = await page.evaluate(async () => {
    const outcome = async (/** @type {() => Promise<unknown>} */ attempt) => attempt().then(() => "done", () => "refused");
    const loads = (/** @type {string} */ name, /** @type {Record<string, string>} */ attributes) => () => new Promise((resolve, reject) => {
      const element = Object.assign(document.createElement(name), attributes);
      element.addEventListener("load", resolve);
      element.addEventListener("error", reject);
      document.head.append(element);
    });
    globalThis.inlineRan = false;
    const inline = document.createElement("script");
    inline.textContent = "globalThis.inlineRan = true";
    document.head.append(inline);
    const styled = document.createElement("p");
    styled.setAttribute("style", "color: rgb(1, 2, 3)");
    document.body.append(styled);
    return {
      fetch: await outcome(() => fetch("https://example.org/")),
      loopback: await outcome(() => fetch("http://127.0.0.1:9/")),
      script: await outcome(loads("script", { src: "https://example.org/x.js" })),
      image: await outcome(loads("img", { src: "https://example.org/x.png" })),
      eval: await outcome(async () => (0, eval)("1")),
      inline: globalThis.inlineRan ? "done" : "refused",
      style: getComputedStyle(styled).color === "rgb(1, 2, 3)" ? "done" : "refused",
    };
  });
  assert.deepEqual(new Set(Object.values(tried)), new Set(["refused"]), JSON.stringify(tried));
  // The browser tells of what it did not send; nothing was sent.
  for (const url of session.outside()) assert.equal(failed.get(url), "csp", url);
  session.requests.length = 0;
  assert.deepEqual(session.outside(), []);
  await session.close();
});

test("the policy stands in the page itself, not only in headers; nothing in the markup runs or styles", options(), () => {
  const page = readFileSync(join(PAGE, "index.html"), "utf8");
  assert.match(page, /<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'">/);
  assert.doesNotMatch(page, /\sstyle=|\son\w+=|<style|https?:\/\/(?!www\.w3\.org)/);
  for (const [script] of page.matchAll(/<script[^>]*>/g)) assert.match(script, /type="module" src="[^:"]+"/);
});

test("nothing but the page's own host, no layout shift, no blocking script, at most 400 KB on a first visit", options(), async (t) => {
  const session = await openPage();
  const { page } = session;
  await page.waitForFunction(() => document.querySelector("#offline")?.textContent !== "");
  const wire = session.server.served.filter(({ path }) => path !== "/sample/works.jsonl").reduce((sum, { bytes }) => sum + bytes, 0);
  const shift = await session.layoutShift();
  await states.result(session, undefined);
  for (const tab of ["#tab-ask", "#tab-export", "#tab-check"]) await page.click(tab);
  t.diagnostic(`${wire} bytes over the wire on a first visit, service worker included, the sample registry aside; layout shift ${shift}, with a result ${await session.layoutShift()}`);
  assert.equal(await session.layoutShift(), 0);
  assert.deepEqual(session.foreign(), []);
  assert.deepEqual(session.server.served.filter(({ status }) => status >= 400), []);
  assert.ok(wire <= 400_000, `${wire} bytes`);
  await session.close();
});

const checker = join(ROOT, "bindings-wasm/node_modules/.bin/tsc");
test("the page's modules pass the type checker", { skip: existsSync(checker) || process.env.CI === "true" ? false : "typescript is missing (npm ci in bindings-wasm)" }, () => {
  execFileSync(checker, ["-p", join(ROOT, "bindings-wasm/web")], { stdio: "inherit" });
});

test("every string that the page asks for is there, and no string is left over", options(), () => {
  const english = new Set(Object.keys(JSON.parse(readFileSync(join(ROOT, "bindings-wasm/web/strings/en/page.json"), "utf8"))));
  const web = join(ROOT, "bindings-wasm/web");
  const sources = readdirSync(web, { recursive: true }).map(String).filter((path) => /\.(?:js|html)$/.test(path) && !/^(?:ask|export)\//.test(path)).map((path) => readFileSync(join(web, path), "utf8")).join("\n");
  const asked = new Set([...sources.matchAll(/\b(?:t|parts)\(\s*"([\w.-]+)"/g), ...sources.matchAll(/data-t(?:-\w+)?="([\w.-]+)"/g), ...sources.matchAll(/\{\{([a-z]+(?:\.[\w.]+)?)\}\}/g)].map(([, key]) => key));
  for (const key of ["version", "simd", "scalar", "key"]) asked.delete(key); // of the service worker, and an example
  assert.deepEqual([...asked].filter((key) => !english.has(key)), []);
  const made = [...english].filter((key) => !asked.has(key) && !sources.includes(`"${key}"`));
  // Keys that are put together, by their beginnings.
  const beginnings = ["trick.", "error.", "caveat.", "example.", "opened.kind.", "seal.profile.", "seal.signature.", "check.fingerprint_", "tab."];
  assert.deepEqual(made.filter((key) => !beginnings.some((beginning) => key.startsWith(beginning))), []);
});
