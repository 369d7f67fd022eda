// "Take it away": what is in the files, read again by others' readers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";

import { bundleOfRun, fileName } from "../../web/export/bundle.js";
import { csv } from "../../web/export/csv.js";
import { htmlReport } from "../../web/export/html.js";
import { jsonLines } from "../../web/export/jsonl.js";
import { summarise, totals } from "../../web/ask/statistics.js";
import { use } from "../../web/strings.js";
import { accessible, fill, openAsk, over, send } from "./ask-page.mjs";
import { closeBrowser, open, options, PAGE, ROOT } from "./harness.mjs";
import { startModel } from "./stub-model.mjs";

const KEY = "sk-never-in-a-file-1931";
/** Fields of a report itself; all others came in with the text. */
const OF_REPORT = [
  "schema",
  "id",
  "offset_unit",
  "complete",
  "not_searched",
  "text_sha256",
  "registry",
  "version",
  "coverage",
  "matches",
  "works",
  "sealed",
  "meaning",
];
const sha256 = (text) => createHash("sha256").update(text, "utf8").digest("hex");

/** @type {Awaited<ReturnType<typeof openAsk>>[]} */
const sessions = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) {
    await session.context.close().catch(() => {});
    await session.server.close().catch(() => {});
  }
});
after(closeBrowser);
const started = async (session) => (sessions.push(await session), sessions.at(-1));
const finished = async (session) => {
  sessions.splice(sessions.indexOf(session), 1);
  await session.close();
};

