// A report on its way from the worker to the page: in pieces, each small enough that taking it in does not hold up the page.

/** How much goes into one message, counted in edits and other small objects. */
const WEIGHT = 1500;

/**
 * @param {number} call
 * @param {any} report
 * @param {string} json
 * @param {any[]} about summaries of the works that it names
 */
export function send(call, report, json, about) {
  const { matches, works, sealed, ...rest } = report;
  const shell = { ...rest, matches: [], works: [] };
  if (sealed) shell.sealed = { ...sealed, matches: [], leads: [] };
  postMessage({ call, report: shell });
  const bundle = new Bundle(call);
  for (const { edits, ...found } of matches) {
    bundle.add({ list: "matches", item: { ...found, edits: [] } }, 10);
    for (let at = 0; at < edits.length; at += WEIGHT / 3) {
      const some = edits.slice(at, at + WEIGHT / 3);
      bundle.add({ edits: some }, 3 * some.length);
    }
  }
  for (const item of works) bundle.add({ list: "works", item }, 1);
  for (const list of sealed ? ["matches", "leads"] : []) {
    for (const item of sealed[list]) bundle.add({ sealed: list, item }, 5 + item.passages.length);
  }
  for (const item of about) bundle.add({ about: item }, 3);
  bundle.flush();
  postMessage({ call, json });
}

/** A long list. @param {number} call @param {any[]} items */
export function sendItems(call, items) {
  for (let at = 0; at < items.length; at += WEIGHT / 3) postMessage({ call, items: items.slice(at, at + WEIGHT / 3) });
  postMessage({ call, done: true });
}

class Bundle {
  /** @type {object[]} */
  entries = [];
  weight = 0;

  /** @param {number} call */
  constructor(call) {
    this.call = call;
  }

  /** @param {object} entry @param {number} weight */
  add(entry, weight) {
    this.entries.push(entry);
    this.weight += weight;
    if (this.weight >= WEIGHT) this.flush();
  }

  flush() {
    if (this.entries.length) postMessage({ call: this.call, entries: this.entries });
    this.entries = [];
    this.weight = 0;
  }
}
