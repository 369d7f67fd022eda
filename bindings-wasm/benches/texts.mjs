// Works and texts for the benchmarks, made up from a seed: words as frequent as words are (Zipf).

/** Works of some 1,000 characters and texts of some 2,000. */
export function texts(works, outputs, every) {
  // Numbers without a pattern (mulberry32).
  let state = 1;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(random() * n);
  const syllables = ["ka", "lo", "mer", "tin", "as", "bru", "ei", "fo", "gen", "hu", "is", "jo", "ven", "wa", "sch", "ter", "én", "ij"];
  const vocabulary = Array.from({ length: 40000 }, (_, rank) =>
    Array.from({ length: 1 + below(rank < 200 ? 2 : 4) }, () => syllables[below(syllables.length)]).join(""),
  );
  const word = () => vocabulary[Math.floor(Math.exp(random() * Math.log(vocabulary.length)))] ?? "la";
  const words = (count) => Array.from({ length: count }, (_, k) => word() + (k % 9 === 8 ? (k % 27 === 26 ? ".\n" : ",") : "")).join(" ");
  const registered = Array.from({ length: works }, (_, k) => ({ work_id: `w${k}`, title: `Title ${k}`, text: words(160) }));
  const scanned = Array.from({ length: outputs }, (_, k) => {
    if (k % every !== 0) return { id: `o${k}`, text: words(320) };
    const copied = registered[below(works)].text.split(" ").slice(20, 60 + below(80));
    const edited = copied.map((each) => (random() < 0.05 ? word() : each)).join(" ");
    return { id: `o${k}`, text: `${words(100)} ${edited} 😀 ${words(100)}` };
  });
  return { works: registered, outputs: scanned };
}
