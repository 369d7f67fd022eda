// Faults in plain words: what happened, and what to do about it.

import { has, t } from "../strings.js";

/**
 * @param {any} error
 * @param {string} [origin] the address that was asked
 * @returns {string}
 */
export function explain(error, origin = "") {
  const kind = error?.kind;
  const key = `ask.fault.${kind}`;
  const values = {
    origin,
    page: globalThis.location?.origin ?? "",
    status: String(error?.status ?? ""),
    detail: error?.detail ?? "",
  };
  if (!has(key)) return t("ask.fault.other", { detail: error?.message ?? String(error) });
  const said = kind === "request" || kind === "server" || kind === "answer" || kind === "model" ? error.detail : undefined;
  return said ? `${t(key, values)} ${t("ask.fault.says", { detail: said })}` : t(key, values);
}
