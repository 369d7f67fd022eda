// The fields that say whom to ask, and how.

import { t } from "../strings.js";
import { addressOf } from "./address.js";
import { el, field } from "./elements.js";

/** What people run on their own machines, by default. */
const SUGGESTED = [
  ["http://localhost:11434/v1", "Ollama"],
  ["http://localhost:8080/v1", "llama.cpp"],
  ["http://localhost:1234/v1", "LM Studio"],
];

/**
 * @param {{ changed: () => void, listModels: (base: string, origin: string, key: string) => Promise<string[]>, explain: (error: any) => string }} hooks
 */
export function modelForm({ changed, listModels, explain }) {
  const text = { autocomplete: "off", spellcheck: "false", autocapitalize: "off" };
  const on = { input: changed };
  const address = el("input", {
    id: "ask-address",
    type: "text",
    inputmode: "url",
    list: "ask-addresses",
    ...text,
    value: SUGGESTED[0][0],
    on,
  });
  const key = el("input", { id: "ask-key", type: "password", ...text, autocomplete: "new-password", on });
  const model = el("input", { id: "ask-model", type: "text", list: "ask-models", ...text, on });
  const models = el("datalist", { id: "ask-models" });
  /** @param {string} id @param {Record<string, any>} more */
  const numeric = (id, more) => el("input", { id, type: "number", inputmode: "decimal", autocomplete: "off", ...more, on });
  const answers = numeric("ask-answers", { min: 1, max: 100, step: 1, value: "3" });
  const concurrency = numeric("ask-concurrency", { min: 1, max: 4, step: 1, value: "1" });
  const temperature = numeric("ask-temperature", { min: 0, max: 2, step: 0.1, value: "" });
  const longest = numeric("ask-longest", { min: 1, max: 100000, step: 1, value: "1024" });
  const seed = el("input", { id: "ask-seed", type: "text", maxlength: 40, ...text, value: "1", on });

  const listed = el("p", { class: "small", role: "status" });
  const list = el("button", { type: "button", class: "quiet", t: "ask.models.list" });
  list.addEventListener("click", async () => {
    const { address: where } = addressOf(address.value);
    if (!where) return address.focus();
    list.disabled = true;
    listed.textContent = t("ask.models.asking", { origin: where.origin });
    try {
      const names = await listModels(where.base, where.origin, key.value.trim());
      models.replaceChildren(...names.map((name) => el("option", { value: name })));
      listed.textContent = t("ask.models.found", { n: names.length });
      if (!model.value && names.length) model.value = names[0];
      changed();
      if (names.length) model.focus();
    } catch (error) {
      listed.textContent = explain(error);
    } finally {
      list.disabled = false;
    }
  });

  const element = el(
    "fieldset",
    { class: "ask-part" },
    el("legend", { t: "ask.model.legend" }),
    el(
      "div",
      { class: "ask-grid" },
      field("ask.address", address, { hint: "ask.address.hint", class: "wide-field" }),
      el(
        "datalist",
        { id: "ask-addresses" },
        SUGGESTED.map(([value, name]) => el("option", { value }, name)),
      ),
      field("ask.key", key, { hint: "ask.key.hint", class: "wide-field" }),
      el("div", { class: "wide-field with-button" }, field("ask.model", model, { hint: "ask.model.hint" }), list, listed, models),
    ),
    el(
      "div",
      { class: "ask-numbers" },
      field("ask.answers", answers, { hint: "ask.answers.hint" }),
      field("ask.longest", longest, { hint: "ask.longest.hint" }),
      field("ask.temperature", temperature, { hint: "ask.temperature.hint" }),
      field("ask.concurrency", concurrency, { hint: "ask.concurrency.hint" }),
      field("ask.seed", seed, { hint: "ask.seed.hint" }),
    ),
  );

  return {
    element,
    /** @returns {Omit<import("./plan.js").Wanted, "prompts">} */
    values() {
      /** @type {import("./plan.js").Parameters} */
      const parameters = {};
      const warmth = within(temperature, 0, 2, undefined);
      const tokens = within(longest, 1, 100000, undefined);
      if (warmth !== undefined) parameters.temperature = warmth;
      if (tokens !== undefined) parameters.max_tokens = Math.floor(tokens);
      return {
        address: address.value,
        key: key.value.trim(),
        model: model.value.trim(),
        parameters,
        answers: Math.floor(within(answers, 1, 100, 1) ?? 1),
        concurrency: Math.floor(within(concurrency, 1, 4, 1) ?? 1),
        seed: seed.value.trim() || "1",
      };
    },
    /** Forgets the key: it must not outlive what it was entered for. */
    forget: () => (key.value = ""),
    /** The control that something is lacking in. @param {import("./plan.js").Lack} lack */
    control: (lack) => (lack.startsWith("address") ? address : lack === "key" ? key : lack === "model" ? model : undefined),
    /** @param {boolean} locked */
    lock: (locked) => (element.disabled = locked),
  };
}

/** @param {HTMLInputElement} input @param {number} low @param {number} high @param {number | undefined} otherwise */
function within(input, low, high, otherwise) {
  const value = input.value.trim() === "" ? NaN : Number(input.value.replace(",", "."));
  return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}
