// What will be sent, before it is: to whom, how many requests, every question, the first request to the letter. Only the button
// here sends anything.

import { t } from "../strings.js";
import { el, fillWith } from "./elements.js";
import { bodyOf, MOST_REQUESTS, tokensOf } from "./plan.js";

/** Questions that are drawn at once. */
const SHOWN = 150;

/**
 * @param {{ send: (plan: import("./plan.js").Plan) => void, lack: (lack: import("./plan.js").Lack) => void,
 *   edited: (id: string, text: string | undefined) => void }} hooks `edited`: a question was written anew, or put back
 */
export function preview({ send, lack, edited }) {
  /** @type {ReturnType<typeof import("./plan.js").planOf>} */
  let current = { lacks: "model" };
  let locked = false;
  /** Whether another run would take the place of answers that are there. */
  let replaces = false;
  const says = el("div", { class: "preview-says" });
  const questions = el("details", { class: "preview-part", on: { toggle: () => questions.open && drawQuestions() } });
  const questionsTitle = el("summary");
  const list = el("ol", { class: "questions-list" });
  questions.append(questionsTitle, el("p", { class: "small", t: "ask.preview.edit" }), list);
  const exact = el("details", { class: "preview-part", on: { toggle: () => exact.open && drawExact() } });
  const exactBody = el("pre", { tabindex: "0", label: "ask.preview.exact" });
  exact.append(el("summary", { t: "ask.preview.exact" }), exactBody);
  const lacking = el("p", { class: "lacking", id: "ask-lacking", role: "status" });
  const button = el("button", { type: "button", class: "button", id: "ask-send", "aria-describedby": "ask-lacking" });
  button.addEventListener("click", () => {
    if (locked) return;
    if (current.plan && current.plan.jobs.length <= MOST_REQUESTS) send(current.plan);
    else if (current.lacks) lack(current.lacks);
  });
  const element = el(
    "section",
    { class: "ask-part preview", "aria-labelledby": "ask-preview-title" },
    el("h3", { id: "ask-preview-title", t: "ask.preview.title" }),
    says,
    questions,
    exact,
    el("div", { class: "send" }, button, lacking),
  );

  function draw() {
    const { plan, lacks } = current;
    const tooMany = plan && plan.jobs.length > MOST_REQUESTS;
    questions.hidden = exact.hidden = !plan;
    if (!plan) {
      fillWith(says, el("p", {}, t("ask.preview.nothing")));
      button.textContent = t("ask.send.nothing");
      lacking.textContent = t(`ask.lacks.${lacks}`);
    } else {
      const tokens = tokensOf(plan);
      const kinds = ["asks", "invented", "swapped"]
        .map((kind) => [kind, plan.prompts.filter((prompt) => prompt.kind === kind).length])
        .filter(([, n]) => n);
      fillWith(
        says,
        el(
          "dl",
          { class: "facts-list" },
          row("ask.preview.to", el("code", {}, `${plan.base}/chat/completions`)),
          row("ask.preview.model", el("bdi", {}, plan.model)),
          row(
            "ask.preview.requests",
            t("ask.preview.product", { n: plan.jobs.length, questions: plan.prompts.length, answers: plan.answers }),
            el(
              "span",
              { class: "small" },
              ` ${kinds.map(([kind, n]) => t(`ask.preview.kind.${kind}`, { n: Number(n) })).join(" · ")}`,
            ),
          ),
          row(
            "ask.preview.tokens",
            t("ask.preview.tokens.questions", { n: tokens.questions }),
            " ",
            tokens.answers ? t("ask.preview.tokens.answers", { n: tokens.answers }) : t("ask.preview.tokens.open"),
          ),
          row("ask.preview.what", t(plan.key ? "ask.preview.what.key" : "ask.preview.what.no_key")),
        ),
      );
      questionsTitle.textContent = t("ask.preview.questions", { n: plan.prompts.length });
      button.textContent = t("ask.send", { n: plan.jobs.length, origin: plan.origin });
      const consent = replaces ? `${t("ask.preview.consent")} ${t("ask.preview.replaces")}` : t("ask.preview.consent");
      lacking.textContent = tooMany ? t("ask.lacks.too_many", { n: MOST_REQUESTS }) : consent;
      if (questions.open && !list.contains(document.activeElement)) drawQuestions();
      if (exact.open) drawExact();
    }
    button.disabled = locked || Boolean(tooMany);
  }

  function drawQuestions() {
    const { plan } = current;
    if (!plan) return;
    fillWith(
      list,
      plan.prompts.slice(0, SHOWN).map((prompt, at) => {
        const id = `ask-question-${at}`;
        const text = el("textarea", { id, rows: 1, maxlength: 4000, value: prompt.text, disabled: locked });
        text.setAttribute("aria-label", t("ask.preview.question", { n: at + 1 }));
        text.addEventListener("change", () => edited(prompt.id, text.value.trim() || undefined));
        return el(
          "li",
          {},
          text,
          prompt.kind !== "asks" && el("span", { class: `chip ${prompt.kind}` }, t(`ask.kind.${prompt.kind}`)),
        );
      }),
      plan.prompts.length > SHOWN && el("li", { class: "small" }, t("ask.preview.more", { n: plan.prompts.length - SHOWN })),
    );
  }

  function drawExact() {
    const { plan } = current;
    if (!plan) return;
    const lines = [`POST ${plan.base}/chat/completions`, "Content-Type: application/json"];
    if (plan.key) lines.push(`Authorization: Bearer ${"•".repeat(8)}`);
    exactBody.textContent = `${lines.join("\n")}\n\n${JSON.stringify(bodyOf(plan, plan.prompts[0].text), null, 2)}`;
  }

  /** @param {string} key @param {...(string | Node)} what */
  function row(key, ...what) {
    return el("div", {}, el("dt", {}, t(key)), el("dd", {}, what));
  }

  return {
    element,
    /** @param {ReturnType<typeof import("./plan.js").planOf>} planned @param {boolean} answersAreThere */
    show(planned, answersAreThere) {
      [current, replaces] = [planned, answersAreThere];
      draw();
    },
    languageChanged: draw,
    /** @param {boolean} now */
    lock(now) {
      locked = now;
      for (const text of list.querySelectorAll("textarea")) text.disabled = now;
      draw();
    },
    focus: () => button.focus(),
  };
}
