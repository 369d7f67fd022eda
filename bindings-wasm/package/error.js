/** What goes wrong in nagalm, with the kind of trouble. */
export class NagalmError extends Error {
  /**
   * @param {string} kind
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(kind, message, options) {
    super(message, options);
    this.name = "NagalmError";
    this.kind = kind;
  }
}
