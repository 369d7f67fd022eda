// What the reader chose, kept from visit to visit: language and theme, and nothing else.

import { language, languages, pickLanguage, setLanguage } from "./strings.js";

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(`nagalm.${name}`) ?? "";
  } catch {
    return ""; // storage is forbidden
  }
}

/** @param {string} name @param {string} value */
function keep(name, value) {
  try {
    if (value) localStorage.setItem(`nagalm.${name}`, value);
    else localStorage.removeItem(`nagalm.${name}`);
  } catch { /* then only for this visit */ }
}

/** @param {HTMLSelectElement} select */
export async function chooseLanguage(select) {
  for (const { code, name } of languages) {
    const option = new Option(name, code);
    option.lang = code;
    select.add(option);
  }
  await setLanguage(kept("language") || pickLanguage(navigator.languages));
  select.value = language();
  select.addEventListener("change", () => {
    keep("language", select.value);
    void setLanguage(select.value);
  });
}

/** @param {HTMLSelectElement} select */
export function chooseTheme(select) {
  select.value = kept("theme");
  const apply = () => {
    if (select.value) document.documentElement.dataset.theme = select.value;
    else delete document.documentElement.dataset.theme;
  };
  select.addEventListener("change", () => {
    keep("theme", select.value);
    apply();
  });
  apply();
}
