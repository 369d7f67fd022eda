//! The naive twin: every run of eight equal words, in every work, compared word by word as strings. No hashes, nothing
//! clever, far too slow for more than a smoke run; what it says is the truth that others are held to.

use std::collections::BTreeMap;
use std::ops::Range;

use nagalm_engine_protocol::{Engine, Match, Text};

use crate::answer::placed_words;

/// Words of a run.
pub(crate) const RUN: usize = 8;

pub(crate) struct Naive {
    works: Vec<Work>,
    /// Where each word stands: work, place.
    places: BTreeMap<String, Vec<(usize, usize)>>,
}

struct Work {
    id: String,
    words: Vec<(String, Range<usize>)>,
}

impl Naive {
    pub(crate) fn new(works: Vec<Text>) -> Self {
        let works: Vec<Work> =
            works.into_iter().map(|work| Work { words: placed_words(&work.text), id: work.id }).collect();
        let mut places: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, work) in works.iter().enumerate() {
            for (at, (word, _)) in work.words.iter().enumerate() {
                places.entry(word.clone()).or_default().push((number, at));
            }
        }
        Self { works, places }
    }
}

impl Engine for Naive {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        let words = placed_words(text);
        for at in 0..words.len() {
            for &(number, place) in self.places.get(&words[at].0).map_or(&[][..], Vec::as_slice) {
                let work = &self.works[number];
                // A run is told once, from its first word.
                if at > 0 && place > 0 && words[at - 1].0 == work.words[place - 1].0 {
                    continue;
                }
                let pairs = words[at..].iter().zip(&work.words[place..]);
                let length = pairs.take_while(|((ours, _), (theirs, _))| ours == theirs).count();
                if length >= RUN {
                    matches.push(Match {
                        work: work.id.clone(),
                        output: Some(words[at].1.start..words[at + length - 1].1.end),
                        source: Some(work.words[place].1.start..work.words[place + length - 1].1.end),
                        also_in: Vec::new(),
                    });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_maximal_and_told_for_every_work() {
        let work = |id: &str, text: &str| Text { id: id.into(), text: text.into() };
        let mut naive = Naive::new(vec![
            work("a", "zero one two three four five six seven eight nine"),
            work("b", "One, two, three, four, five, six, seven, eight!"),
        ]);
        let mut matches = Vec::new();
        naive.scan("X one two three four five six seven eight nine y", &mut matches).unwrap();
        let told: Vec<_> = matches.iter().map(|m| (m.work.as_str(), m.output.clone().unwrap())).collect();
        assert_eq!(told, [("a", 2..46), ("b", 2..41)]);
        naive.scan("one two three four five six seven 8", &mut matches).unwrap();
        assert_eq!(matches.len(), 2);
    }
}
