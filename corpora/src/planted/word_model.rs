//! Texts with the word statistics of other texts.

use std::collections::HashMap;

use super::Rng;

/// A bigram model of words with back-off to single words, for as much text as a benchmark wants.
///
/// A word is what stands between white space, with its punctuation and the white space after it, so that generated
/// text has the commas and line breaks of the text it was trained on. The back-off weight is Witten and Bell's: after
/// a word seen N times with T different followers, the next word is drawn from all words with probability
/// T / (N + T). Rare words thus do not drag whole passages of the training text after them.
///
/// Holds about twelve bytes per word of training text.
#[derive(Clone, Debug)]
pub struct WordModel {
    /// Different words, in the order of their first appearance.
    words: Vec<Box<str>>,
    /// The training text as places in `words`.
    tokens: Vec<u32>,
    /// Places in `tokens` that have a follower, grouped by word.
    places: Vec<u32>,
    /// Where each word's group begins in `places`, and one more entry for the end.
    groups: Vec<u32>,
    /// How many different followers each word has.
    followers: Vec<u32>,
}

impl WordModel {
    /// Trains on texts; the same texts in the same order give the same model. Takes O(n log n) for n words; texts
    /// beyond 2^32 - 1 words in all are left out.
    pub fn train<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut words = Vec::new();
        let mut tokens = Vec::new();
        for word in texts.into_iter().flat_map(words_with_space).take(u32::MAX as usize) {
            tokens.push(*numbers.entry(word).or_insert_with(|| {
                words.push(Box::from(word));
                words.len() as u32 - 1
            }));
        }

        let mut groups = vec![0_u32; words.len() + 1];
        let with_follower = tokens.len().saturating_sub(1);
        for &token in &tokens[..with_follower] {
            groups[token as usize + 1] += 1;
        }
        for word in 0..words.len() {
            groups[word + 1] += groups[word];
        }
        let mut free = groups.clone();
        let mut places = vec![0_u32; with_follower];
        for (place, &token) in tokens[..with_follower].iter().enumerate() {
            places[free[token as usize] as usize] = place as u32;
            free[token as usize] += 1;
        }
        let followers = groups
            .windows(2)
            .map(|group| {
                let mut next: Vec<u32> = places[group[0] as usize..group[1] as usize]
                    .iter()
                    .map(|&place| tokens[place as usize + 1])
                    .collect();
                next.sort_unstable();
                next.dedup();
                next.len() as u32
            })
            .collect();
        Self { words, tokens, places, groups, followers }
    }

    /// How many different words were seen.
    pub fn vocabulary(&self) -> usize {
        self.words.len()
    }

    /// A text of at least `characters` code points, ending with the word that reaches them; empty where the model
    /// was trained on nothing. Linear in the length of the text.
    pub fn generate(&self, characters: usize, rng: &mut Rng) -> String {
        let mut text = String::with_capacity(characters + characters / 16);
        let mut count = 0;
        let mut last = None;
        while count < characters {
            let Some(next) = self.next(last, rng) else { break };
            let word = &self.words[next as usize];
            text.push_str(word);
            count += word.chars().count();
            last = Some(next);
        }
        text.truncate(text.trim_end().len());
        text
    }

    fn next(&self, last: Option<u32>, rng: &mut Rng) -> Option<u32> {
        if let Some(last) = last.map(|last| last as usize) {
            let group = &self.places[self.groups[last] as usize..self.groups[last + 1] as usize];
            let seen = group.len() as f64;
            let different = f64::from(self.followers[last]);
            if !group.is_empty() && !rng.chance(different / (seen + different)) {
                return rng.pick(group).map(|&place| self.tokens[place as usize + 1]);
            }
        }
        rng.pick(&self.tokens).copied()
    }
}

/// The words of a text, each with the white space after it; the last gets a space where it has none.
fn words_with_space(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start();
    std::iter::from_fn(move || {
        let end = rest.find(char::is_whitespace)?;
        let after = rest[end..].find(|c: char| !c.is_whitespace()).map_or(rest.len(), |space| end + space);
        let (word, remaining) = rest.split_at(after);
        rest = remaining;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "The old ferry waits,\nthe old man rows.\nThe ferry waits for the tide and the old tide waits.\n";

    #[test]
    fn words_keep_their_punctuation_and_line_breaks() {
        let words: Vec<&str> = words_with_space("  One, two.\n\nThree ").collect();
        assert_eq!(words, ["One, ", "two.\n\n", "Three "]);
    }

    #[test]
    fn generated_text_has_the_wanted_length_and_only_known_words() {
        let model = WordModel::train([TEXT]);
        let text = model.generate(500, &mut Rng::new(1));
        let count = text.chars().count();
        assert!((490..520).contains(&count), "{count} characters");
        let known: Vec<&str> = TEXT.split_whitespace().collect();
        assert!(text.split_whitespace().all(|word| known.contains(&word)));
        assert!(text.contains('\n'));
    }

    #[test]
    fn the_same_seed_gives_the_same_text_and_another_another() {
        let model = WordModel::train([TEXT]);
        assert_eq!(model.generate(300, &mut Rng::new(5)), model.generate(300, &mut Rng::new(5)));
        assert_ne!(model.generate(300, &mut Rng::new(5)), model.generate(300, &mut Rng::new(6)));
    }

    #[test]
    fn frequent_pairs_stay_frequent() {
        let model = WordModel::train([TEXT.repeat(50).as_str()]);
        let text = model.generate(20_000, &mut Rng::new(2));
        let old = text.matches("old ").count();
        let pairs = text.matches("old ferry").count()
            + text.matches("old man").count()
            + text.matches("old tide").count();
        // After 150 times "old" with three followers, two draws in a hundred are free.
        assert!(pairs * 10 > old * 9, "{pairs} of {old}");
    }

    #[test]
    fn nothing_comes_of_nothing() {
        assert_eq!(WordModel::train(["", "  \n"]).generate(100, &mut Rng::new(1)), "");
        assert_eq!(WordModel::train(["one "]).generate(9, &mut Rng::new(1)), "one one one");
    }
}
