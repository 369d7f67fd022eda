// What findings show and what they do not, as core/cli/src/output/html/caveats.rs says it.

import { append, h } from "./tree.js";
import { t } from "./strings.js";

const CAVEATS = ["evidence", "copied", "chance", "common", "altered", "missed", "prompts", "verify"];

/** The list, for this page and for reports that are taken away. */
export const caveats = () =>
  h("ul", {}, CAVEATS.map((name) => h("li", {}, h("strong", {}, t(`caveat.${name}`)), " ", t(`caveat.${name}_text`))));

/** @param {HTMLElement} section */
export function drawCaveats(section) {
  section.replaceChildren();
  append(section, [h("h2", { id: "caveats-title" }, t("caveats")), caveats()]);
}
