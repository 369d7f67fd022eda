//! How much a match says: rarity in bits, and the number of matches as good that chance would bring.
//!
//! A word that both texts share is worth -log2 of its probability under a background counted from the registry: by
//! itself, or, behind another shared word, given that word (a bigram model by linear interpolation, Jelinek and
//! Mercer 1980). So `the light of the sun` is worth little and five words in an order of their own much. Words
//! changed, inserted and left out cost what `search::cost` says. The sum is a log-likelihood ratio, copy against
//! chance, and the E-value follows Karlin and Altschul (PNAS 87, 1990): `E = K m n 2^(-lambda bits)` for an output of
//! m words and a registry of n.

use std::collections::HashMap;

use crate::fingerprint::pair;
use crate::logarithm::{BIT, exp2, log2};
use crate::registry::{Registry, decode_count};
use crate::search::{Alignment, StepKind, cost};
use crate::text::Token;

/// Fitted on unrelated text (`nagalm-bench reach --only evalue`): log2 of Karlin and Altschul's K …
const LOG_K: i32 = 0;
/// … and their lambda, in 256ths.
const LAMBDA: i32 = 256;
/// The most that one word is worth: a name that stands once in a large registry is shared by chance more often than
/// its count says, since texts on one subject share their rare words (burstiness; Church and Gale 1995).
const MAX_RARITY: i32 = 12 * BIT;
/// Weight of the bigram in the interpolation.
const PAIR_WEIGHT: f64 = 0.7;
/// A pair that stands no more often may owe it all to one work and its refrain.
const COMMON_PAIR: f64 = 8.0;
/// The registry's own counts are topped up by so many words in which each rare word has this share: what a registry
/// of a few songs does not know about its language.
const PRIOR_WORDS: f64 = 4000.0;
const PRIOR_SHARE: f64 = 1.0 / 8192.0;

/// How common words and pairs of words are, over all segments of a registry.
pub(crate) struct Background {
    registry: Registry,
    words: u64,
    counts: Vec<u32>,
    rarity: Vec<i32>,
}

impl Background {
    /// Adds up the segments' counts. A few hundred microseconds a segment.
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
        Self { registry, words, counts, rarity }
    }

    /// Words of the registry.
    pub(crate) fn words(&self) -> u64 {
        self.words
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
        let hash = pair(first, second) as usize;
        self.registry
            .views()
            .iter()
            .map(|view| {
                let counts = view.segment.pair_counts();
                decode_count(counts[hash & (counts.len() - 1)])
            })
            .sum()
    }

    /// What an alignment is worth, in units of [`BIT`]. `work` is the work's tokens (of a long work, those around the
    /// passage), `sharing` the number of works that hold the passage.
    pub(crate) fn bits(&self, alignment: &Alignment, output: &[Token], work: &[Token], sharing: u32) -> i32 {
        let own = &OwnPairs::count(alignment, output, work, sharing);
        let mut bits = 0;
        let mut previous: Option<(u32, u32)> = None;
        let mut gap = None;
        for step in &alignment.steps {
            let (i, w) = (step.output.start, step.work.start);
            match step.kind {
                StepKind::Equal => {
                    for index in step.output.clone() {
                        let token = output[index as usize];
                        let follows = index > 0 && (index > i || previous == Some((i, w)));
                        bits += match follows {
                            true => self.given(output[index as usize - 1], token, own),
                            false => self.rarity[token as usize],
                        } - cost::KEPT;
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
        }
        bits
    }

    /// What `token` is worth behind `before`.
    fn given(&self, before: Token, token: Token, own: &OwnPairs) -> i32 {
        let (own_pair, own_before) = own.counts(before, token);
        let pairs = self.pair_count(before, token) - own_pair;
        let befores = f64::from(self.counts[before as usize]) - own_before;
        self.interpolated(pairs, befores, token)
    }

    fn interpolated(&self, pairs: f64, befores: f64, token: Token) -> i32 {
        let alone = self.rarity[token as usize];
        if pairs < 0.5 || befores < 0.5 {
            // Never seen together elsewhere: the word's own share is all that is known.
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
        let exponent = LOG_K + log2(space(output_words, within))
            - (i64::from(bits) * i64::from(LAMBDA) / i64::from(BIT)) as i32;
        three_digits(exp2(exponent))
    }

    /// The bits that give an E-value of `evalue` over the whole registry: what a match must be worth at least.
    pub(crate) fn bits_needed(&self, evalue: f64, output_words: usize) -> i32 {
        bits_needed(evalue, space(output_words, self.words))
    }

    /// The same over `within` words of one work.
    pub(crate) fn bits_needed_within(&self, within: u32, evalue: f64, output_words: usize) -> i32 {
        bits_needed(evalue, space(output_words, u64::from(within)))
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
    let exponent = LOG_K + log2(space) - log2(evalue.max(f64::MIN_POSITIVE));
    (i64::from(exponent) * i64::from(BIT) / i64::from(LAMBDA)) as i32
}

/// More than three digits of an E-value would be noise.
fn three_digits(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() { x } else { format!("{x:.2e}").parse().unwrap_or(x) }
}

/// How often the pairs of an alignment stand in the work itself, times the works that share the passage: a song must
/// not count as evidence that its words are common.
struct OwnPairs {
    counts: HashMap<(Token, Token), u32>,
    words: HashMap<Token, u32>,
    works: u32,
}

impl OwnPairs {
    /// Counts in `work` the pairs that follow one another in `output` at the alignment's equal words. Linear in
    /// `work`.
    fn count(alignment: &Alignment, output: &[Token], work: &[Token], works: u32) -> Self {
        let mut own = Self { counts: HashMap::new(), words: HashMap::new(), works };
        // Tokens that begin a pair: one look-up in 8 KiB spares most words the map.
        let mut begins = vec![0_u64; 1 << 10];
        for step in alignment.steps.iter().filter(|step| step.is_equal()) {
            for index in (step.output.start.max(1)..step.output.end).map(|index| index as usize) {
                let (first, second) = (output[index - 1], output[index]);
                own.counts.insert((first, second), 0);
                own.words.insert(first, 0);
                begins[usize::from(first >> 6)] |= 1 << (first & 63);
            }
        }
        for (at, &token) in work.iter().enumerate() {
            if begins[usize::from(token >> 6)] >> (token & 63) & 1 == 0 {
                continue;
            }
            if let Some(count) = own.words.get_mut(&token) {
                *count += 1;
            }
            if let Some(&next) = work.get(at + 1)
                && let Some(count) = own.counts.get_mut(&(token, next))
            {
                *count += 1;
            }
        }
        own
    }

    fn counts(&self, first: Token, second: Token) -> (f64, f64) {
        let pairs = self.counts.get(&(first, second)).copied().unwrap_or(0);
        let words = self.words.get(&first).copied().unwrap_or(0);
        (f64::from(pairs * self.works), f64::from(words * self.works))
    }
}
