// The answers, question by question: as they stream, and, when they are complete, opened to the two texts side by side.

import { number, t } from "../strings.js";
import { arrange, el, fillWith } from "./elements.js";
import { wordsOf } from "./statistics.js";

/** Of a streaming answer its end is shown. */
const TAIL = 220;
/** Questions that are drawn at once; the others on demand. */
const AT_ONCE = 40;

/**
 * @param {{ compare: (report: any, text: string, options: object) => HTMLElement, works: () => Map<string, any>,
 *   explain: (error: any) => string }} hooks
 */
export function answersList({ compare, works, explain }) {
  const only = el("input", { type: "checkbox", id: "ask-only-found", on: { change: draw } });
  const list = el("div", { class: "answers" });
  const more = el("button", { type: "button", class: "quiet", hidden: true, on: { click: () => ((shown += AT_ONCE), draw()) } });
  const element = el(
    "section",
    { "aria-labelledby": "ask-answers-title" },
    el(
      "div",
      { class: "answers-head" },
      el("h3", { id: "ask-answers-title", t: "ask.answers.title" }),
      el("div", { class: "tick" }, only, el("label", { for: only.id, t: "ask.answers.only" })),
    ),
    list,
    more,
  );
  /** @type {import("./runner.js").Entry[]} */
  let entries = [];
  let shown = AT_ONCE;
  /** By job. @type {Map<string, ReturnType<typeof answerRow>>} */
  let rows = new Map();
  /** By question. @type {Map<string, { element: HTMLElement, list: HTMLElement }>} */
  let sections = new Map();
  const nothing = el("p", { class: "small" });

  function draw() {
    /** @type {Map<string, import("./runner.js").Entry[]>} */
    const groups = new Map();
    for (const entry of entries) {
      if (only.checked ? !found(entry) : entry.state === "waiting" && !entry.error) continue;
      const group = groups.get(entry.job.prompt.id);
      if (group) group.push(entry);
      else groups.set(entry.job.prompt.id, [entry]);
    }
    // In the order of the questions, whichever was answered first.
    const order = [...new Set(entries.map((entry) => entry.job.prompt.id))].filter((id) => groups.has(id));
    const drawn = order.slice(0, shown).map((id) => section(groups.get(id) ?? []));
    nothing.textContent = t(only.checked ? "ask.answers.none_found" : "ask.answers.none");
    arrange(list, drawn.length ? drawn : [nothing]);
    more.hidden = order.length <= shown;
    more.textContent = t("ask.answers.more", { n: order.length - shown });
  }

  /** @param {import("./runner.js").Entry[]} group @returns {HTMLElement} */
  function section(group) {
    const { prompt } = group[0].job;
    let known = sections.get(prompt.id);
    if (!known) {
      const answers = el("ul");
      known = {
        list: answers,
        element: el(
          "section",
          { class: "question" },
          el(
            "h4",
            {},
            el("bdi", {}, prompt.text),
            prompt.kind !== "asks" && " ",
            prompt.kind !== "asks" && el("span", { class: `chip ${prompt.kind}` }, t(`ask.kind.${prompt.kind}`)),
          ),
          answers,
        ),
      };
      sections.set(prompt.id, known);
    }
    arrange(
      known.list,
      group.map((entry) => rowOf(entry).element),
    );
    return known.element;
  }

  /** @param {import("./runner.js").Entry} entry */
  function rowOf(entry) {
    const known = rows.get(entry.job.id);
    if (known) return known;
    const row = answerRow(entry, { compare, works, explain });
    rows.set(entry.job.id, row);
    return row;
  }

  return {
    element,
    /** @param {import("./runner.js").Entry[]} of */
    show(of) {
      entries = of;
      rows = new Map();
      sections = new Map();
      shown = AT_ONCE;
      draw();
    },
    /** @param {import("./runner.js").Entry} entry @param {any} [live] what the answer holds so far */
    changed(entry, live) {
      const row = rows.get(entry.job.id);
      row?.draw(live);
      if (!row?.element.isConnected || only.checked || entry.state === "waiting") draw();
    },
    languageChanged() {
      rows = new Map();
      sections = new Map();
      draw();
    },
  };
}

