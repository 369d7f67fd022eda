//! What anyone would write first: a hash map of all exact grams of eight words, each hit extended word by word. The peer
//! that speed is compared with.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use nagalm_engine_protocol::{Engine, Match, Text};

/// Words of a gram.
const GRAM: usize = 8;
const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;

/// Where in which work a gram begins, by its hash.
pub(crate) struct Straightforward {
    grams: HashMap<u64, (u32, u32), BuildHasherDefault<Hashed>>,
    works: Vec<Vec<u64>>,
}

/// The words of a text: their hashes, and where they stand.
#[derive(Default)]
pub(crate) struct Words {
    hashes: Vec<u64>,
    places: Vec<(u32, u32)>,
}

/// An exact run of eight words or more, in words.
struct Run {
    at: usize,
    work: usize,
    place: usize,
    length: usize,
}

impl Straightforward {
    pub(crate) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut twin = Self { grams: HashMap::default(), works: Vec::new() };
        let mut words = Words::default();
        for text in texts {
            words.split(text);
            for (at, gram) in words.hashes.windows(GRAM).enumerate() {
                twin.grams.entry(hash(gram)).or_insert((twin.works.len() as u32, at as u32));
            }
            twin.works.push(words.hashes.clone());
        }
        twin
    }

    /// Words of `text` that lie in exact runs of eight or more of some work. `words` is a buffer.
    pub(crate) fn copied(&self, text: &str, words: &mut Words) -> usize {
        words.split(text);
        let mut copied = 0;
        self.each_run(words, |run| copied += run.length);
        copied
    }

    fn each_run(&self, words: &Words, mut each: impl FnMut(Run)) {
        let words = &words.hashes;
        let mut at = 0;
        while at + GRAM <= words.len() {
            at += match self.grams.get(&hash(&words[at..at + GRAM])) {
                Some(&(work, place)) => {
                    let (work, place) = (work as usize, place as usize);
                    let source = &self.works[work][place..];
                    let length = words[at..].iter().zip(source).take_while(|(a, b)| a == b).count();
                    // Two grams may have one hash.
                    if length >= GRAM {
                        each(Run { at, work, place, length });
                    }
                    length.max(1)
                }
                None => 1,
            };
        }
    }
}

impl Words {
    /// Splits a text into words of letters and digits, hashed in lower case.
    fn split(&mut self, text: &str) {
        self.hashes.clear();
        self.places.clear();
        let (mut word, mut start) = (0_u64, 0);
        for (at, c) in text.char_indices() {
            if c.is_alphanumeric() {
                if word == 0 {
                    start = at;
                }
                for lower in c.to_lowercase() {
                    word = (word ^ u64::from(u32::from(lower))).wrapping_mul(PRIME);
                    word ^= word >> 29;
                }
            } else if word != 0 {
                self.hashes.push(std::mem::take(&mut word));
                self.places.push((start as u32, at as u32));
            }
        }
        if word != 0 {
            self.hashes.push(word);
            self.places.push((start as u32, text.len() as u32));
        }
    }

    fn span(&self, first: usize, length: usize) -> Range<usize> {
        self.places[first].0 as usize..self.places[first + length - 1].1 as usize
    }
}

/// The hash map as an engine: it keeps the texts, to say where in them a run stands.
pub(crate) struct StraightforwardEngine {
    twin: Straightforward,
    works: Vec<Text>,
    /// Buffers.
    output: Words,
    work: Words,
}

impl StraightforwardEngine {
    pub(crate) fn new(works: Vec<Text>) -> Self {
        let twin = Straightforward::new(works.iter().map(|work| work.text.as_str()));
        Self { twin, works, output: Words::default(), work: Words::default() }
    }
}

impl Engine for StraightforwardEngine {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        let Self { twin, works, output, work } = self;
        output.split(text);
        twin.each_run(output, |run| {
            work.split(&works[run.work].text);
            matches.push(Match {
                work: works[run.work].id.clone(),
                output: Some(output.span(run.at, run.length)),
                source: Some(work.span(run.place, run.length)),
                also_in: Vec::new(),
            });
        });
        Ok(())
    }

    fn index_bytes(&self) -> Option<u64> {
        // The map keeps an eighth of its buckets free, and a byte of its own for each.
        let buckets = (self.twin.grams.capacity() * 8 / 7).next_power_of_two();
        let map = buckets * (size_of::<(u64, (u32, u32))>() + 1);
        let words: usize =
            self.twin.works.iter().map(|words| size_of_val(words) + words.capacity() * 8).sum();
        Some((map + words) as u64)
    }
}

fn hash(gram: &[u64]) -> u64 {
    gram.iter().fold(0, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(PRIME))
}

/// A hasher of what is hashed already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(self.0 << 8 ^ u64::from(byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_eight_words_are_found_whole() {
        let twin =
            Straightforward::new(["one two three four five six seven eight nine ten", "a b c"].into_iter());
        let mut words = Words::default();
        assert_eq!(twin.copied("Two, three four five six seven -- eight nine! eleven", &mut words), 8);
        assert_eq!(twin.copied("two three four five six seven eight", &mut words), 0);
    }
}
