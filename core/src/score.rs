//! How much a match says: rarity in bits, and the number of matches as good that chance would bring.
//!
//! A word that both texts share is worth -log2 of its probability under a background counted from the registry: by
//! itself, or, behind one or two other shared words, given these (a trigram model by linear interpolation, Jelinek
//! and Mercer 1980). So `the light of the sun` is worth little and five words in an order of their own much. Words
//! changed, inserted and left out cost what `search::cost` says. The sum is a log-likelihood ratio, copy against
//! chance, and the E-value follows Karlin and Altschul (PNAS 87, 1990): `E = K m n 2^(-lambda bits)` for an output of
//! m words and a registry of n. Both K and lambda are 1 here: with these, 0.8% of 12,719 scans of unrelated text had a
//! best match with E below 0.01 (`nagalm-bench reach --only evalue`), and no fit was needed.

mod own;
mod stock;

use crate::fingerprint::pair;
use crate::logarithm::{BIT, exp2, log2};
use crate::registry::Registry;
use crate::search::{Alignment, Step, StepKind, cost};
use crate::text::Token;
use own::Expected;
pub(crate) use own::Grams;

/// The most that one word is worth: a name that stands once in a large registry is shared by chance more often than
/// its count says, since texts on one subject share their rare words (burstiness; Church and Gale 1995).
pub(crate) const MAX_RARITY: i32 = 12 * BIT;
/// Weights of the trigram, in what is left of the bigram, in the interpolation.
const TRIPLE_WEIGHT: f64 = 0.6;
const PAIR_WEIGHT: f64 = 0.7;
/// Tokens that there may be.
const TOKENS: usize = 1 << 16;
/// What stands less often, stands nowhere: counts are whole numbers, but for their rounding.
const SEEN: f64 = 0.5;
/// A pair that stands no more often may owe it all to one work and its refrain.
const COMMON_PAIR: f64 = 8.0;
/// The registry's own counts are topped up by so many words in which each rare word has this share: what a registry
/// of a few songs does not know about its language.
const PRIOR_WORDS: f64 = 4000.0;
const PRIOR_SHARE: f64 = 1.0 / 8192.0;

/// How common words, and two and three of them in a row, are over all segments of a registry.
pub(crate) struct Background {
    registry: Registry,
    words: u64,
    counts: Vec<u32>,
    /// Of each token, in units of [`BIT`]: few bytes, since every word of an output is looked up.
    rarity: Box<[u16; TOKENS]>,
    stock_words: u32,
    fewest_letters: u32,
}

impl Background {
    /// Adds up the segments' counts, a few hundred microseconds a segment, and looks for stock phrases, a few
    /// milliseconds in all.
    pub(crate) fn new(registry: Registry) -> Self {
        let mut counts = vec![0_u32; TOKENS];
        let mut words = 0;
        for view in registry.views() {
            words += u64::from(view.segment.words());
            for (sum, &count) in counts.iter_mut().zip(view.segment.token_counts()) {
                *sum = sum.saturating_add(count);
            }
        }
        let total = words as f64 + PRIOR_WORDS;
        let mut rarity = Box::new([0; TOKENS]);
        for (rarity, &count) in rarity.iter_mut().zip(&counts) {
            let share = (f64::from(count) + PRIOR_WORDS * PRIOR_SHARE) / total;
            *rarity = (-log2(share)).clamp(BIT, MAX_RARITY) as u16;
        }
        let stock_words = registry.stock_words().unwrap_or_else(|| stock::stock_words(&registry));
        let fewest = registry.views().iter().map(|view| view.segment.fewest_letters()).min();
        let fewest_letters = fewest.unwrap_or(0);
        Self { registry, words, counts, rarity, stock_words, fewest_letters }
    }

    /// Words of the registry.
    pub(crate) fn words(&self) -> u64 {
        self.words
    }

