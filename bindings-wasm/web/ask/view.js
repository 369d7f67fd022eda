// "Ask a model": form, what will be sent, the run, its answers and its table. Each part is a file of its own; here they meet.

import { onLanguage, translate } from "../strings.js";
import { answersList } from "./answers.js";
import { Catalogue } from "./catalogue.js";
import { Connection } from "./connection.js";
import { el, fillWith } from "./elements.js";
import { explain } from "./explain.js";
import { modelForm } from "./form.js";
import { planOf } from "./plan.js";
import { preview } from "./preview.js";
import { progress } from "./progress.js";
import { promptsFor } from "./prompts.js";
import { questionsForm } from "./questions.js";
import { resultsTable } from "./results.js";
import { Run } from "./run.js";
import { worksPicker } from "./works.js";

/** How often what streams is drawn, at most. */
const DRAW_MS = 200;
/** The same of the table. */
const TABLE_MS = 800;
/** How long the form waits for the next key before the questions are made again. */
const SETTLE_MS = 120;

/**
 * @param {HTMLElement} section
 * @param {{ engine: any, registryInfo: any, compare: (report: any, text: string, options: object) => HTMLElement }} page
 */
export function mountAsk(section, { engine, registryInfo, compare }) {
  let destroyed = false;
  /** @type {ReturnType<typeof mounted> | undefined} */
  let view;
  section.classList.add("ask");
  fillWith(section, el("p", { class: "small", t: "ask.loading" }));
  engine
    .works()
    .then((/** @type {any[]} */ works) => Catalogue.sliced(works))
    .then((/** @type {Catalogue} */ catalogue) => {
      if (destroyed) return;
      view = mounted(section, catalogue, { engine, registryInfo, compare });
    })
    .catch((/** @type {any} */ error) => {
      if (!destroyed) fillWith(section, el("p", { class: "alert" }, explain(error)));
    });
  const off = onLanguage(() => {
    translate(section);
    view?.languageChanged();
  });
  return {
    /** What is to be taken away; nothing where no model was asked. */
    results: () => view?.results(),
    languageChanged: () => {},
    destroy() {
      destroyed = true;
      off();
      view?.destroy();
      section.classList.remove("ask");
      section.replaceChildren();
    },
  };
}

