// The output with the passages that a sealed registry recognised: these and what stands around them, the rest left out.

import { h } from "../tree.js";
import { t } from "../strings.js";

/** Characters shown around a passage. */
const AROUND = 160;
/** Passages shown of one work. */
const MOST_PASSAGES = 60;
/** Characters shown of one passage. */
const LONGEST_PASSAGE = 4000;

/**
 * @param {string} text
 * @param {{start: number, end: number}[]} passages
 * @returns {import("../tree.js").Tree}
 */
export function excerpt(text, passages) {
  const spans = passages.filter(({ start, end }) => start < end && end <= text.length).sort((a, b) => a.start - b.start);
  const children = [];
  let at = 0;
  for (const { start, end } of spans.slice(0, MOST_PASSAGES)) {
    if (start < at) continue;
    children.push(...gap(text, at, start));
    const passage = text.slice(start, end);
    children.push(h("span", { class: "e" }, passage.length > LONGEST_PASSAGE
      ? `${passage.slice(0, LONGEST_PASSAGE)} ${t("elided", { n: passage.length - LONGEST_PASSAGE })}` : passage));
    at = end;
  }
  const rest = text.slice(at, at + AROUND);
  children.push(at + AROUND < text.length ? `${rest.replace(/\s\S*$/, "")} …` : rest);
  const left = spans.length - MOST_PASSAGES;
  return h("div", { class: "excerpt" },
    h("p", { class: "head" }, t("texts.output")),
    h("p", { class: "body", dir: "auto" }, children),
    left > 0 ? h("p", { class: "small" }, t("excerpt.more", { n: left })) : null);
}

/** What lies between two passages. @param {string} text @param {number} from @param {number} to */
function gap(text, from, to) {
  if (to - from <= 3 * AROUND) {
    const first = from === 0 && to > AROUND;
    return [first ? `… ${text.slice(to - AROUND, to).replace(/^\S*\s/, "")}` : text.slice(from, to)];
  }
  const before = text.slice(to - AROUND, to).replace(/^\S*\s/, "");
  if (from === 0) return [`… ${before}`];
  return [`${text.slice(from, from + AROUND).replace(/\s\S*$/, "")} `, h("span", { class: "elided" }, t("elided", { n: to - from - 2 * AROUND })), ` ${before}`];
}
