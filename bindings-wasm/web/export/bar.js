// A share with its interval, as a picture that needs no style of its own: numbers only, so there is nothing to escape.

/** @param {{ matched: number, answers: number, low: number, high: number }} count */
export function bar({ matched, answers, low, high }) {
  /** @param {number} part */
  const at = (part) => (1 + 98 * Math.min(1, Math.max(0, part))).toFixed(1);
  return `<svg class="share" viewBox="0 0 100 12" width="100" height="12" aria-hidden="true"><rect class="all" x="0.5" y="1.5" width="99" height="9"/><rect class="part" x="1" y="2" width="${((98 * matched) / answers).toFixed(1)}" height="8"/><path class="interval" d="M${at(low)} 6H${at(high)}M${at(low)} 3v6M${at(high)} 3v6"/></svg>`;
}
