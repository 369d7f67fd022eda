// What can go wrong when a model is asked, and how a server says so.

/**
 * What went wrong, for a program: `unreachable` (nobody answers there), `refused` (somebody answers there, but does not let a page
 * ask: CORS), `key`, `model`, `address` (there is no such service), `busy` (429), `server` (5xx), `request` (what was sent is not
 * understood), `answer` (what came is no answer), `broken` (the connection broke), `slow` (nothing came for minutes),
 * `cancelled`.
 * @typedef {"unreachable" | "refused" | "key" | "model" | "address" | "busy" | "server" | "request" | "answer" | "broken" | "slow" | "cancelled"} Fault
 */

export class ModelError extends Error {
  /**
   * @param {Fault} kind
   * @param {{ status?: number, detail?: string, retryAfterMs?: number }} [more] `detail`: what the server says
   */
  constructor(kind, { status, detail, retryAfterMs } = {}) {
    super(detail ? `${kind}: ${detail}` : kind);
    this.name = "ModelError";
    this.kind = kind;
    this.status = status;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Of what a server says, so much is kept. */
export const LONGEST_DETAIL = 400;

/**
 * What an answer with an error status says.
 * @param {Response} response @param {Fault} notFound what 404 means here
 * @returns {Promise<ModelError>}
 */
export async function faultOf(response, notFound) {
  const { status } = response;
  const body = await response.text().catch(() => "");
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  const detail = value === undefined ? undefined : detailOf(value);
  const about = { status, detail };
  if (status === 401 || status === 403) return new ModelError("key", about);
  // A service that knows the question answers in JSON, even that it lacks the model.
  if (status === 404 || status === 405) return new ModelError(detail ? notFound : "address", about);
  if (status === 429) return new ModelError("busy", { ...about, retryAfterMs: retryAfter(response) });
  if (status >= 500) return new ModelError("server", { ...about, retryAfterMs: retryAfter(response) });
  return new ModelError(
    detail && /model/i.test(detail) && /not (?:found|exist)|does not exist|unknown/i.test(detail) ? "model" : "request",
    about,
  );
}

/** Seconds or a date (RFC 9110, 10.2.3); readable only where the server exposes it. @param {Response} response */
function retryAfter(response) {
  const value = response.headers.get("retry-after")?.trim();
  if (!value) return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** @param {any} value an error's body @returns {string | undefined} */
export function detailOf(value) {
  const said = value?.error?.message ?? value?.error ?? value?.message ?? value?.detail;
  if (said === undefined || said === null) return undefined;
  return (typeof said === "string" ? said : JSON.stringify(said)).slice(0, LONGEST_DETAIL);
}
