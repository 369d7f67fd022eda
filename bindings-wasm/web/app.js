// The page: the works that are compared with, what can be done with them, and the language and theme that it is read in.

import { CheckView } from "./check/view.js";
import { comparisonMarkup, compare } from "./compare.js";
import { drawCaveats } from "./caveats.js";
import { Engine } from "./engine.js";
import { RegistryView } from "./registry/view.js";
import { Sections } from "./sections.js";
import * as strings from "./strings.js";
import { keepOffline } from "./offline.js";
import { Tabs } from "./tabs.js";
import { chooseLanguage, chooseTheme } from "./settings.js";

const { t } = strings;
const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Tells people who cannot see what has changed. @param {string} text */
const say = (text) => { byId("status").textContent = text; };

const starting = Engine.start();
chooseTheme(/** @type {HTMLSelectElement} */ (byId("theme")));
await chooseLanguage(/** @type {HTMLSelectElement} */ (byId("language"))).catch((error) => {
  document.documentElement.classList.add("ready"); // the page as it came, rather than none
  throw error;
});

const tabs = new Tabs(byId("work"));
const check = new CheckView(byId("panel-check"), { starting, say });
const sections = new Sections({
  ask: byId("panel-ask"), export: byId("panel-export"), tabs,
  shared: { t, strings, compare, comparisonMarkup, checked: () => check.checked() },
});
const registry = new RegistryView(byId("registry-body"), {
  starting, say,
  opening: (source) => check.expect("sample" in source),
  opened: async (info) => {
    check.use(info);
    await sections.use(info, await starting);
  },
  closed: () => {
    check.use(undefined);
    sections.close();
  },
});

function draw() {
  strings.translate(document);
  document.title = t("page.title");
  drawCaveats(byId("caveats"));
  registry.draw();
  check.draw();
  sections.languageChanged();
}
strings.onLanguage(draw);
draw();
document.documentElement.classList.add("ready");

starting.then(
  (engine) => {
    byId("version").textContent = `nagalm ${engine.version}`;
    document.documentElement.dataset.engine = engine.simd ? "simd" : "scalar";
    return keepOffline(engine, byId("offline"));
  },
  () => registry.failed(),
);
