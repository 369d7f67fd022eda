// The report as one page: complete in itself, without scripts and without a request to anywhere, fit for print and for a phone.

import { caveats } from "../caveats.js";
import { comparisonMarkup } from "../compare.js";
import { language, parts, t } from "../strings.js";
import { escaped, h, toMarkup } from "../tree.js";
import { countsTable } from "./counts.js";
import { matches, wordsOf } from "../ask/statistics.js";

/** @typedef {import("./bundle.js").Bundle} Bundle */
/** @typedef {import("../ask/record.js").Answer} Answer */

/** The page's own style sheets that the report is drawn with. */
const STYLES = ["../style/tokens.css", "../style/marks.css", "./report.css"];

/** The style sheets as one text. */
export async function reportStyle() {
  const texts = await Promise.all(
    STYLES.map(async (path) => {
      const response = await fetch(new URL(path, import.meta.url));
      if (!response.ok) throw new Error(`${path} could not be loaded: ${response.status}`);
      return response.text();
    }),
  );
  // A style element ends at the first "</style", and its line ends become line feeds before its hash is taken.
  return texts.join("\n").replace(/\r\n?/g, "\n").replace(/<\//g, "<\\/");
}

/**
 * @param {Bundle} bundle
 * @param {string} style what {@link reportStyle} gives
 * @returns {Promise<string>}
 */
export async function htmlReport(bundle, style) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const policy = `default-src 'none'; style-src 'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'; base-uri 'none'; form-action 'none'`;
  const title = headline(bundle);
  return `<!doctype html>
<html lang="${escaped(language())}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="nagalm ${escaped(bundle.registry.version)}">
<title>${escaped(title)} – nagalm</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="kicker">${escaped(t(`export.kicker.${bundle.kind}`))}</p>
<h1>${escaped(title)}</h1>
<p class="lead">${escaped(lead(bundle))}</p>
</header>
<main>
${[facts(bundle), countsTable(bundle), found(bundle), unclear(bundle), rest(bundle), failed(bundle), hashes(bundle)].filter(Boolean).join("\n")}
<section class="caveats"><h2>${escaped(t("caveats"))}</h2>${toMarkup(caveats())}</section>
</main>
<footer><p>nagalm ${escaped(bundle.registry.version)} · ${escaped(t("export.made", { time: bundle.made }))} · ${escaped(t("export.self_contained"))}</p></footer>
</body>
</html>
`;
}

/** @param {Answer} answer */
const hasFound = (answer) => matches(answer.report);
/** A lead through a sealed registry is no match; what was not searched may hold one. @param {Answer} answer */
const isUnclear = (answer) => !hasFound(answer) && (answer.report.sealed?.leads.length > 0 || !answer.report.complete);

/** @param {Bundle} bundle */
function headline({ kind, answers, run }) {
  const repeating = answers.filter(hasFound).length;
  if (kind === "check") return t(repeating ? "export.headline.check" : "export.headline.check_none");
  const values = { n: answers.length, matched: repeating, model: run.model };
  return t(repeating ? "export.headline.ask" : "export.headline.ask_none", values);
}

/** @param {Bundle} bundle */
function lead({ kind, run }) {
  if (kind === "check") return t("export.lead.check");
  const { asks, invented, swapped } = run.totals;
  const sentences = [];
  if (asks)
    sentences.push(t(asks.matched ? "ask.results.lead" : "ask.results.lead_none", { n: asks.answers, matched: asks.matched }));
  if (invented) sentences.push(t("ask.results.lead_invented", { n: invented.answers, matched: invented.matched }));
  if (swapped) sentences.push(t("ask.results.lead_swapped", { n: swapped.answers, matched: swapped.matched }));
  return sentences.join(" ");
}

/** How it was asked, and compared with what. @param {Bundle} bundle */
function facts({ kind, answers, registry, run }) {
  /** @type {[string, any][]} */
  const rows = [];
  if (kind === "ask") {
    const times = answers.map((answer) => answer.created).sort();
    const named = [...new Set(answers.map((answer) => answer.modelAnswered).filter((name) => name && name !== run.model))];
    rows.push(
      [
        "export.model",
        [
          h("bdi", {}, run.model),
          named.length ? ` (${t("export.model_answered", { names: named.slice(0, 5).join(", ") })})` : "",
        ],
      ],
      ["export.address", h("code", {}, run.base)],
      ["export.parameters", h("code", {}, JSON.stringify(run.parameters))],
      [
        "export.asked",
        t("export.asked_text", {
          n: answers.length,
          planned: run.planned,
          questions: run.prompts.length,
          each: run.answersPerQuestion,
        }),
      ],
      [
        "export.time",
        times.length
          ? t("export.time_text", { from: answers.map((answer) => answer.started).sort()[0], to: times[times.length - 1] })
          : "–",
      ],
      ["export.seed", h("bdi", {}, run.seed)],
    );
  } else {
    rows.push(["export.time", answers[0].created], ["export.length", t("export.length_text", { n: answers[0].text.length })]);
  }
  rows.push(
    [
      "export.registry",
      [
        h("bdi", {}, registry.kind === "sample" ? t("opened.sample") : registry.name),
        ` (${t("export.registry_text", { n: registry.works })})`,
      ],
    ],
    ["export.registry_hash", h("code", {}, registry.contentHash)],
  );
  if (registry.seal)
    rows.push([
      "export.seal",
      t("export.seal_text", {
        recipient: registry.seal.recipient,
        release: registry.seal.release,
        signer: registry.seal.signer ?? "–",
        signature: registry.seal.signature,
      }),
    ]);
  if (registry.kind === "texts") rows.push(["export.note", t("export.own_texts")]);
  return toMarkup(
    h(
      "section",
      { class: "facts-of" },
      h("h2", {}, t(`export.how.${kind}`)),
      h(
        "dl",
        {},
        rows.map(([key, what]) => h("div", {}, h("dt", {}, t(key)), h("dd", {}, what))),
      ),
    ),
  );
}

