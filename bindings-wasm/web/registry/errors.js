// What went wrong, in plain words and with what to do next.

import { h, toElement } from "../tree.js";
import { has, t } from "../strings.js";

/**
 * Says it in a dialogue, which moves nothing on the page.
 * @param {any} error
 * @param {string} name of what was to be opened
 * @param {{closed: () => void, anyway: () => void}} then
 */
export function showError(error, name, then) {
  const kind = has(`error.${error.kind}`) ? error.kind : "other";
  const untrusted = kind === "untrusted";
  const dialog = /** @type {HTMLDialogElement} */ (toElement(h("dialog", { class: "trouble", "aria-labelledby": "trouble-title", "aria-describedby": "trouble-text" },
    h("h2", { id: "trouble-title" }, t("error.title")),
    h("p", { id: "trouble-text" }, t(`error.${kind}`, { name })),
    untrusted ? h("p", {}, t("error.untrusted_advice")) : null,
    h("details", {}, h("summary", {}, t("error.detail")), h("p", { class: "detail", lang: "en" }, String(error.message ?? error).slice(0, 600))),
    h("p", { class: "row" }, h("button", { type: "button", class: "button", "data-do": "dismiss" }, t("error.dismiss")),
      untrusted ? h("button", { type: "button", class: "quiet", "data-do": "anyway" }, t("error.untrusted_open")) : null))));
  let after = then.closed;
  dialog.querySelector("[data-do=anyway]")?.addEventListener("click", () => { after = then.anyway; dialog.close(); });
  dialog.querySelector("[data-do=dismiss]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    after();
  });
  document.body.append(dialog);
  dialog.showModal();
}
