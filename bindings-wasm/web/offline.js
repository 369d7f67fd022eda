// After the first visit the page is there without a network: the service worker keeps its files, never a registry.

import { language, onLanguage, t } from "./strings.js";

/** @param {import("./engine.js").Engine} _engine that has started: the page's own files come first @param {HTMLElement} note */
export async function keepOffline(_engine, note) {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(new URL("./sw.js", import.meta.url), { type: "classic", updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage({ keep: `strings/${language()}.json` });
  } catch (error) {
    console.warn(error); // no service workers here (a private window, plain http): the page works all the same
    return;
  }
  const say = () => { note.textContent = t("foot.offline"); };
  say();
  onLanguage(say);
}
