// Choices that can be repeated: the same seed gives the same.

/**
 * Numbers of at least 0 and below 1, by mulberry32 (Tommy Ettinger, public domain), seeded with a hash of `seed` (FNV-1a).
 * @param {string} seed
 * @returns {() => number}
 */
export function seeded(seed) {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(seed)) state = Math.imul(state ^ byte, 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * One of `items`.
 * @template T
 * @param {readonly T[]} items
 * @param {() => number} random
 * @returns {T}
 */
export function pick(items, random) {
  return items[Math.floor(random() * items.length)];
}
