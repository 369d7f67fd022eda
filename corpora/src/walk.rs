//! The attack on hashed texts: walking a text word by word, with a language model's guesses and something that confirms
//! them.
//!
//! ```text
//! known   I counted my coins by the light of ...
//! guess                                       a     the     my          ranked by the model
//! confirm    [ my coins by the light of the ? ]                         is this gram stored?
//! ```
//!
//! Where every gram is stored, each word is confirmed by itself. Where some are, all words up to the next stored one must
//! be guessed together, the likeliest first (uniform-cost search; Dijkstra 1959): since any gram is as likely to be stored as
//! any other, no other order finds the next one sooner on average. The attacker is strong: it knows how each text begins,
//! and guesses as often as it is let.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// A trigram model of words, by linear interpolation (Jelinek and Mercer 1980).
pub struct Guesser {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Followers of two words, of one, and all words: the most frequent first, with how often.
    triples: HashMap<(u32, u32), Followers>,
    pairs: HashMap<u32, Followers>,
    singles: Followers,
    /// Bits that a word has on average, as the model sees text that it was not made from.
    bits: f64,
}

#[derive(Default)]
struct Followers {
    ranked: Vec<(u32, u32)>,
    counts: HashMap<u32, u32>,
    total: u32,
}

impl Followers {
    fn new(counts: HashMap<u32, u32>) -> Self {
        let mut ranked: Vec<(u32, u32)> = counts.iter().map(|(&word, &count)| (word, count)).collect();
        ranked.sort_unstable_by_key(|&(word, count)| (Reverse(count), word));
        let total = ranked.iter().map(|&(_, count)| count).sum();
        Self { ranked, counts, total }
    }

    /// The share of a word among them.
    fn share(&self, word: u32) -> f64 {
        f64::from(self.counts.get(&word).copied().unwrap_or(0)) / f64::from(self.total.max(1))
    }
}

/// Weights of the three orders.
const TRIPLE: f64 = 0.6;
const PAIR: f64 = 0.3;
const SINGLE: f64 = 0.1;

impl Guesser {
    /// A model of texts that are given as words. The last tenth only says how well it guesses. Memory and time are linear
    /// in the words.
    #[must_use]
    pub fn train<'a>(texts: impl IntoIterator<Item = Vec<&'a str>>) -> Self {
        let mut words = Vec::new();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut all: Vec<Vec<u32>> = Vec::new();
        for text in texts {
            let number = |word: &str| {
                *numbers.entry(word.to_owned()).or_insert_with(|| {
                    words.push(word.to_owned());
                    words.len() as u32 - 1
                })
            };
            all.push(text.into_iter().map(number).collect());
        }
        let held_out = all.split_off(all.len() - all.len() / 10);
        let mut triples: HashMap<(u32, u32), HashMap<u32, u32>> = HashMap::new();
        let mut pairs: HashMap<u32, HashMap<u32, u32>> = HashMap::new();
        let mut singles: HashMap<u32, u32> = HashMap::new();
        for text in &all {
            text.iter().for_each(|&word| *singles.entry(word).or_default() += 1);
            for &[before, word] in text.array_windows() {
                *pairs.entry(before).or_default().entry(word).or_default() += 1;
            }
            for &[first, second, word] in text.array_windows() {
                *triples.entry((first, second)).or_default().entry(word).or_default() += 1;
            }
        }
        let mut guesser = Self {
            words,
            numbers,
            triples: triples.into_iter().map(|(key, counts)| (key, Followers::new(counts))).collect(),
            pairs: pairs.into_iter().map(|(key, counts)| (key, Followers::new(counts))).collect(),
            singles: Followers::new(singles),
            bits: 0.0,
        };
        let windows = || held_out.iter().flat_map(|text| text.array_windows());
        let bits: f64 = windows().map(|&[a, b, c]| -guesser.share(a, b, c).log2()).sum();
        guesser.bits = bits / windows().count().max(1) as f64;
        guesser
    }

    /// Bits that a word has on average: how hard words are to guess.
    #[must_use]
    pub fn bits_per_word(&self) -> f64 {
        self.bits
    }

    fn share(&self, first: u32, second: u32, word: u32) -> f64 {
        let of = |followers: Option<&Followers>| followers.map_or(0.0, |f| f.share(word));
        let floor = 0.01 / self.words.len().max(1) as f64;
        TRIPLE * of(self.triples.get(&(first, second)))
            + PAIR * of(self.pairs.get(&second))
            + SINGLE * of(Some(&self.singles))
            + floor
    }

    /// The words that followed two others, the likeliest first, with their probabilities.
    fn followers(&self, first: u32, second: u32) -> Vec<(u32, f64)> {
        let Some(followers) = self.triples.get(&(first, second)) else { return Vec::new() };
        let behind_second = self.pairs.get(&second);
        let share = |word| {
            TRIPLE * followers.share(word) + PAIR * behind_second.map_or(0.0, |behind| behind.share(word))
        };
        let mut ranked: Vec<(u32, f64)> =
            followers.ranked.iter().map(|&(word, _)| (word, share(word))).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked
    }
}

