//! How often the words of an alignment stand behind one another: in the registry, and in the works that hold the
//! passage.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::fingerprint::{gram, pair};
use crate::search::Alignment;
use crate::text::Token;

/// A pair or triple of words: how often it stands in the registry, and how often in the works that hold the passage.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gram {
    hash: u64,
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

/// The pairs and triples that end with the equal words of an alignment. A song and its reprints must not count as
/// evidence that its words are common, so what they hold is counted apart.
pub(super) struct Grams {
    /// Of each equal word, in their order: the pair and the triple that end with it.
    at: Vec<[Gram; 2]>,
    own: HashMap<u64, u32, Keyed>,
}

impl Grams {
    /// Counts the grams at the alignment's equal words of `output`: in the registry as `count` says, and in `works`
    /// those that are common there; the others stand nowhere else in any case. Before any is counted, all are given to
    /// `ask`. Linear in `works`.
    pub(super) fn count(
        alignment: &Alignment,
        output: &[Token],
        works: &[&[Token]],
        ask: impl Fn(u64),
        count: impl Fn(u64) -> f64,
    ) -> Self {
        let asked = |words: &[Token]| {
            let hash = hash(words);
            ask(hash);
            Gram { hash, ..Gram::default() }
        };
        let mut at: Vec<[Gram; 2]> = ends(alignment)
            .map(|end| {
                [2, 3].map(|length| {
                    end.checked_sub(length).map_or_else(Gram::default, |start| asked(&output[start..end]))
                })
            })
            .collect();
        let mut own = HashMap::with_capacity_and_hasher(at.len(), Keyed::new());
        // Which tokens begin a gram, and which two: one look spares most words the map.
        let (mut begins, mut begin_together) = (Marks::NONE, Marks::NONE);
        let both = |first: Token, second: Token| first.rotate_left(5) ^ second;
        for (grams, end) in at.iter_mut().zip(ends(alignment)) {
            for (gram, length) in grams.iter_mut().zip(2..=end.min(3)) {
                gram.all = count(gram.hash);
                if gram.all > 0.0 {
                    let (first, second) = (output[end - length], output[end - length + 1]);
                    own.insert(gram.hash, 0);
                    own.insert(first.into(), 0);
                    begins.set(first);
                    begin_together.set(both(first, second));
                }
            }
        }
        let mut counted = |key: u64| {
            if let Some(count) = own.get_mut(&key) {
                *count += 1;
            }
        };
        for work in works {
            for (at, &token) in work.iter().enumerate() {
                if !begins.may_hold(token) {
                    continue;
                }
                counted(token.into());
                if work.get(at + 1).is_some_and(|&next| begin_together.may_hold(both(token, next))) {
                    (2..=3)
                        .filter_map(|length| work.get(at..at + length))
                        .for_each(|words| counted(hash(words)));
                }
            }
        }
        let grams = at.iter_mut().flatten().filter(|gram| gram.all > 0.0);
        grams.for_each(|gram| gram.own = own.get(&gram.hash).copied().unwrap_or(0).into());
        Self { at, own }
    }

    /// The pair and the triple that end with an equal word of the alignment.
    pub(super) fn at(&self, equal_word: usize) -> &[Gram; 2] {
        &self.at[equal_word]
    }

    /// How often a word that begins a common gram stands in the works.
    pub(super) fn own_words(&self, word: Token) -> f64 {
        self.own.get(&word.into()).copied().unwrap_or(0).into()
    }
}

/// The word of the output behind each equal word of an alignment.
fn ends(alignment: &Alignment) -> impl Iterator<Item = usize> {
    let equal = alignment.steps.iter().filter(|step| step.is_equal());
    equal.flat_map(|step| step.output.start as usize + 1..step.output.end as usize + 1)
}

/// Of a pair or triple.
fn hash(words: &[Token]) -> u64 {
    match *words {
        [first, second] => pair(first, second),
        // Of a length that the compiler knows.
        [first, second, third] => gram(&[first, second, third]),
        _ => gram(words),
    }
}

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
