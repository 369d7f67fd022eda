//! Text from a word model, where there is too little real text: each word follows the one before it somewhere in the
//! training text.

use std::collections::HashMap;

use rand::{Rng, RngExt as _};

/// Below this many occurrences a word's successors say more about one sentence than about the language: the next
/// word is then drawn from all.
const LEAST_OCCURRENCES: usize = 20;

/// Successive words of a text.
pub(crate) struct WordModel<'a> {
    words: Vec<&'a str>,
    places: Vec<Vec<u32>>,
    identity: Vec<u32>,
}

impl<'a> WordModel<'a> {
    /// Learns from `texts`: time and memory linear in their words.
    pub(crate) fn train(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = texts.into_iter().flat_map(str::split_whitespace).collect();
        let mut known: HashMap<&str, u32> = HashMap::new();
        let mut places: Vec<Vec<u32>> = Vec::new();
        let mut identity = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            let id = *known.entry(word).or_insert_with(|| {
                places.push(Vec::new());
                places.len() as u32 - 1
            });
            places[id as usize].push(at as u32);
            identity.push(id);
        }
        Self { words, places, identity }
    }

    /// A text of about `length` characters, in lines of about ten words. Empty where nothing was learnt.
    pub(crate) fn write(&self, length: usize, rng: &mut impl Rng) -> String {
        let mut text = String::with_capacity(length + 16);
        if self.words.is_empty() {
            return text;
        }
        let mut at = rng.random_range(0..self.words.len());
        let (mut held, mut in_line) = (0, 0);
        while held < length {
            text.push_str(self.words[at]);
            in_line += 1;
            let line_ends = in_line >= 8 && rng.random_ratio(1, 4);
            text.push(if line_ends { '\n' } else { ' ' });
            in_line = if line_ends { 0 } else { in_line };
            held += self.words[at].chars().count() + 1;
            let places = &self.places[self.identity[at] as usize];
            at = if places.len() < LEAST_OCCURRENCES || rng.random_ratio(1, 10) {
                rng.random_range(0..self.words.len())
            } else {
                (places[rng.random_range(0..places.len())] as usize + 1) % self.words.len()
            };
        }
        text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn writes_known_words_to_length() {
        let training = "the cat sat on the mat and the dog sat on the cat ".repeat(30);
        let model = WordModel::train([training.as_str()]);
        let text = model.write(500, &mut ChaCha8Rng::seed_from_u64(5));
        assert!((499..520).contains(&text.chars().count()));
        assert!(text.split_whitespace().all(|w| training.contains(w)));
        assert_eq!(WordModel::train([]).write(10, &mut ChaCha8Rng::seed_from_u64(5)), "");
    }
}
