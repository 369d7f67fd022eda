//! How often the grams of an alignment stand in the works that hold the passage.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::fingerprint::{gram, pair};
use crate::search::Alignment;
use crate::text::Token;

/// How often the grams of an alignment stand in the works that hold the passage: a song and its reprints must not
/// count as evidence that its words are common.
pub(super) struct OwnGrams {
    grams: Counts,
    words: Counts,
}

type Counts = HashMap<u64, u32, Keyed>;

/// Hashes what is a hash already with a key of its own, so that no text can be made whose grams collide: one
/// multiplication, where the standard library's hash takes dozens of steps.
#[derive(Clone, Copy)]
struct Keyed(u64);

impl Keyed {
    fn new() -> Self {
        Self(RandomState::new().hash_one(0_u64) | 1)
    }
}

impl BuildHasher for Keyed {
    type Hasher = KeyedHasher;

    fn build_hasher(&self) -> KeyedHasher {
        KeyedHasher { key: self.0, hash: 0 }
    }
}

struct KeyedHasher {
    key: u64,
    hash: u64,
}

impl Hasher for KeyedHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u64(&mut self, x: u64) {
        let product = u128::from(self.hash ^ x ^ self.key.rotate_left(32)) * u128::from(self.key);
        self.hash = product as u64 ^ (product >> 64) as u64;
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

impl OwnGrams {
    /// Counts in `works` those pairs and triples at the alignment's equal words of `output` that `are_common`; the
    /// others stand nowhere else in any case. Linear in `works`.
    pub(super) fn count(
        alignment: &Alignment,
        output: &[Token],
        works: &[&[Token]],
        are_common: impl Fn(u64) -> bool,
    ) -> Self {
        let keyed = Keyed::new();
        let mut own = Self { grams: HashMap::with_hasher(keyed), words: HashMap::with_hasher(keyed) };
        // Which tokens begin a gram, and which two: one look spares most words the maps.
        let (mut begins, mut begin_together) = (Marks::NONE, Marks::NONE);
        let both = |first: Token, second: Token| first.rotate_left(5) ^ second;
        each_gram(alignment, output, |words| {
            let hash = hash(words);
            if are_common(hash) {
                own.grams.insert(hash, 0);
                own.words.insert(words[0].into(), 0);
                begins.set(words[0]);
                begin_together.set(both(words[0], words[1]));
            }
        });
        for work in works {
            for (at, &token) in work.iter().enumerate() {
                if begins.may_hold(token)
                    && let Some(count) = own.words.get_mut(&u64::from(token))
                {
                    *count += 1;
                }
                if !work.get(at + 1).is_some_and(|&next| begin_together.may_hold(both(token, next))) {
                    continue;
                }
                for length in 2..=3 {
                    if let Some(words) = work.get(at..at + length)
                        && let Some(count) = own.grams.get_mut(&hash(words))
                    {
                        *count += 1;
                    }
                }
            }
        }
        own
    }

    /// Of a pair or triple, by its hash.
    pub(super) fn of(&self, hash: u64) -> f64 {
        f64::from(self.grams.get(&hash).copied().unwrap_or(0))
    }

    pub(super) fn of_word(&self, word: Token) -> f64 {
        f64::from(self.words.get(&u64::from(word)).copied().unwrap_or(0))
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

/// Calls `each` with the pairs and triples that end with the equal words of an alignment.
pub(super) fn each_gram<'a>(alignment: &Alignment, output: &'a [Token], mut each: impl FnMut(&'a [Token])) {
    for step in alignment.steps.iter().filter(|step| step.is_equal()) {
        for end in step.output.start as usize + 1..step.output.end as usize + 1 {
            for length in 2..=3.min(end) {
                each(&output[end - length..end]);
            }
        }
    }
}

/// Of a pair or triple.
pub(super) fn hash(words: &[Token]) -> u64 {
    match *words {
        [first, second] => pair(first, second),
        _ => gram(words),
    }
}