/** Answers that repeat a work, with both texts. @param {Bundle} bundle */
function found(bundle) {
  const repeating = bundle.answers.filter(hasFound);
  return repeating.length
    ? compared(bundle, repeating, t(bundle.kind === "ask" ? "export.found" : "export.found_check", { n: repeating.length }))
    : "";
}

/** What is no finding, and not nothing either. @param {Bundle} bundle */
function unclear(bundle) {
  const answers = bundle.answers.filter(isUnclear);
  return answers.length
    ? compared(bundle, answers, t(bundle.kind === "ask" ? "export.unclear" : "export.unclear_check", { n: answers.length }))
    : "";
}

/** @param {Bundle} bundle @param {Answer[]} answers @param {string} title */
function compared(bundle, answers, title) {
  return `<section><h2>${escaped(title)}</h2>${answers
    .map(
      (answer, at) => `<article class="answer" id="answer-${escaped(answer.id)}">
${head(bundle, answer)}
${comparisonMarkup(answer.report, answer.text, { works: bundle.works, prefix: `answer-${answer.id}`, legend: at === 0 })}
${whole(bundle, answer, true)}
</article>`,
    )
    .join("\n")}</section>`;
}

/** All others, in full: what a model did not repeat is part of the picture. @param {Bundle} bundle */
function rest(bundle) {
  const others = bundle.answers.filter((answer) => !hasFound(answer) && !isUnclear(answer));
  if (others.length === 0) return "";
  return `<section><h2>${escaped(t(bundle.kind === "ask" ? "export.rest" : "export.rest_check", { n: others.length }))}</h2>${others
    .map(
      (answer) => `<article class="answer" id="answer-${escaped(answer.id)}">
${head(bundle, answer)}
${whole(bundle, answer, false)}
</article>`,
    )
    .join("\n")}</section>`;
}

/** @param {Bundle} bundle @param {Answer} answer */
function head({ kind }, answer) {
  if (kind === "check") return "";
  const { prompt } = answer;
  const words = wordsOf(answer.report);
  return toMarkup(
    h(
      "header",
      {},
      h(
        "h3",
        {},
        h("bdi", {}, prompt.text),
        prompt.kind === "asks" ? null : [" ", h("span", { class: "chip" }, t(`ask.kind.${prompt.kind}`))],
      ),
      h(
        "p",
        { class: "small" },
        [
          t("ask.answer", { n: answer.repetition }),
          t("export.answer_number", { id: answer.id }),
          t("export.answer_time", { time: answer.created }),
          words ? t("export.answer_words", { n: words }) : t("ask.state.nothing"),
          answer.finish === "length" ? t("ask.answer.cut") : "",
          answer.attempts > 1 ? t("ask.answer.attempts", { n: answer.attempts }) : "",
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
}

/** @param {Bundle} bundle @param {Answer} answer @param {boolean} titled */
function whole({ kind }, answer, titled) {
  return toMarkup(
    h(
      "div",
      { class: "whole" },
      titled ? h("h4", {}, t(kind === "ask" ? "ask.answer.whole" : "export.whole_text")) : null,
      h("p", { class: "text", dir: "auto" }, answer.text || t("ask.answer.empty")),
      h("p", { class: "print" }, "SHA-256 ", h("code", {}, answer.sha256)),
    ),
  );
}

/** @param {Bundle} bundle */
function failed({ run }) {
  if (!run?.failed.length) return "";
  return toMarkup(
    h(
      "section",
      {},
      h("h2", {}, t("export.failed", { n: run.failed.length })),
      h(
        "ul",
        {},
        run.failed.map((/** @type {any} */ one) =>
          h("li", {}, h("bdi", {}, one.prompt.text), h("small", {}, ` ${t("export.failed_kind", { kind: one.kind })}`)),
        ),
      ),
    ),
  );
}

/** What others need to see that they have the same texts. @param {Bundle} bundle */
function hashes({ kind, answers, works, workHashes }) {
  const prompts = new Map(kind === "ask" ? answers.map((answer) => [answer.prompt.text, answer.promptSha256]) : []);
  /** @param {string} key @param {[any, string][]} rows */
  const list = (key, rows) =>
    rows.length
      ? [
          h("h3", {}, t(key)),
          h(
            "ul",
            { class: "hashes" },
            rows.map(([name, hash]) => h("li", {}, h("bdi", {}, name), " ", h("code", {}, hash))),
          ),
        ]
      : null;
  return toMarkup(
    h(
      "section",
      { class: "fingerprints" },
      h("h2", {}, t("export.hashes")),
      h("p", { class: "small" }, parts("export.hashes_note")),
      list("export.hashes.questions", [...prompts]),
      list(
        "export.hashes.answers",
        answers.map((answer) => [
          kind === "ask" ? t("export.answer_number", { id: answer.id }) : t("export.whole_text"),
          answer.sha256,
        ]),
      ),
      list(
        "export.hashes.works",
        [...workHashes].map(([id, hash]) => [works.get(id)?.title ? `${works.get(id).title} (${id})` : id, hash]),
      ),
    ),
  );
}