    /// How many words a phrase has that works of this registry share by convention, at the most.
    pub(crate) fn stock_words(&self) -> u32 {
        self.stock_words
    }

    /// Letters of the shortest work.
    pub(crate) fn fewest_letters(&self) -> u32 {
        self.fewest_letters
    }

    /// What each word of an output is worth by itself.
    pub(crate) fn rarity(&self, tokens: &[Token], rarity: &mut Vec<i32>) {
        rarity.clear();
        rarity.extend(tokens.iter().map(|&token| self.alone(token)));
    }

    /// What a word is worth by itself.
    #[inline(always)]
    fn alone(&self, token: Token) -> i32 {
        i32::from(self.rarity[usize::from(token)])
    }

    /// What a word of an output is worth behind the word before it, at the most: as `bits` would say if the work that
    /// it came from had no part in the counts of rare pairs.
    pub(crate) fn rarity_behind(&self, before: Token, token: Token) -> i32 {
        let pairs = self.pair_count(before, token);
        if pairs <= COMMON_PAIR {
            return self.alone(token);
        }
        interpolated(pairs, f64::from(self.counts[before as usize]), self.alone(token))
    }

    /// Brings near what `rarity_behind` will read.
    pub(crate) fn ask_behind(&self, before: Token, token: Token) {
        self.ask(pair(before, token));
    }

    fn ask(&self, hash: u64) {
        self.registry.views().iter().for_each(|view| view.segment.gram_counts().prefetch(hash));
    }

    fn pair_count(&self, first: Token, second: Token) -> f64 {
        self.gram_count(pair(first, second))
    }

    fn gram_count(&self, hash: u64) -> f64 {
        self.registry.views().iter().map(|view| view.segment.gram_counts().count(hash)).sum()
    }

    /// What an alignment is worth at most, in units of [`BIT`]: if no word were to be expected behind those before it.
    /// `grams` takes the words that could be.
    pub(crate) fn most_bits(&self, alignment: &Alignment, rarity: &[i32], grams: &mut Grams) -> i32 {
        grams.begin();
        let equal = |step: &Step, end: u32, run: usize| {
            let word = end as usize - 1;
            if run > 1 {
                let cut_alike = step.output.len() == step.work.len();
                grams.push(word, run > 2 && cut_alike);
            }
            rarity[word]
        };
        steps(alignment, rarity, equal).sum()
    }

    /// How much less than that it is worth: by how much the words that `grams` took are to be expected where they
    /// stand. `works` are the words of the work, and of each other that holds the passage; of a long one those around
    /// it.
    pub(crate) fn expected_bits(
        &self,
        output: &[Token],
        rarity: &[i32],
        works: &[&[Token]],
        grams: &mut Grams,
    ) -> i32 {
        grams.count(output, works, |hash| self.ask(hash), |hash| self.gram_count(hash));
        let less = |expected: Expected| {
            let alone = rarity[expected.word];
            alone - self.behind(output[expected.word - 1], alone, &expected)
        };
        grams.expected().map(less).sum()
    }

    /// What a word is worth behind `before`, and behind another equal word before that, where it is worth `alone` by
    /// itself.
    fn behind(&self, before: Token, alone: i32, expected: &Expected) -> i32 {
        let pairs = expected.pair.elsewhere();
        // Where they were never seen together elsewhere, the word's own share is all that is known.
        let behind_one = if pairs < SEEN {
            alone
        } else {
            let befores = f64::from(self.counts[before as usize]) - expected.own_befores;
            interpolated(pairs, befores, alone)
        };
        let Some([first_pair, triple]) = expected.triple else { return behind_one };
        let triples = triple.elsewhere();
        if triples < SEEN {
            return behind_one;
        }
        let firsts = (first_pair.all - first_pair.own).max(triples);
        let share = TRIPLE_WEIGHT * (triples / firsts) + (1.0 - TRIPLE_WEIGHT) * exp2(-behind_one);
        (-log2(share)).clamp(0, alone)
    }