/** @param {import("./runner.js").Entry} entry */
const found = (entry) => wordsOf(entry.answer?.report) > 0;

/** @param {import("./runner.js").Entry} entry @param {{ compare: any, works: () => Map<string, any>, explain: (error: any) => string }} hooks */
function answerRow(entry, { compare, works, explain }) {
  const name = el("span", { class: "answer-name" }, t("ask.answer", { n: entry.job.repetition }));
  const state = el("span", { class: "answer-state" });
  const body = el("div", { class: "answer-body" });
  const details = el("details", {}, el("summary", {}, name, " ", state), body);
  const tail = el("p", { class: "answer-tail", hidden: true });
  const element = el("li", {}, details, tail);
  let filled = "";
  details.addEventListener("toggle", () => details.open && fill());

  function fill() {
    const { answer } = entry;
    if (!answer) {
      filled = "text";
      return fillWith(
        body,
        entry.text
          ? el("p", { class: "answer-text", dir: "auto" }, entry.text)
          : el("p", { class: "small" }, entry.error ? explain(entry.error) : t("ask.answer.nothing_yet")),
      );
    }
    if (filled === "answer") return;
    filled = "answer";
    const has = wordsOf(answer.report) > 0 || answer.report.sealed?.leads.length > 0;
    const text = el("p", { class: "answer-text", dir: "auto" }, answer.text || t("ask.answer.empty"));
    fillWith(
      body,
      has && compare(answer.report, answer.text, { works: works(), prefix: `answer-${answer.id}` }),
      has ? el("details", { class: "whole" }, el("summary", {}, t("ask.answer.whole")), text) : text,
      el(
        "p",
        { class: "small" },
        [
          answer.modelAnswered && answer.modelAnswered !== answer.model
            ? t("ask.answer.model", { model: answer.modelAnswered })
            : undefined,
          t("ask.answer.time", { time: new Date(answer.created).toLocaleString(document.documentElement.lang || undefined) }),
          answer.finish === "length" ? t("ask.answer.cut") : undefined,
          answer.attempts > 1 ? t("ask.answer.attempts", { n: answer.attempts }) : undefined,
        ]
          .filter(Boolean)
          .join(" "),
      ),
    );
  }

  /** @param {any} [live] */
  function draw(live) {
    const { answer } = entry;
    state.className = `answer-state ${entry.state}`;
    if (entry.state === "done") {
      const words = wordsOf(answer.report);
      state.classList.toggle("found", words > 0);
      state.textContent = words
        ? t("ask.state.found", { n: words, works: names(answer.report) })
        : answer.report.sealed?.leads.length
          ? t("ask.state.lead")
          : t("ask.state.nothing");
    } else if (entry.state === "failed") state.textContent = explain(entry.error);
    else if (entry.state === "pausing") state.textContent = t("ask.state.pausing", { why: explain(entry.error) });
    else if (entry.state === "waiting") state.textContent = entry.error ? explain(entry.error) : t("ask.state.waiting");
    else if (!entry.text) state.textContent = t("ask.state.asking");
    else {
      const words = live ? wordsOf(live) : 0;
      state.textContent = words
        ? t("ask.state.so_far", { n: words, works: names(live) })
        : t("ask.state.streaming", { n: number(entry.text.length) });
    }
    const streaming = entry.state === "asking" && entry.text;
    tail.hidden = !streaming || details.open;
    tail.textContent = streaming ? (entry.text.length > TAIL ? `… ${entry.text.slice(-TAIL)}` : entry.text) : "";
    if (details.open) fill();
  }

  draw();
  return { element, draw };
}

/** Titles of the works that were found. @param {any} report */
function names(report) {
  const matches = [...(report.matches ?? []), ...(report.sealed?.matches ?? [])];
  const titles = [...new Set(matches.map((match) => match.title?.trim() || match.work_id || `#${match.work}`))];
  const shown = titles.slice(0, 2).map((title) => t("ask.quoted", { title }));
  return titles.length > 2 ? t("ask.and_more", { titles: shown.join(", "), n: titles.length - 2 }) : shown.join(", ");
}
