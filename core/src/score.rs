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
use own::Grams;

/// The most that one word is worth: a name that stands once in a large registry is shared by chance more often than
/// its count says, since texts on one subject share their rare words (burstiness; Church and Gale 1995).
pub(crate) const MAX_RARITY: i32 = 12 * BIT;
/// Weights of the trigram, in what is left of the bigram, in the interpolation.
const TRIPLE_WEIGHT: f64 = 0.6;
const PAIR_WEIGHT: f64 = 0.7;
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
    rarity: Vec<i32>,
    stock_words: u32,
    fewest_letters: u32,
}

impl Background {
    /// Adds up the segments' counts, a few hundred microseconds a segment, and looks for stock phrases, a few
    /// milliseconds in all.
    pub(crate) fn new(registry: Registry) -> Self {
        let mut counts = vec![0_u32; 1 << 16];
        let mut words = 0;
        for view in registry.views() {
            words += u64::from(view.segment.words());
            for (sum, &count) in counts.iter_mut().zip(view.segment.token_counts()) {
                *sum = sum.saturating_add(count);
            }
        }
        let total = words as f64 + PRIOR_WORDS;
        let rarity = counts
            .iter()
            .map(|&count| {
                let share = (f64::from(count) + PRIOR_WORDS * PRIOR_SHARE) / total;
                (-log2(share)).clamp(BIT, MAX_RARITY)
            })
            .collect();
        let stock_words = stock::stock_words(&registry);
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
        rarity.extend(tokens.iter().map(|&token| self.rarity[token as usize]));
    }

    /// What a word of an output is worth behind the word before it, at the most: as `bits` would say if the work that
    /// it came from had no part in the counts of rare pairs.
    pub(crate) fn rarity_behind(&self, before: Token, token: Token) -> i32 {
        let pairs = self.pair_count(before, token);
        if pairs <= COMMON_PAIR {
            return self.rarity[token as usize];
        }
        self.interpolated(pairs, f64::from(self.counts[before as usize]), token)
    }

    fn pair_count(&self, first: Token, second: Token) -> f64 {
        self.gram_count(pair(first, second))
    }

    fn gram_count(&self, hash: u64) -> f64 {
        self.registry.views().iter().map(|view| view.segment.gram_counts().count(hash)).sum()
    }

    /// What an alignment is worth, in units of [`BIT`]. `works` are the words of the work, and of each other that holds
    /// the passage; of a long one those around it.
    pub(crate) fn bits(&self, alignment: &Alignment, output: &[Token], works: &[&[Token]]) -> i32 {
        let views = || self.registry.views().iter().map(|view| view.segment.gram_counts());
        let ask = |hash| views().for_each(|counts| counts.prefetch(hash));
        let grams = &Grams::count(alignment, output, works, ask, |hash| self.gram_count(hash));
        let mut equal_words = 0;
        self.steps(alignment, output, |step, end, run| {
            let cut_alike = step.output.len() == step.work.len();
            let (end, word) = (end as usize, equal_words);
            equal_words += 1;
            match run {
                1 => self.rarity[output[end - 1] as usize],
                _ if run == 2 || !cut_alike => self.behind_one(output[end - 2], output[end - 1], grams, word),
                _ => self.behind_two(output[end - 2], output[end - 1], grams, word),
            }
        })
        .sum()
    }

    /// The most that each step of an alignment can be worth: if no word were to be expected behind those before it.
    pub(crate) fn most_bits<'a>(
        &'a self,
        alignment: &'a Alignment,
        output: &'a [Token],
    ) -> impl Iterator<Item = i32> + 'a {
        self.steps(alignment, output, |_, end, _| self.rarity[output[end as usize - 1] as usize])
    }

    /// What each step of an alignment earns or pays. `equal(step, end, run)` is what an equal word is worth: the
    /// output's before `end`, the last of `run` with nothing between them.
    fn steps<'a>(
        &'a self,
        alignment: &'a Alignment,
        output: &'a [Token],
        mut equal: impl FnMut(&Step, u32, usize) -> i32 + 'a,
    ) -> impl Iterator<Item = i32> + 'a {
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
                        self.rarity[output[i as usize] as usize] * likeness / longer as i32 - cost::KEPT
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

    /// What `token` is worth behind `before`; it is such an equal word of the alignment.
    fn behind_one(&self, before: Token, token: Token, grams: &Grams, word: usize) -> i32 {
        let [pair, _] = grams.at(word);
        let pairs = pair.elsewhere();
        if pairs < SEEN {
            // Never seen together elsewhere: the word's own share is all that is known.
            return self.rarity[token as usize];
        }
        let befores = f64::from(self.counts[before as usize]) - grams.own_words(before);
        self.interpolated(pairs, befores, token)
    }

    /// What `token` is worth behind `before` and another equal word before that.
    fn behind_two(&self, before: Token, token: Token, grams: &Grams, word: usize) -> i32 {
        let behind_one = self.behind_one(before, token, grams, word);
        let ([pair, _], [_, triple]) = (grams.at(word - 1), grams.at(word));
        let triples = triple.elsewhere();
        if triples < SEEN {
            return behind_one;
        }
        let firsts = (pair.all - pair.own).max(triples);
        let share = TRIPLE_WEIGHT * (triples / firsts) + (1.0 - TRIPLE_WEIGHT) * exp2(-behind_one);
        (-log2(share)).clamp(0, self.rarity[token as usize])
    }

    fn interpolated(&self, pairs: f64, befores: f64, token: Token) -> i32 {
        let alone = self.rarity[token as usize];
        if befores < SEEN {
            return alone;
        }
        let share = PAIR_WEIGHT * (pairs / befores).min(1.0) + (1.0 - PAIR_WEIGHT) * exp2(-alone);
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
