// How far a run is, and the buttons that stop it and let it go on.

import { number, t } from "../strings.js";
import { el, fillWith } from "./elements.js";

/** How often whoever listens is told, at most. */
const SAY_MS = 4000;

/**
 * @param {{ stop: () => void, resume: () => void, again: () => void, explain: (error: any, origin?: string) => string }} hooks
 */
export function progress({ stop, resume, again, explain }) {
  const meter = el("progress", { max: "1", value: 0, label: "ask.progress" });
  const counts = el("p", { class: "progress-counts" });
  const pausing = el("p", { class: "small" });
  const trouble = el("div", { class: "alert", hidden: true });
  const spoken = el("p", { class: "visually-hidden", role: "status" });
  const stopping = el("button", { type: "button", class: "quiet", id: "ask-stop", t: "ask.stop", on: { click: stop } });
  const resuming = el("button", { type: "button", class: "button", id: "ask-resume", on: { click: resume } });
  const anew = el("button", { type: "button", class: "quiet", id: "ask-again", t: "ask.again", on: { click: again } });
  const element = el(
    "div",
    { class: "progress" },
    meter,
    counts,
    pausing,
    trouble,
    el("div", { class: "row" }, stopping, resuming, anew),
    spoken,
  );
  /** @type {import("./runner.js").Runner | undefined} */
  let runner;
  let origin = "";
  let said = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let later;

  function draw() {
    if (!runner) return;
    const [all, done, failed] = [runner.entries.length, runner.count("done"), runner.count("failed")];
    const running = runner.state === "running";
    const left = all - done - failed;
    meter.max = all;
    meter.value = done + failed;
    const words = [t("ask.progress.done", { n: done, all: number(all) })];
    if (failed) words.push(t("ask.progress.failed", { n: failed }));
    if (runner.state === "stopped") words.push(t("ask.progress.stopped"));
    if (runner.state === "done") words.push(t("ask.progress.all"));
    counts.textContent = words.join(" ");
    pausing.textContent = running && runner.pausedMs ? t("ask.progress.pausing", { n: Math.ceil(runner.pausedMs / 1000) }) : "";
    stopping.hidden = !running;
    resuming.hidden = running || left + failed === 0 || runner.state === "ready";
    resuming.textContent = failed && left === 0 ? t("ask.retry", { n: failed }) : t("ask.resume", { n: left + failed });
    anew.hidden = running;
    trouble.hidden = !runner.error;
    if (runner.error)
      fillWith(
        trouble,
        el("p", {}, el("strong", {}, t("ask.trouble"))),
        el("p", {}, explain(runner.error, origin)),
        runner.error.detail && el("p", { class: "detail" }, runner.error.detail),
      );
    say(
      running ? counts.textContent : [counts.textContent, runner.error ? explain(runner.error, origin) : ""].join(" "),
      !running,
    );
  }

  /** @param {string} words @param {boolean} now */
  function say(words, now) {
    clearTimeout(later);
    const wait = now ? 0 : Math.max(0, said + SAY_MS - Date.now());
    later = setTimeout(() => {
      said = Date.now();
      if (spoken.textContent !== words) spoken.textContent = words;
    }, wait);
  }

  return {
    element,
    /** @param {import("./runner.js").Runner} of @param {string} asked */
    show(of, asked) {
      runner = of;
      origin = asked;
      draw();
    },
    draw,
    languageChanged: draw,
    focus: () => (stopping.hidden ? (resuming.hidden ? anew : resuming) : stopping).focus(),
    end: () => clearTimeout(later),
  };
}
