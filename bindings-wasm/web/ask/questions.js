// How the questions are put: patterns that the user may change, and the controls.

import { language, t } from "../strings.js";
import { el, tick } from "./elements.js";
import { FORMS, TEMPLATES } from "./prompts.js";

const OWN = "own";
/** What patterns hold, told as it is. */
const PLACES = { title: "{title}", author: "{author}" };

/** @param {() => void} changed */
export function questionsForm(changed) {
  const patterns = [...FORMS, OWN].map((id, at) => {
    const box = el("input", {
      type: "checkbox",
      id: `ask-pattern-${id}`,
      checked: at === 0,
      on: { change: () => (say(), changed()) },
    });
    const text = el("textarea", {
      id: `ask-pattern-${id}-text`,
      rows: 1,
      maxlength: 4000,
      spellcheck: "true",
      on: { input: changed },
    });
    text.setAttribute("aria-labelledby", `ask-pattern-${id}-label`);
    /** What the pattern was when nobody had changed it. */
    const pattern = { id, box, text, was: "" };
    return pattern;
  });
  const invented = el("input", { type: "checkbox", id: "ask-invented", checked: true, on: { change: changed } });
  const swapped = el("input", { type: "checkbox", id: "ask-swapped", checked: true, on: { change: changed } });

  const hint = el("p", { class: "small" });
  const element = el(
    "fieldset",
    { class: "ask-part" },
    el("legend", { t: "ask.questions.legend" }),
    hint,
    el(
      "div",
      { class: "patterns" },
      patterns.map(({ id, box, text }) =>
        el(
          "div",
          { class: "pattern" },
          el("div", { class: "tick" }, box, el("label", { for: box.id, id: `ask-pattern-${id}-label`, t: `ask.pattern.${id}` })),
          text,
        ),
      ),
    ),
    el(
      "fieldset",
      { class: "controls" },
      el("legend", { t: "ask.controls.legend" }),
      el("p", { class: "small", t: "ask.controls.hint" }),
      tick("ask.controls.invented", invented, "ask.controls.invented.hint"),
      tick("ask.controls.swapped", swapped, "ask.controls.swapped.hint"),
    ),
  );

  function say() {
    hint.textContent = t("ask.questions.hint", PLACES);
    const spoken = TEMPLATES[/** @type {keyof typeof TEMPLATES} */ (language())] ?? TEMPLATES.en;
    for (const pattern of patterns) {
      // What the user wrote stays as it is in every language.
      if (pattern.text.value === pattern.was) {
        pattern.was = pattern.id === OWN ? "" : spoken[/** @type {keyof typeof spoken} */ (pattern.id)];
        pattern.text.value = pattern.was;
      }
      if (pattern.id === OWN) pattern.text.placeholder = t("ask.pattern.own.placeholder", PLACES);
      pattern.text.disabled = !pattern.box.checked;
    }
  }

  say();
  return {
    element,
    values: () => ({
      templates: patterns
        .filter(({ box, text }) => box.checked && text.value.trim())
        .map(({ id, text }) => ({ id, text: text.value.trim() })),
      controls: { invented: invented.checked, swapped: swapped.checked },
      language: language(),
    }),
    languageChanged: say,
    focus: () => patterns[0].box.focus(),
    /** @param {boolean} locked */
    lock: (locked) => (element.disabled = locked),
  };
}
