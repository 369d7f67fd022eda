// What went wrong, in plain words and with what to do next.

import { h, toElement } from "../tree.js";
import { has, t } from "../strings.js";

/**
 * @param {any} error
 * @param {string} name of what was to be opened
 * @param {{dismiss: () => void, anyway: () => void}} then
 */
export function errorBox(error, name, then) {
  const kind = has(`error.${error.kind}`) ? error.kind : "other";
  const untrusted = kind === "untrusted";
  const box = toElement(h("div", { class: "alert", role: "alert", tabindex: -1 },
    h("p", {}, h("strong", {}, t("error.title")), " ", t(`error.${kind}`, { name })),
    untrusted ? h("p", {}, t("error.untrusted_advice")) : null,
    h("details", {}, h("summary", { class: "small" }, t("error.detail")), h("p", { class: "detail", lang: "en" }, String(error.message ?? error).slice(0, 600))),
    h("p", { class: "row" }, untrusted ? h("button", { type: "button", class: "quiet", "data-do": "anyway" }, t("error.untrusted_open")) : null,
      h("button", { type: "button", class: "quiet", "data-do": "dismiss" }, t("error.dismiss")))));
  box.querySelector("[data-do=anyway]")?.addEventListener("click", then.anyway);
  box.querySelector("[data-do=dismiss]")?.addEventListener("click", then.dismiss);
  return box;
}
