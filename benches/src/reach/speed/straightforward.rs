//! What anyone would write first: a hash map of all exact grams of eight words, each hit extended word by word. The peer
//! that speed is compared with, on the same outputs, in the same run.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Words of a gram.
const GRAM: usize = 8;
const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;

/// Where in which work a gram begins, by its hash.
pub(super) struct Straightforward {
    grams: HashMap<u64, (u32, u32), BuildHasherDefault<Hashed>>,
    works: Vec<Vec<u64>>,
}

impl Straightforward {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut twin = Self { grams: HashMap::default(), works: Vec::new() };
        for text in texts {
            let mut words = Vec::new();
            split(text, &mut words);
            for (at, gram) in words.windows(GRAM).enumerate() {
                twin.grams.entry(hash(gram)).or_insert((twin.works.len() as u32, at as u32));
            }
            twin.works.push(words);
        }
        twin
    }

    /// Words of `text` that lie in exact runs of eight or more of some work. `words` is a buffer.
    pub(super) fn copied(&self, text: &str, words: &mut Vec<u64>) -> usize {
        split(text, words);
        let (mut at, mut copied) = (0, 0);
        while at + GRAM <= words.len() {
            at += match self.grams.get(&hash(&words[at..at + GRAM])) {
                Some(&(work, place)) => {
                    let source = &self.works[work as usize][place as usize..];
                    let run = words[at..].iter().zip(source).take_while(|(a, b)| a == b).count();
                    copied += run;
                    run.max(1)
                }
                None => 1,
            };
        }
        copied
    }
}

/// Hashes of the words of a text: letters and digits in lower case.
fn split(text: &str, words: &mut Vec<u64>) {
    words.clear();
    let mut word = 0_u64;
    for c in text.chars() {
        if c.is_alphanumeric() {
            for lower in c.to_lowercase() {
                word = (word ^ u64::from(u32::from(lower))).wrapping_mul(PRIME);
                word ^= word >> 29;
            }
        } else if word != 0 {
            words.push(std::mem::take(&mut word));
        }
    }
    if word != 0 {
        words.push(word);
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
        let mut words = Vec::new();
        assert_eq!(twin.copied("Two, three four five six seven -- eight nine! eleven", &mut words), 8);
        assert_eq!(twin.copied("two three four five six seven eight", &mut words), 0);
    }
}