/// A word that the model does not know.
const UNKNOWN: u32 = u32::MAX;

/// A guess that waits for its turn.
struct Waiting {
    /// log2 of the probability of all words guessed so far, with this one.
    log_probability: f64,
    /// The word before it, by its place among all that were guessed; `None`: the last that is known.
    before: Option<usize>,
    word: u32,
    /// Where the next likely word behind `before` stands.
    from: Stream,
    rank: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Stream {
    /// Among the words that followed the two before.
    BehindTwo,
    /// Among those that followed the one before, but not the two.
    BehindOne,
    /// Among all words.
    AllWords,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |w: &Self| (Reverse(w.before), Reverse(w.word));
        self.log_probability.total_cmp(&other.log_probability).then_with(|| key(self).cmp(&key(other)))
    }
}

/// A word that was guessed.
struct Node {
    word: u32,
    before: Option<usize>,
    log_probability: f64,
}

/// What is walked through, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    /// Words of a gram.
    pub gram: usize,
    /// Grams in a row of which one is stored at least: so many words are guessed together at the most.
    pub window: usize,
    /// Guesses from one confirmed word to the next.
    pub guesses: usize,
    /// Words in all, those that are known included.
    pub most: usize,
}

/// Walks on from the words `known` for as long as `confirms` confirms grams. Gives the words behind those that were known.
pub fn walk(
    model: &Guesser,
    known: &[&str],
    walk: Walk,
    mut confirms: impl FnMut(&[&str]) -> bool,
) -> Vec<String> {
    let Walk { most, .. } = walk;
    let mut text: Vec<String> = known.iter().map(|&word| word.to_owned()).collect();
    let mut cache = HashMap::new();
    let mut confirmed: HashSet<String> = HashSet::new();
    // Where few grams are stored, one that comes again leads in a circle, not on.
    let mut confirms =
        |gram: &[&str]| confirms(gram) && (walk.window == 1 || confirmed.insert(gram.join(" ")));
    while text.len() < most {
        let Some(found) = Step::new(model, &text, walk, &mut cache).next(&mut confirms) else { break };
        text.extend(found);
    }
    text.truncate(most);
    text.split_off(known.len().min(most))
}

/// What follows two words.
type Cache = HashMap<(u32, u32), Vec<(u32, f64)>>;

/// The search for the next word that is confirmed.
struct Step<'a> {
    model: &'a Guesser,
    /// The last words that are known: those of a gram, but for one.
    text: &'a [String],
    /// The last two of them.
    last: (u32, u32),
    walk: Walk,
    cache: &'a mut Cache,
    nodes: Vec<Node>,
    waiting: BinaryHeap<Waiting>,
}

impl<'a> Step<'a> {
    fn new(model: &'a Guesser, text: &'a [String], walk: Walk, cache: &'a mut Cache) -> Self {
        let number = |back: usize| {
            let word = text.len().checked_sub(back).and_then(|at| text.get(at));
            word.and_then(|word| model.numbers.get(word)).copied().unwrap_or(UNKNOWN)
        };
        let last = (number(2), number(1));
        let text = &text[text.len().saturating_sub(walk.gram - 1)..];
        Self { model, text, last, walk, cache, nodes: Vec::new(), waiting: BinaryHeap::new() }
    }

