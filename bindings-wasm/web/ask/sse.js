// Server-sent events, read from bytes as they come: pieces may end anywhere, within a line or within a character.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream (only `data` is of interest here).

/** A line longer than this is no answer of a model. */
const LONGEST_LINE = 4 << 20;

export class EventParser {
  #decoder = new TextDecoder("utf-8");
  #line = "";
  /** @type {string[]} */
  #data = [];
  /** Whether the last piece ended with a carriage return, whose line feed may come with the next. */
  #afterReturn = false;

  /**
   * The data of the events that are complete with these bytes.
   * @param {Uint8Array} bytes
   * @returns {string[]}
   */
  push(bytes) {
    return this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What the stream's end completes. Servers that leave out the last empty line are forgiven. */
  end() {
    return this.#read(`${this.#decoder.decode()}\n\n`);
  }

  /** @param {string} text @returns {string[]} */
  #read(text) {
    const events = [];
    let rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text) this.#afterReturn = text.endsWith("\r");
    for (;;) {
      const end = rest.search(/[\r\n]/);
      if (end < 0) break;
      const event = this.#take(this.#line + rest.slice(0, end));
      if (event !== undefined) events.push(event);
      this.#line = "";
      rest = rest.slice(end + (rest.startsWith("\r\n", end) ? 2 : 1));
    }
    this.#line += rest;
    if (this.#line.length > LONGEST_LINE) throw new RangeError("a line of the stream is too long");
    return events;
  }

  /** @param {string} line @returns {string | undefined} the event that this line completes */
  #take(line) {
    if (line === "") {
      if (this.#data.length === 0) return undefined;
      const event = this.#data.join("\n");
      this.#data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field === "data") this.#data.push(colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, ""));
    return undefined;
  }
}
