// The form for a text of the user's own.

import { h, toElement } from "../tree.js";
import { t } from "../strings.js";

/**
 * @param {{name: string, text: string}[]} texts those that are there already; the new one is added
 * @param {{use: () => void, cancel: () => void}} then
 */
export function ownForm(texts, then) {
  const root = toElement(h("div", { class: "own panel" },
    texts.length ? h("ul", {}, texts.map(({ name }) => h("li", {}, h("bdi", {}, name)))) : null,
    h("form", {},
      h("label", { class: "field" }, h("span", {}, t("own.title")), h("input", { type: "text", id: "own-title" })),
      h("label", { class: "field" }, h("span", {}, t("own.text")), h("textarea", { id: "own-text", "aria-describedby": "own-error" })),
      h("p", { class: "small", id: "own-error", role: "alert" }),
      h("p", { class: "row" }, h("button", { type: "submit", class: "button" }, t("own.add")),
        h("button", { type: "button", class: "quiet" }, t("own.cancel"))))));
  const form = /** @type {HTMLFormElement} */ (root.querySelector("form"));
  const title = /** @type {HTMLInputElement} */ (form.querySelector("input"));
  const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
  title.maxLength = 300;
  title.autocomplete = "off";
  text.rows = 8;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!text.value.trim()) {
      /** @type {HTMLElement} */ (form.querySelector("#own-error")).textContent = t("own.empty");
      text.setAttribute("aria-invalid", "true");
      text.focus();
      return;
    }
    texts.push({ name: title.value.trim() || t("own.untitled", { number: texts.length + 1 }), text: text.value });
    then.use();
  });
  form.querySelector(".quiet")?.addEventListener("click", then.cancel);
  return root;
}