/** A table as Python's csv module reads it. @param {string} text @returns {Record<string, string>[] | undefined} */
function readCsv(text) {
  const program =
    "import csv, io, json, sys\ntext = sys.stdin.buffer.read().decode('utf-8-sig')\njson.dump(list(csv.DictReader(io.StringIO(text, newline=''), strict=True)), sys.stdout)";
  const { status, stdout, stderr, error } = spawnSync("python3", ["-c", program], {
    input: text,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (error) {
    if (process.env.CI === "true") throw error;
    return undefined;
  }
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

/** @param {import("playwright-core").Page} page @param {string} form @returns {Promise<{ name: string, text: string }>} */
async function saved(page, form) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#export-${form}`)]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
}

test("a run, taken away in all three forms", options(), async (t) => {
  const model = await startModel();
  const session = await started(openAsk());
  const { page } = session;
  await page.click("#tab-export");
  assert.match((await page.textContent("#panel-export")) ?? "", /nothing to take away yet/);
  await accessible(page, "nothing to take away");
  await page.click("#tab-ask");
  await fill(page, {
    address: model.origin,
    key: KEY,
    model: "reciter",
    answers: 2,
    concurrency: 2,
    works: ["Ferry Light", "Großmutters Maß"],
    temperature: "0.5",
  });
  await send(page);
  await over(page);
  await page.click("#tab-export");
  assert.match((await page.textContent("#panel-export")) ?? "", /12 of 12 answers of “reciter”/);
  await accessible(page, "something to take away");
  const [html, jsonl, table] = [await saved(page, "html"), await saved(page, "jsonl"), await saved(page, "csv")];
  for (const file of [html, jsonl, table]) {
    assert.match(file.name, /^nagalm-reciter-\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\.(?:html|jsonl|csv)$/);
    assert.ok(!file.text.includes(KEY) && !/authorization|bearer/i.test(file.text), `${file.name} holds the key`);
  }

  await t.test("JSON lines: a report a line, with everything that was asked", () => {
    const reports = jsonl.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(reports.length, 12);
    for (const report of reports) {
      assert.equal(report.schema, "nagalm.report/1");
      assert.equal(report.offset_unit, "code_point");
      assert.equal(report.model, "reciter");
      assert.match(report.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
      assert.equal(report.answer_sha256, sha256(report.answer));
      assert.equal(report.prompt_sha256, sha256(report.prompt));
      assert.deepEqual(report.parameters, { temperature: 0.5, max_tokens: 1024, stream: true });
      assert.match(report.registry, /^[0-9a-f]{64}$/);
      assert.match(report.version, /^\d+\.\d+/);
      assert.ok(["asks", "invented", "swapped"].includes(report.asked.kind));
      const points = Array.from(report.answer);
      for (const match of report.matches) {
        assert.equal(points.slice(match.output.start, match.output.end).join(""), match.quote.output);
        assert.equal(report.text_sha256, report.answer_sha256);
      }
    }
    assert.deepEqual(
      reports.map((report) => report.prompt),
      model.chats().map((chat) => chat.json.messages[0].content),
    );
    const found = reports.filter((report) => report.matches.length);
    assert.equal(found.length, 4);
    assert.ok(found.every((report) => report.asked.kind === "asks" && report.matches[0].work_id === report.asked.work_id));
  });

  await t.test("JSON lines: the command line writes the same, byte for byte", async (sub) => {
    const program = [process.env.NAGALM_BINARY, ...["release", "debug"].map((kind) => join(PAGE, "..", kind, "nagalm"))].find(
      (path) => path && existsSync(path),
    );
    if (!program && process.env.CI === "true") assert.fail("the command line is not built: cargo build --bin nagalm");
    if (!program) return sub.skip("the command line is not built (cargo build --bin nagalm)");
    const folder = await mkdtemp(join(tmpdir(), "nagalm-export-"));
    const run = (...words) => {
      const { status, stderr } = spawnSync(program, words, { cwd: folder, encoding: "utf8" });
      assert.ok(status === 0 || status === 1, stderr);
    };
    const outputs = jsonl.text
      .trimEnd()
      .split("\n")
      .map((line) => {
        const report = JSON.parse(line);
        const fields = Object.entries(report).filter(([name]) => !OF_REPORT.includes(name));
        return JSON.stringify({ ...Object.fromEntries(fields), id: report.id, text: report.answer });
      });
    await writeFile(join(folder, "outputs.jsonl"), `${outputs.join("\n")}\n`);
    run("register", "works.nagalm", join(ROOT, "corpora/sample/works.jsonl"));
    run("scan", "works.nagalm", "outputs.jsonl", "-o", "report.jsonl");
    assert.equal(await readFile(join(folder, "report.jsonl"), "utf8"), jsonl.text);
    await rm(folder, { recursive: true });
  });

  await t.test("CSV: the command line's columns, in a reader of others", (sub) => {
    const rows = readCsv(table.text);
    if (!rows) return sub.skip("python3 is missing");
    assert.ok(table.text.includes("\r\n"));
    const reports = new Map(
      jsonl.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
        .map((report) => [report.id, report]),
    );
    assert.deepEqual([...new Set(rows.map((row) => row.id))].sort(), [...reports.keys()].sort());
    for (const row of rows) {
      const report = reports.get(row.id);
      assert.deepEqual(
        [row.model, row.prompt, row.created, row.registry, row.version, row.offset_unit],
        [report.model, report.prompt, report.created, report.registry, report.version, "code_point"],
      );
      assert.equal(JSON.parse(row.fields).answer, report.answer);
      const match = report.matches.find((one) => String(one.output.start) === row.output_start);
      assert.equal(Boolean(match), row.work_id !== "");
      if (!match) continue;
      assert.deepEqual(
        [row.work_id, row.kind, row.output_text, row.source_text, Number(row.evalue)],
        [match.work_id, match.kind, match.quote.output, match.quote.source, match.evalue],
      );
      assert.deepEqual(JSON.parse(row.edits), match.edits);
    }
  });

  await t.test("HTML: stands alone, loads and runs nothing, shows both texts", async () => {
    const pages = {
      "/report.html": { type: "text/html; charset=utf-8", body: html.text, headers: { "content-security-policy": "" } },
    };
    const shown = await started(open({ pages, path: "/report.html", width: 390, scheme: "dark" }));
    assert.equal(await shown.page.evaluate(() => document.scripts.length), 0);
    assert.deepEqual(
      shown.server.served.map((one) => one.path).filter((path) => path !== "/favicon.ico"),
      ["/report.html"],
    );
    assert.ok(!/(?:src|href)=["'](?!#)/.test(html.text), "it refers to something outside");
    assert.match(html.text, /default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'; form-action 'none'/);
    assert.notEqual(
      await shown.page.evaluate(() => getComputedStyle(document.querySelector(".comparison .e")).textDecorationLine),
      "none",
      "its style is its own",
    );
    const text = await shown.page.evaluate(() => document.body.innerText);
    assert.match(text, /4 of 12 answers of “reciter” repeat registered works/);
    assert.match(text, /4 of 4 answers about works repeat words/);
    assert.match(text, /The last boat leaves at a quarter to nine/);
    for (const report of jsonl.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))) {
      for (const part of [report.prompt, report.answer_sha256, report.prompt_sha256, report.created, report.registry])
        assert.ok(html.text.includes(part), part);
      for (const line of report.answer.split("\n").filter(Boolean))
        assert.ok(html.text.includes(line.replaceAll("&", "&amp;").replaceAll("'", "&#39;")), line);
    }
    assert.equal(await shown.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
    await accessible(shown.page, "the report");
    await finished(shown);
  });
  await model.close();
  await finished(session);
});

test("a text that was checked is taken away, too", options(), async () => {
  const session = await started(open());
  const { page } = session;
  await page.click("[data-do=sample]");
  await page.waitForSelector("#ask-address", { state: "attached" });
  const text =
    "She said: 🎵\nThe last boat leaves at a quarter to nine\nwith a crate of hens and a bottle of wine,\nand the girl from the chandler's is combing her hair";
  await page.fill("#panel-check textarea", text);
  await page.waitForSelector("#panel-check .comparison .e");
  await page.click("#tab-export");
  const jsonl = await saved(page, "jsonl");
  const report = JSON.parse(jsonl.text);
  assert.equal(report.answer, text);
  assert.equal(report.answer_sha256, sha256(text));
  assert.equal(report.matches[0].work_id, "en-ferry-light");
  const html = await saved(page, "html");
  assert.match(html.text, /The text repeats a registered work/);
  assert.ok(html.text.includes(sha256(text)));
  await finished(session);
});

// --- the same without a browser, on what nobody means well with

const hostile = `<script>alert(1)</script>"'&\u2028=1+1`;
const prompt = {
  id: "asks/l/w",
  kind: "asks",
  template: "l",
  work: "w",
  of: { title: hostile, author: hostile },
  title: hostile,
  author: hostile,
  text: `=HYPERLINK("http://x") ${hostile}`,
};
const reportOf = (matches) => ({
  schema: "nagalm.report/1",
  id: "0001",
  offset_unit: "code_point",
  complete: true,
  registry: hostile,
  version: "0.1.0",
  coverage: { matched: 0, total: 4 },
  matches,
  works: [{ work_id: hostile, matched: 3, share_of_work: 0.5 }],
  prompt: prompt.text,
  model: hostile,
  created: "2026-01-02T03:04:05.000Z",
  answer: hostile,
});
const match = {
  work_id: hostile,
  title: hostile,
  kind: "verbatim",
  output: { start: 0, end: 3 },
  source: { start: 0, end: 3 },
  words: { matched: 1, output: 1, source: 1 },
  letters: { matched: 3 },
  identity: 1,
  longest_run_words: 1,
  bits: 9.5,
  evalue: 1e-9,
  edits: [{ op: "equal", output: { start: 0, end: 3 }, source: { start: 0, end: 3 } }],
  also_in: [hostile],
  quote: { output: "-1 ", source: "@SU" },
};
async function hostileBundle() {
  const report = reportOf([match]);
  const answers = [
    {
      id: "0001",
      prompt,
      repetition: 1,
      text: hostile,
      model: hostile,
      modelAnswered: hostile,
      started: report.created,
      created: report.created,
      attempts: 1,
      sha256: sha256(hostile),
      promptSha256: sha256(prompt.text),
      report,
      json: JSON.stringify(report),
      parameters: {},
    },
  ];
  const run = {
    kind: "ask",
    base: "http://localhost/v1",
    model: hostile,
    parameters: { temperature: 0 },
    seed: hostile,
    prompts: [prompt],
    planned: 1,
    answersPerQuestion: 1,
    answers,
    failed: [{ id: "0002", prompt, kind: "server" }],
    rows: summarise(answers),
    totals: totals(answers),
  };
  const engine = {
    works: async () => [{ work_id: hostile, title: hostile, creators: [hostile] }],
    work: async () => ({ text: hostile }),
  };
  return bundleOfRun(run, {
    engine,
    registryInfo: {
      kind: "open",
      name: hostile,
      works: 1,
      contentHash: hostile,
      version: "0.1.0",
      seal: { recipient: hostile, release: hostile, signer: hostile, signature: hostile },
    },
  });
}

test("hostile titles, answers and names stay text", async () => {
  for (const language of ["en", "nl", "de"]) {
    const strings = {};
    for (const part of ["page", "ask", "export"])
      Object.assign(
        strings,
        JSON.parse(await readFile(new URL(`../../web/strings/${language}/${part}.json`, import.meta.url), "utf8")),
      );
    use(language, strings);
    const page = await htmlReport(await hostileBundle(), "body { color: red }");
    assert.ok(!page.includes("<script"), page);
    assert.ok(page.includes("&lt;script&gt;alert(1)"));
    assert.ok(!/>(?:export|ask)\.[a-z_.]+</.test(page), "a string is missing");
    assert.ok(!page.includes("undefined"), page);
  }
});

test("no cell is a formula, and the reader gets every cell back", async (t) => {
  const text = csv(await hostileBundle());
  const rows = readCsv(text);
  if (!rows) return t.skip("python3 is missing");
  assert.equal(rows.length, 1);
  for (const [name, cell] of Object.entries(rows[0]))
    assert.ok(!/^[=+@\t\r＝＋－＠]/.test(cell) && (!cell.startsWith("-") || Number.isFinite(Number(cell))), `${name}: ${cell}`);
  assert.equal(rows[0].prompt, `'${prompt.text}`);
  assert.equal(rows[0].output_text, "'-1 ");
  assert.equal(rows[0].source_text, "'@SU");
  assert.equal(rows[0].title, hostile);
  assert.equal(rows[0].share_of_work, "0.5");
  const source = await readFile(new URL("../../../core/cli/src/output/table.rs", import.meta.url), "utf8");
  const columns = [
    ...source.slice(source.indexOf("struct TableRow"), source.indexOf("impl<'a> TableRow")).matchAll(/^ {4}(\w+): /gm),
  ].map((found) => found[1]);
  assert.deepEqual(Object.keys(rows[0]), columns, "the command line's columns");
});

test("lines are the engine's to the letter, and names fit any file system", async () => {
  const bundle = await hostileBundle();
  assert.equal(jsonLines(bundle), `${bundle.answers[0].json}\n`);
  assert.match(fileName(bundle, "html"), /^nagalm-script-alert-1-script-1-1-\d{4}-[\d-]+\.html$/);
});