    /// What a phrase that stands in `works` works independently is worth at most: so often it comes in so many words.
    pub(crate) fn phrase_bits(&self, works: u32) -> i32 {
        log2(self.words.max(1) as f64 / f64::from(works)).max(0)
    }

    /// Number of matches worth `bits` or more that chance brings between `output_words` words and `within` words of
    /// the registry.
    pub(crate) fn evalue(&self, bits: i32, output_words: usize, within: u64) -> f64 {
        three_digits(exp2(log2(space(output_words, within)) - bits))
    }

    /// The bits that give an E-value of `evalue` over the whole registry: what a match must be worth at least.
    pub(crate) fn bits_needed(&self, evalue: f64, output_words: usize) -> i32 {
        bits_needed(evalue, space(output_words, self.words))
    }

    /// The same over `within` words of one work.
    pub(crate) fn bits_needed_within(&self, within: u64, evalue: f64, output_words: usize) -> i32 {
        bits_needed(evalue, space(output_words, within))
    }
}

/// The most that each step of an alignment can be worth: if no word were to be expected behind those before it.
/// `rarity` is what each word of the output is worth by itself.
pub(crate) fn most_bits_of_steps(alignment: &Alignment, rarity: &[i32]) -> impl Iterator<Item = i32> {
    steps(alignment, rarity, |_, end, _| rarity[end as usize - 1])
}

/// What each step of an alignment earns or pays. `equal(step, end, run)` is what an equal word is worth: the
/// output's before `end`, the last of `run` with nothing between them.
fn steps(
    alignment: &Alignment,
    rarity: &[i32],
    mut equal: impl FnMut(&Step, u32, usize) -> i32,
) -> impl Iterator<Item = i32> {
    let mut previous: Option<(u32, u32)> = None;
    let mut gap = None;
    let mut run = 0;
    alignment.steps.iter().map(move |step| {
        let (i, w) = (step.output.start, step.work.start);
        let mut bits = 0;
        match step.kind {
            StepKind::Equal => {
                for index in step.output.clone() {
                    let follows = index > i || previous == Some((i, w));
                    run = if follows { run + 1 } else { 1 };
                    bits += equal(step, index + 1, run) - cost::KEPT;
                }
                previous = Some((step.output.end, step.work.end));
            }
            StepKind::Changed { letters, longer } => {
                let likeness = 2 * letters as i32 - longer as i32;
                bits += if letters * 3 < longer * 2 {
                    -cost::CHANGED
                } else {
                    rarity[i as usize] * likeness / longer as i32 - cost::KEPT
                };
                previous = None;
            }
            StepKind::Inserted | StepKind::Deleted => {
                bits -= if gap == Some(step.kind) { cost::GAP_MORE } else { cost::GAP };
            }
        }
        gap = matches!(step.kind, StepKind::Inserted | StepKind::Deleted).then_some(step.kind);
        bits
    })
}

/// What a word is worth behind another, behind which it stands `pairs` times of `befores`; `alone` by itself.
fn interpolated(pairs: f64, befores: f64, alone: i32) -> i32 {
    if befores < SEEN {
        return alone;
    }
    let share = PAIR_WEIGHT * (pairs / befores).min(1.0) + (1.0 - PAIR_WEIGHT) * exp2(-alone);
    (-log2(share)).clamp(0, alone)
}

/// Pairs of words that a match may begin at.
fn space(output_words: usize, within: u64) -> f64 {
    output_words.max(1) as f64 * within.max(1) as f64
}

fn bits_needed(evalue: f64, space: f64) -> i32 {
    if evalue >= 1e9 {
        return 0;
    }
    log2(space) - log2(evalue.max(f64::MIN_POSITIVE))
}

/// More than three digits of an E-value would be noise.
fn three_digits(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() { x } else { format!("{x:.2e}").parse().unwrap_or(x) }
}
