// "Take it away": what was checked or asked, as a page, as JSON lines, as a table. Files are made here and go nowhere but to the
// reader's disk.

import { onLanguage, t } from "../strings.js";
import { el, fillWith } from "../ask/elements.js";
import { bundleOfCheck, bundleOfRun, fileName } from "./bundle.js";
import { csv } from "./csv.js";
import { htmlReport, reportStyle } from "./html.js";
import { jsonLines } from "./jsonl.js";

/** @typedef {import("./bundle.js").Bundle} Bundle */

/** @type {{ id: string, extension: string, type: string, make: (bundle: Bundle) => string | Promise<string> }[]} */
const FORMS = [
  {
    id: "html",
    extension: "html",
    type: "text/html;charset=utf-8",
    make: async (bundle) => htmlReport(bundle, await reportStyle()),
  },
  { id: "jsonl", extension: "jsonl", type: "application/x-ndjson;charset=utf-8", make: jsonLines },
  { id: "csv", extension: "csv", type: "text/csv;charset=utf-8", make: csv },
];
/** How long a file's address stays good: browsers read it a moment after the click. */
const KEEP_MS = 60_000;

/**
 * @param {HTMLElement} section
 * @param {{ engine: any, registryInfo: any, ask?: { results: () => any }, checked?: () => any }} page
 */
export function mountExport(section, { engine, registryInfo, ask, checked }) {
  /** @type {"ask" | "check"} */
  let chosen = "ask";
  let busy = false;
  section.classList.add("export");
  const status = el("p", { class: "small", role: "status" });
  const body = el("div");
  fillWith(section, body, status);
  const off = onLanguage(draw);
  // The page tells nobody when a tab is turned to; what there is to take away may have changed since.
  const shown = new MutationObserver(() => section.hidden || draw());
  shown.observe(section, { attributes: true, attributeFilter: ["hidden"] });

  function sources() {
    const run = ask?.results();
    const text = checked?.();
    return { ask: run, check: text?.text && text.report ? text : undefined };
  }

  function draw() {
    const there = sources();
    status.textContent = "";
    if (!there.ask && !there.check) return fillWith(body, el("p", {}, t("export.nothing")));
    if (!there[chosen]) chosen = there.ask ? "ask" : "check";
    const both = there.ask && there.check;
    fillWith(
      body,
      el("p", { class: "export-intro" }, t("export.intro")),
      both &&
        el(
          "fieldset",
          { class: "export-what" },
          el("legend", {}, t("export.what")),
          ["ask", "check"].map((kind) => choice(/** @type {"ask" | "check"} */ (kind))),
        ),
      el("p", { class: "export-holds" }, holds(there)),
      el(
        "ul",
        { class: "export-forms" },
        FORMS.map((form) =>
          el(
            "li",
            {},
            el("h3", {}, t(`export.form.${form.id}`)),
            el("p", { class: "small", id: `export-${form.id}-about` }, t(`export.form.${form.id}.about`)),
            el(
              "button",
              {
                type: "button",
                class: form.id === "html" ? "button" : "quiet",
                id: `export-${form.id}`,
                "aria-describedby": `export-${form.id}-about`,
                on: { click: () => save(form) },
              },
              t(`export.form.${form.id}.save`),
            ),
          ),
        ),
      ),
      el("p", { class: "small" }, t("export.holds_all")),
    );
  }

  /** @param {"ask" | "check"} kind */
  function choice(kind) {
    const radio = el("input", {
      type: "radio",
      name: "export-what",
      id: `export-what-${kind}`,
      value: kind,
      checked: chosen === kind,
    });
    radio.addEventListener("change", () => {
      chosen = kind;
      draw();
      /** @type {HTMLElement | null} */ (section.querySelector(`#export-what-${kind}`))?.focus();
    });
    return el("div", { class: "tick" }, radio, el("label", { for: radio.id }, t(`export.what.${kind}`)));
  }

  /** @param {{ ask?: any, check?: any }} there */
  function holds(there) {
    if (chosen === "check") return t("export.holds.check");
    const { answers, planned, model } = there.ask;
    return t("export.holds.ask", { n: answers.length, planned, model });
  }

  /** @param {typeof FORMS[number]} form */
  async function save(form) {
    const source = sources()[chosen];
    if (!source || busy) return;
    busy = true;
    status.textContent = t("export.making");
    try {
      const bundle = await (chosen === "ask"
        ? bundleOfRun(source, { engine, registryInfo })
        : bundleOfCheck(source, { engine, registryInfo }));
      const name = fileName(bundle, form.extension);
      download(name, new Blob([await form.make(bundle)], { type: form.type }));
      status.textContent = t("export.saved", { name });
    } catch (error) {
      status.textContent = t("export.failed_to_make", { detail: error instanceof Error ? error.message : String(error) });
    } finally {
      busy = false;
    }
  }

  draw();
  return {
    languageChanged: () => {},
    destroy() {
      off();
      shown.disconnect();
      section.classList.remove("export");
      section.replaceChildren();
    },
  };
}

/** @param {string} name @param {Blob} blob */
function download(name, blob) {
  const href = URL.createObjectURL(blob);
  const link = el("a", { href, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), KEEP_MS);
}