    /// The words up to the next that is confirmed.
    fn next(mut self, confirms: &mut impl FnMut(&[&str]) -> bool) -> Option<Vec<String>> {
        self.offer_first(None);
        for _ in 0..self.walk.guesses {
            let Waiting { log_probability, before, word, from, rank } = self.waiting.pop()?;
            self.offer(before, from, rank + 1);
            self.nodes.push(Node { word, before, log_probability });
            let node = self.nodes.len() - 1;
            let guessed = self.words(node);
            let needed = self.walk.gram.saturating_sub(guessed.len());
            let known = &self.text[self.text.len().saturating_sub(needed)..];
            let mut gram: Vec<&str> = known.iter().map(String::as_str).collect();
            gram.extend(&guessed[guessed.len().saturating_sub(self.walk.gram)..]);
            if gram.len() == self.walk.gram && confirms(&gram) {
                return Some(guessed.iter().map(|&word| word.to_owned()).collect());
            }
            if guessed.len() < self.walk.window {
                self.offer_first(Some(node));
            }
        }
        None
    }

    /// The words that were guessed, up to one.
    fn words(&self, node: usize) -> Vec<&'a str> {
        let back = std::iter::successors(Some(node), |&at| self.nodes[at].before);
        let mut words: Vec<&str> = back.map(|at| &*self.model.words[self.nodes[at].word as usize]).collect();
        words.reverse();
        words
    }

    fn offer_first(&mut self, before: Option<usize>) {
        for from in [Stream::BehindTwo, Stream::BehindOne, Stream::AllWords] {
            self.offer(before, from, 0);
        }
    }

    /// Puts a word behind another among those that wait.
    fn offer(&mut self, before: Option<usize>, from: Stream, rank: usize) {
        let (context, log_probability) = match before {
            None => (self.last, 0.0),
            Some(at) => {
                let node = &self.nodes[at];
                let first = node.before.map_or(self.last.1, |before| self.nodes[before].word);
                ((first, node.word), node.log_probability)
            }
        };
        let model = self.model;
        let next = match from {
            Stream::BehindTwo => {
                let followers =
                    self.cache.entry(context).or_insert_with(|| model.followers(context.0, context.1));
                followers.get(rank).map(|&(word, share)| (word, share, rank))
            }
            Stream::BehindOne => model.pairs.get(&context.1).and_then(|pair| {
                let offered = model.triples.get(&context);
                let mut rest = (rank..).zip(pair.ranked.get(rank..)?);
                let (rank, &(word, _)) =
                    rest.find(|(_, (word, _))| offered.is_none_or(|f| !f.counts.contains_key(word)))?;
                Some((word, PAIR * pair.share(word), rank))
            }),
            Stream::AllWords => {
                let all = model.singles.ranked.get(rank);
                all.map(|&(word, _)| (word, SINGLE * model.singles.share(word), rank))
            }
        };
        if let Some((word, share, rank)) = next {
            let log_probability = log_probability + share.log2();
            self.waiting.push(Waiting { log_probability, before, word, from, rank });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_which_every_gram_is_confirmed_is_recovered_whole() {
        let texts = [
            "one two three four five six seven eight nine ten",
            "ten two four six eight five three one nine seven",
        ];
        let split = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        let model = Guesser::train(texts.map(split));
        let secret = split("one two three four six eight nine seven eight ten two");
        let confirms = |gram: &[&str]| secret.windows(3).any(|window| window == gram);
        let every = Walk { gram: 3, window: 1, guesses: 1000, most: secret.len() };
        assert_eq!(walk(&model, &secret[..2], every, confirms), secret[2..]);
        // Where only some are, the words between must be guessed together.
        let some = |gram: &[&str]| [4, 7, 8].iter().any(|&at| secret[at - 2..=at] == *gram);
        let sampled = Walk { window: 3, guesses: 5000, most: 9, ..every };
        assert_eq!(walk(&model, &secret[..2], sampled, some), secret[2..9]);
        assert!(walk(&model, &secret[..2], Walk { guesses: 3, ..sampled }, some).is_empty());
    }
}
