//! How often the words of an alignment stand behind one another: in the registry, and in the works that hold the
//! passage.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use crate::fingerprint::{gram, pair};
use crate::text::Token;

/// A pair or triple of words: how often it stands in the registry, and how often in the works that hold the passage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gram {
    pub(super) all: f64,
    pub(super) own: f64,
}

/// So many copies of a gram may stand in versions of a work that the search did not come across.
const UNSEEN: f64 = 6.0;

impl Gram {
    /// How often it stands in other works. Counts are rounded to a fifth, and some versions of a work may not have been
    /// seen: what is left within that says nothing.
    pub(super) fn elsewhere(&self) -> f64 {
        if self.all < 1.2 * self.own + UNSEEN { 0.0 } else { self.all - self.own }
    }
}

/// An equal word of an alignment behind another, of which the registry has so many that it may be expected there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Expected {
    /// The word of the output.
    pub(super) word: usize,
    /// It and the word before it.
    pub(super) pair: Gram,
    /// How often the word before it stands in the works that hold the passage.
    pub(super) own_befores: f64,
    /// The two words before it, and all three, where that is common, too.
    pub(super) triple: Option<[Gram; 2]>,
}

/// The pairs and triples that end with the equal words of an alignment. A song and its reprints must not count as
/// evidence that its words are common, so what they hold is counted apart. Kept from one alignment of an output to the
/// next, which often has the same words.
#[derive(Default)]
pub(crate) struct Grams {
    /// Of each word of the output how often the registry has the pair and the triple that end with it; [`UNKNOWN`]
    /// where that was not asked yet.
    all: Vec<[f64; 2]>,
    behind: Vec<Behind>,
    own: Counter,
    /// Words of a work that begin a pair, as long as they are counted.
    found: Vec<u32>,
}

/// An equal word behind one that is equal, too, with nothing between them.
struct Behind {
    word: usize,
    /// Whether it is behind two.
    two: bool,
    /// Where it is counted how often the works have the word before it, the pair and the triple.
    slots: [usize; 3],
}

const UNKNOWN: [f64; 2] = [f64::NAN; 2];
const NOWHERE: usize = usize::MAX;

impl Grams {
    /// Begins with another output, of so many words.
    pub(crate) fn clear(&mut self, words: usize) {
        self.all.clear();
        self.all.resize(words, UNKNOWN);
    }

    /// Begins with another alignment.
    pub(super) fn begin(&mut self) {
        self.behind.clear();
    }

    /// Takes the next word that is equal behind another, or behind `two`.
    #[inline]
    pub(super) fn push(&mut self, word: usize, two: bool) {
        self.behind.push(Behind { word, two, slots: [NOWHERE; 3] });
    }

