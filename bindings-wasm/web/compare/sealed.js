// What was found through a sealed registry: matches and leads kept apart, and what the file says of itself.

import { h } from "../tree.js";
import { has, t } from "../strings.js";
import { excerpt } from "./excerpt.js";
import { sealedName, sealedWords } from "./words.js";

/** @typedef {import("../tree.js").Tree} Tree */

/** Works that are shown of each kind. */
export const MOST_WORKS = 40;

/** A work of which something was recognised. @param {any} found @param {string} text @param {string} id @param {boolean} lead */
export function sealedMatch(found, text, id, lead) {
  return h("article", { class: `match sealed${lead ? " lead-only" : ""}`, id, tabindex: -1, "aria-labelledby": `${id}-title` },
    h(lead ? "h4" : "h3", { id: `${id}-title` }, h("bdi", {}, sealedName(found)), " ",
      h("span", { class: `badge ${lead ? "lead" : "verbatim"}` }, t(lead ? "sealed.lead" : "sealed.match"))),
    h("p", { class: "facts" }, sealedWords(found).flatMap((sentence, i) => (i ? [" ", ...sentence] : sentence))),
    excerpt(text, found.passages));
}

/** What the sealed registry says of itself. @param {any} seal @returns {Tree} */
export function sealFacts(seal) {
  const rows = [
    ["seal.profile", has(`seal.profile.${seal.profile}`) ? t(`seal.profile.${seal.profile}`) : seal.profile],
    ["seal.recipient", seal.recipient],
    ["seal.release", seal.release],
    ["seal.signer", seal.signer ?? t("seal.nobody")],
    ["seal.signature", has(`seal.signature.${seal.signature}`) ? t(`seal.signature.${seal.signature}`) : seal.signature],
    seal.signer_key ? ["seal.key", seal.signer_key] : null,
  ];
  return h("dl", { class: "facts-list" }, rows.map((row) => row && h("div", {}, h("dt", {}, t(row[0])),
    h("dd", {}, row[0] === "seal.key" ? h("code", {}, row[1]) : h("bdi", {}, row[1])))));
}
