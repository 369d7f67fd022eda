// What a user enters for a model's address, made into one that can be asked, or told why it cannot.

/** @typedef {{ base: string, origin: string }} Address `base`: what `/chat/completions` is added to */
/** @typedef {"missing" | "invalid" | "insecure" | "extras"} AddressFault */

/** Names under which a browser lets a secure page ask without encryption, and which the frame's policy names. */
const LOOPBACK = new Set(["localhost", "127.0.0.1"]);
/** What people copy along with an address. */
const ENDPOINTS = /\/(?:chat\/completions|completions|models)$/;

/**
 * @param {string} entered
 * @returns {{ address: Address, fault?: undefined } | { address?: undefined, fault: AddressFault }}
 */
export function addressOf(entered) {
  const text = entered.trim();
  if (!text) return { fault: "missing" };
  let url;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${schemeOf(text)}://${text}`);
  } catch {
    return { fault: "invalid" };
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return { fault: "invalid" };
  if (!url.hostname || /[;,%\s*'"]/.test(url.host)) return { fault: "invalid" };
  if (url.username || url.password || url.search || url.hash) return { fault: "extras" };
  if (url.protocol === "http:" && !LOOPBACK.has(url.hostname)) return { fault: "insecure" };
  const path = url.pathname.replace(/\/+$/, "").replace(ENDPOINTS, "");
  return { address: { base: url.origin + (path || "/v1"), origin: url.origin } };
}

/** @param {string} text an address without a scheme */
function schemeOf(text) {
  return LOOPBACK.has(text.split(/[:/?#]/, 1)[0].toLowerCase()) ? "http" : "https";
}