    /// Counts the grams of the words taken: in the registry as `count` says, and in `works` those that are common
    /// there; the others stand nowhere else in any case. Before grams are counted, they are given to `ask`. Linear in
    /// `works`.
    pub(super) fn count(
        &mut self,
        output: &[Token],
        works: &[&[Token]],
        ask: impl Fn(u64),
        count: impl Fn(u64) -> f64,
    ) {
        let Self { all, behind, own, found } = self;
        let pair_at = |word: usize| pair(output[word - 1], output[word]);
        let triple_at = |word: usize| gram(&[output[word - 2], output[word - 1], output[word]]);
        let unknown = |behind: &&Behind| all[behind.word][0].is_nan();
        behind.iter().filter(unknown).for_each(|behind| ask(pair_at(behind.word)));
        for Behind { word, .. } in &*behind {
            let [pairs, _] = &mut all[*word];
            if pairs.is_nan() {
                *pairs = count(pair_at(*word));
            }
        }
        // What is rarer stands nowhere else, however seldom the works have it.
        behind.retain(|behind| all[behind.word][0] >= UNSEEN);
        // A triple is common only if both its pairs are.
        let mut before = NOWHERE;
        for behind in &mut *behind {
            behind.two &= before == behind.word - 1;
            before = behind.word;
            if behind.two && all[behind.word][1].is_nan() {
                ask(triple_at(behind.word));
            }
        }
        for Behind { word, .. } in behind.iter().filter(|behind| behind.two) {
            let [_, triples] = &mut all[*word];
            if triples.is_nan() {
                *triples = count(triple_at(*word));
            }
        }
        own.clear(3 * behind.len());
        if behind.is_empty() {
            return;
        }
        // Which tokens begin a pair, and which two are one: one look spares most words the counter.
        let (mut begins, mut begin_together) = (Marks::NONE, Marks::NONE);
        for Behind { word, two, slots } in &mut *behind {
            let (first, second) = (output[*word - 1], output[*word]);
            begins.set(first);
            begin_together.set(both(first, second));
            slots[0] = own.insert(key(&[first]));
            slots[1] = own.insert(key(&[first, second]));
            *two &= all[*word][1] >= UNSEEN;
            if *two {
                slots[2] = own.insert(key(&[output[*word - 2], first, second]));
            }
        }
        // No processor can guess which words begin a pair: they are written down without a branch, then counted.
        for work in works {
            found.resize(found.len().max(work.len()), 0);
            let mut count = 0;
            for (at, &first) in work.iter().enumerate() {
                found[count] = at as u32;
                count += usize::from(begins.may_hold(first));
            }
            let mut pairs = 0;
            for index in 0..count {
                let at = found[index] as usize;
                own.count(key(&[work[at]]));
                found[pairs] = at as u32;
                let next = work.get(at + 1);
                pairs += usize::from(next.is_some_and(|&next| begin_together.may_hold(both(work[at], next))));
            }
            for &at in &found[..pairs] {
                let at = at as usize;
                let (first, second) = (work[at], work[at + 1]);
                if own.count(key(&[first, second]))
                    && let Some(&third) = work.get(at + 2)
                {
                    own.count(key(&[first, second, third]));
                }
            }
        }
    }

    /// The words that may be expected where they stand.
    pub(super) fn expected(&self) -> impl Iterator<Item = Expected> {
        let gram = move |all, slot| Gram { all, own: self.own.at(slot) };
        let pair = move |behind: &Behind| gram(self.all[behind.word][0], behind.slots[1]);
        self.behind.iter().enumerate().map(move |(index, behind)| Expected {
            word: behind.word,
            pair: pair(behind),
            own_befores: self.own.at(behind.slots[0]),
            triple: behind
                .two
                .then(|| [pair(&self.behind[index - 1]), gram(self.all[behind.word][1], behind.slots[2])]),
        })
    }
}

/// Some number of the two.
#[inline]
fn both(first: Token, second: Token) -> u16 {
    first.rotate_left(5) ^ second
}

/// One to three words, and how many.
#[inline(always)]
fn key<const N: usize>(words: &[Token; N]) -> u64 {
    words.iter().fold(N as u64, |key, &word| key << 16 | u64::from(word))
}

/// Counts how often some keys come: a hash table with open addressing.
#[derive(Default)]
struct Counter {
    /// A key and its count; a key of zero: free.
    slots: Vec<(u64, u32)>,
    /// What keys are hashed with: nobody can make a text of words that collide.
    secret: u64,
}

impl Counter {
    /// Empties it, and makes room for so many keys.
    fn clear(&mut self, keys: usize) {
        static SECRET: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0_u64) | 1);
        self.secret = *SECRET;
        self.slots.clear();
        self.slots.resize((2 * keys + 1).next_power_of_two(), (0, 0));
    }

    /// The slot that a key is in or could be in.
    #[inline(always)]
    fn slot(&self, key: u64) -> usize {
        let last = self.slots.len() - 1;
        let product = u128::from(key ^ self.secret.rotate_left(32)) * u128::from(self.secret);
        let mut slot = (product as u64 ^ (product >> 64) as u64) as usize & last;
        while self.slots[slot].0 != key && self.slots[slot].0 != 0 {
            slot = (slot + 1) & last;
        }
        slot
    }

    /// Makes a key one that is counted; gives its slot.
    fn insert(&mut self, key: u64) -> usize {
        let slot = self.slot(key);
        self.slots[slot].0 = key;
        slot
    }

    /// Counts a key, if it is one that is; says whether.
    #[inline(always)]
    fn count(&mut self, key: u64) -> bool {
        let slot = self.slot(key);
        let (held, count) = &mut self.slots[slot];
        if *held == 0 {
            return false;
        }
        *count += 1;
        true
    }

    fn at(&self, slot: usize) -> f64 {
        self.slots[slot].1.into()
    }
}

