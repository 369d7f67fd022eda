// The numbers of a match in plain words, as core/cli/src/output/plain.rs says them.

import { h } from "../tree.js";
import { has, list, number, parts, percent, t } from "../strings.js";

/** @typedef {import("../tree.js").Child} Child */

/** `title (work_id)`, or the identifier alone. @param {string | undefined} title @param {string} work_id */
export const workName = (title, work_id) => (title?.trim() ? `${title.trim()} (${work_id})` : work_id);

/** The same of a work in a sealed registry, which may say no more than its number. @param {any} found */
export const sealedName = (found) =>
  found.work_id === undefined ? t("sealed.number", { number: number(found.work) }) : workName(found.title, found.work_id);

/** How many words are the same. @param {any} found */
export function words({ kind, words }) {
  const { matched, output, source } = words;
  if (kind === "verbatim" && matched === output && matched === source) return t("words.all", { n: matched });
  // Hyphens, spaced letters and the like: other words to a counter, the same to a reader.
  if (kind === "verbatim" && matched === source) return t("words.all_of_work", { n: matched });
  return t("words.some", { n: output, matched });
}

/** What more there is to say of the words: whole sentences. @param {any} found */
export function moreOnWords({ kind, words, longest_run_words }) {
  const sentences = [];
  if (words.source !== words.output) {
    sentences.push(kind === "verbatim" ? t("words.split") : t("words.in_work", { n: words.source }));
  }
  if (longest_run_words > 1 && longest_run_words < words.matched) sentences.push(t("words.run", { n: longest_run_words }));
  return sentences;
}

/**
 * How often chance would give a match this good. Figures are rounded towards the more careful side.
 * @param {number} evalue
 * @returns {{power: number} | {scans: number} | {common: number}}
 */
export function chance(evalue) {
  // An E-value below what a double holds comes as 0.
  const scans = Number.isNaN(evalue) ? 0 : 1 / Math.max(evalue, 1e-300);
  if (scans < 10) return { common: evalue };
  // 1 / 1e-300 and its like are a hair too small or too large.
  const power = Math.floor(Math.log10(scans) + 1e-12);
  return power > 6 ? { power } : { scans: Math.floor(scans / 10 ** power + 1e-9) * 10 ** power };
}

/** {@link chance} as a sentence. @param {number} evalue @returns {Child[]} */
export function chanceSentence(evalue) {
  const often = chance(evalue);
  if ("power" in often) return parts("chance.power", { power: h("sup", {}, number(often.power)) });
  if ("scans" in often) return parts("chance.scans", { scans: often.scans });
  const times = Number.isNaN(often.common) ? "?" : number(often.common, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return parts("chance.common", { times });
}

/** How much of the work stands in the output, where the report says. @param {any} report @param {string} work_id */
export function share(report, work_id) {
  const work = report.works?.find((/** @type {any} */ work) => work.work_id === work_id);
  return work ? t("share.work", { percent: percent(work.share_of_work) }) : undefined;
}

/** How the output's passage is written, where it is not as texts mostly are. @param {string[] | undefined} tricks */
export function tricks(tricks) {
  if (!tricks?.length) return undefined;
  const named = tricks.map((trick) => (has(`trick.${trick}`) ? t(`trick.${trick}`) : t("trick.other")));
  return t("tricks", { tricks: list(named) });
}

/** What a sealed registry tells of a work: whole sentences. @param {any} found @returns {Child[][]} */
export function sealedWords(found) {
  const power = -Math.ceil(Math.log10(Math.max(found.by_chance, 1e-300)));
  return [
    [t("sealed.grams", { n: found.grams }), " ", t("sealed.words", { n: found.words })],
    power > 0 ? parts("sealed.chance", { power: h("sup", {}, number(power)) }) : parts("sealed.chance_high"),
  ];
}