/** @param {HTMLElement} section @param {Catalogue} catalogue @param {{ engine: any, registryInfo: any, compare: any }} page */
function mounted(section, catalogue, { engine, registryInfo, compare }) {
  /** @type {Map<string, string>} */
  let edited = new Map();
  /** @type {Run | undefined} */
  let run;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settling;
  let running = false;

  const changed = () => {
    clearTimeout(settling);
    settling = setTimeout(draw, SETTLE_MS);
  };
  const patternsChanged = () => {
    // A question that was written anew belonged to another pattern.
    edited = new Map();
    changed();
  };
  const form = modelForm({ changed, listModels, explain });
  const picker = worksPicker(catalogue, changed);
  const questions = questionsForm(patternsChanged);
  const ahead = preview({
    send: start,
    lack: (lack) => (form.control(lack) ?? (picker.chosen().length ? questions : picker)).focus(),
    edited: (id, text) => {
      if (text === undefined) edited.delete(id);
      else edited.set(id, text);
      draw();
    },
  });
  const state = progress({ stop: () => run?.stop(), resume, again, explain });
  const results = resultsTable();
  const answers = answersList({ compare, works: () => catalogue.byKey, explain: (error) => explain(error, run?.origin) });
  const title = el("h3", { class: "ran-title", tabindex: "-1", t: "ask.run.title" });
  const ran = el("div", { class: "ran", hidden: true }, title, state.element, results.element, answers.element);

  if (catalogue.works.length === 0) {
    fillWith(
      section,
      el("p", { t: "ask.intro" }),
      el(
        "div",
        { class: "alert", role: "note" },
        el("p", {}, el("strong", { t: "ask.no_titles" })),
        el("p", { t: registryInfo?.kind === "sealed" ? "ask.no_titles.sealed" : "ask.no_titles.open" }),
      ),
    );
  } else {
    fillWith(
      section,
      el("p", { class: "ask-intro", t: "ask.intro" }),
      form.element,
      picker.element,
      questions.element,
      ahead.element,
      ran,
    );
    draw();
  }

  function draw() {
    clearTimeout(settling);
    const values = form.values();
    const prompts = promptsFor(picker.chosen(), { ...questions.values(), seed: values.seed, catalogue, edited });
    ahead.show(planOf({ ...values, prompts }), Boolean(run?.answers().length));
  }

  /** @param {string} base @param {string} origin @param {string} key */
  async function listModels(base, origin, key) {
    const connection = await Connection.open(origin);
    try {
      return await connection.models(base, key);
    } finally {
      connection.close();
    }
  }

  /** @param {import("./plan.js").Plan} plan */
  function start(plan) {
    run?.end();
    run = new Run(engine, plan, tell);
    ran.hidden = false;
    go();
    state.show(run.runner, run.origin);
    results.show({ ...run.summary(), sealed: registryInfo?.kind === "sealed" });
    answers.show(run.runner.entries);
    title.focus({ preventScroll: true });
    ran.scrollIntoView({ block: "start" });
  }

  async function go() {
    if (!run || running) return;
    running = true;
    lock(true);
    const mine = run;
    addEventListener("beforeunload", hold);
    try {
      await mine.start();
    } finally {
      running = false;
      removeEventListener("beforeunload", hold);
      if (run === mine) {
        lock(false);
        redraw(true);
        draw();
      }
    }
  }

  /** Answers are in this page's memory alone: whoever leaves it in the middle of a run is asked first. @param {Event} event */
  function hold(event) {
    event.preventDefault();
  }

  function resume() {
    // The key may have been what was wrong; all else stays as it was agreed.
    run?.useKey(form.values().key);
    go();
    state.draw();
    state.focus();
  }

  function again() {
    draw();
    ahead.focus();
    ahead.element.scrollIntoView({ block: "center" });
  }

  /** @param {boolean} locked */
  function lock(locked) {
    for (const part of [form, picker, questions, ahead]) part.lock(locked);
  }

  /** Entries that have changed since the last drawing, with what streaming ones hold so far. @type {Map<any, any>} */
  const waiting = new Map();
  let summaryWaits = false;
  let tabled = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let drawing;

  /** @param {any} entry @param {any} [live] */
  function tell(entry, live) {
    if (entry) waiting.set(entry, live ?? waiting.get(entry));
    if (!entry || entry.state === "done") summaryWaits = true;
    drawing ??= setTimeout(() => redraw(false), DRAW_MS);
  }

  /** @param {boolean} all */
  function redraw(all) {
    clearTimeout(drawing);
    drawing = undefined;
    if (!run) return;
    for (const [entry, live] of waiting) {
      answers.changed(entry, live);
      // What was found so far stays said until there is more.
      if (entry.state !== "asking") waiting.delete(entry);
    }
    state.draw();
    if (!summaryWaits && !all) return;
    if (all || performance.now() - tabled >= TABLE_MS) {
      [tabled, summaryWaits] = [performance.now(), false];
      results.show({ ...run.summary(), sealed: registryInfo?.kind === "sealed" });
    } else drawing ??= setTimeout(() => redraw(false), DRAW_MS);
  }

  return {
    results: () => (run && run.answers().length ? run.results() : undefined),
    languageChanged() {
      picker.languageChanged();
      questions.languageChanged();
      if (catalogue.works.length) draw();
      state.languageChanged();
      results.languageChanged();
      answers.languageChanged();
    },
    destroy() {
      clearTimeout(settling);
      clearTimeout(drawing);
      run?.end();
      run = undefined;
      form.forget();
      state.end();
    },
  };
}
