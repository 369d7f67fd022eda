// The result: a summary, moves from passage to passage, the comparison, and what ties it to text and registry.

import { append, h } from "../tree.js";
import { list, percent, t } from "../strings.js";
import { compare, summary, workNames } from "../compare.js";
import { Moves } from "./moves.js";

/** Works that are named aloud. */
const MOST_SAID = 5;

/**
 * Draws the result anew and gives what is to be said of it.
 * @param {HTMLElement} section
 * @param {{shown: any, error: any, signal: AbortSignal, waiting: boolean}} state
 * @returns {string | undefined}
 */
export function drawResult(section, { shown, error, signal, waiting }) {
  section.replaceChildren();
  section.hidden = !shown && !error && !waiting;
  if (section.hidden) return undefined;
  const title = (/** @type {string} */ text) => h("h2", { id: "result-title" }, text);
  if (error) {
    append(section, [title(t("error.title")), h("p", { class: "alert" }, t("error.scan", { message: error.message }))]);
    return t("error.title");
  }
  if (!shown) {
    append(section, [title(t("check.result")), h("p", { class: "lead" }, t("check.no_registry"))]);
    return undefined;
  }
  const { report, text } = shown;
  const works = new Map(shown.works.map((/** @type {any} */ work) => [work.work_id, work]));
  append(section, [title(summary(report)), h("p", { class: "lead" }, lead(report, text))]);
  const total = report.matches.length + (report.sealed?.matches.length ?? 0) + (report.sealed?.leads.length ?? 0);
  const comparison = compare(report, text, { works, signal, prefix: "passage" });
  if (total > 1) section.append(new Moves(section, comparison, total).element);
  section.append(comparison);
  append(section, h("dl", { class: "fingerprints" },
    [["text", report.text_sha256], ["registry", report.registry], ["version", `nagalm ${report.version}`]].map(([name, value]) =>
      value && h("div", {}, h("dt", {}, t(`check.fingerprint_${name}`)), h("dd", {}, h("code", {}, value))))));
  const names = workNames(report);
  const incomplete = report.complete ? "" : ` ${t("incomplete")}`;
  return (names.length ? t("summary.said", { summary: summary(report), works: list(names.slice(0, MOST_SAID)) }) : summary(report)) + incomplete;
}

/** @param {any} report @param {string} text */
function lead(report, text) {
  const { sealed } = report;
  if (sealed?.matches.length) return t("check.sealed_lead");
  if (sealed?.leads.length) return t("check.leads_lead");
  if (!report.matches.length) return `${text.trim().split(/\s+/, 9).length < 8 ? `${t("check.short")} ` : ""}${t("check.nothing_lead")}`;
  return `${t("check.found_lead")} ${t("check.coverage", { percent: percent(report.coverage.matched / Math.max(report.coverage.total, 1)) })}`;
}