/// Numbers of which twelve bits are remembered.
struct Marks([u64; 64]);

impl Marks {
    const NONE: Self = Self([0; 64]);

    fn place(number: u16) -> (usize, u16) {
        (usize::from(number >> 6) % 64, number % 64)
    }

    fn set(&mut self, number: u16) {
        let (at, bit) = Self::place(number);
        self.0[at] |= 1 << bit;
    }

    fn may_hold(&self, number: u16) -> bool {
        let (at, bit) = Self::place(number);
        self.0[at] >> bit & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::mix;

    fn standing(words: &[Token], text: &[Token]) -> f64 {
        text.windows(words.len()).filter(|window| *window == words).count() as f64
    }

    #[test]
    fn grams_are_counted_as_a_walk_over_all_words_counts_them() {
        let text = |seed: u64, words: u64| -> Vec<Token> {
            (0..words)
                .map(|k| (mix(seed << 32 | k) % (1 + mix(k << 20 | seed) % 15)) as Token * 999)
                .collect()
        };
        let mut grams = Grams::default();
        let (mut pairs, mut triples) = (0, 0);
        for seed in 0..50 {
            let (output, registry) = (text(seed, 300), text(1000, 5000));
            let works = [text(seed + 100, 400), output[..200].to_vec(), Vec::new(), text(3, 1)];
            let works: Vec<&[Token]> = works.iter().map(Vec::as_slice).collect();
            let own = |words: &[Token]| works.iter().map(|work| standing(words, work)).sum::<f64>();
            // What `count` is asked for are hashes.
            let all = |hash: u64| {
                let grams = (2..=3).flat_map(|length| registry.windows(length));
                let hashed = |words: &[Token]| match *words {
                    [first, second] => pair(first, second),
                    _ => gram(words),
                };
                grams.filter(|words| hashed(words) == hash).count() as f64
            };
            grams.clear(output.len());
            // Twice: the second time all is known.
            for from in [0, 100] {
                let equal = |word: usize| word >= from && !mix(seed << 16 | word as u64).is_multiple_of(8);
                let mut taken = Vec::new();
                grams.begin();
                for word in 1..output.len() {
                    if equal(word) && equal(word - 1) {
                        let two = word > 1 && equal(word - 2);
                        taken.push((word, two));
                        grams.push(word, two);
                    }
                }
                grams.count(&output, &works, |_| {}, all);
                let gram = |words: &[Token]| {
                    let all = standing(words, &registry);
                    (all >= UNSEEN).then(|| Gram { all, own: own(words) })
                };
                let naive = taken.into_iter().filter_map(|(word, two)| {
                    let triple = two.then(|| gram(&output[word - 2..=word])).flatten();
                    Some(Expected {
                        word,
                        pair: gram(&output[word - 1..=word])?,
                        own_befores: own(&output[word - 1..word]),
                        triple: triple.map(|triple| [gram(&output[word - 2..word]).unwrap(), triple]),
                    })
                });
                let naive: Vec<Expected> = naive.collect();
                assert_eq!(grams.expected().collect::<Vec<_>>(), naive);
                pairs += naive.len();
                triples += naive.iter().filter(|expected| expected.triple.is_some()).count();
            }
        }
        assert!(triples > 1000 && pairs > 2 * triples, "{pairs} {triples}");
    }
}
