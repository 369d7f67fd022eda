//! What the peers in Rust need and is none of theirs: words folded as `protocol.py` folds them for the peers in Python,
//! with their places, and works cut into blocks of eight words for what looks for many strings at once.

mod patterns;

use std::collections::HashSet;
use std::ops::Range;

use nagalm_engine_protocol::{Match, Text};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfkc_quick};

pub use patterns::{Automaton, serve_patterns};

/// Words of a block. Blocks follow each other without overlapping: a pattern for every gram would be eight times as many.
pub const BLOCK: usize = 8;

/// A text as folded words between single spaces, one at each end.
#[derive(Default)]
pub struct Folded {
    /// ` word word word `
    pub text: String,
    /// Where each word begins in `text`, and where it stands in the original, in bytes.
    words: Vec<(usize, Range<usize>)>,
}

impl Folded {
    /// Folds `text`: NFKC, lower case, letters and digits only. Reuses the buffers.
    pub fn fold(&mut self, text: &str) {
        self.text.clear();
        self.words.clear();
        self.text.push(' ');
        if text.is_ascii() {
            self.add_ascii(text, 0);
            return;
        }
        let mut at = 0;
        for chunk in text.split_inclusive(char::is_whitespace) {
            let place = at..at + chunk.trim_end().len();
            at += chunk.len();
            if chunk.is_ascii() {
                self.add_ascii(chunk, place.start);
            } else if is_nfkc_quick(chunk.chars()) == IsNormalized::Yes {
                self.add(chunk, |inner| place.start + inner.start..place.start + inner.end);
            } else {
                // Which letters a composed word came from is not told: it stands where the chunk stands.
                self.add(&chunk.nfkc().collect::<String>(), |_| place.clone());
            }
        }
    }

    /// Adds the words of ASCII text that begins at `offset`.
    fn add_ascii(&mut self, text: &str, offset: usize) {
        let mut begun = None;
        for (at, byte) in text.bytes().chain([b' ']).enumerate() {
            match begun {
                None if byte.is_ascii_alphanumeric() => begun = Some(at),
                Some(start) if !byte.is_ascii_alphanumeric() => {
                    let folded = self.text.len();
                    self.words.push((folded, offset + start..offset + at));
                    self.text.push_str(&text[start..at]);
                    self.text[folded..].make_ascii_lowercase();
                    self.text.push(' ');
                    begun = None;
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, text: &str, place: impl Fn(Range<usize>) -> Range<usize>) {
        let mut rest = 0;
        while let Some(start) = text[rest..].find(char::is_alphanumeric) {
            let start = rest + start;
            let end = text[start..]
                .find(|c: char| !c.is_alphanumeric())
                .map_or(text.len(), |length| start + length);
            self.words.push((self.text.len(), place(start..end)));
            self.text.extend(text[start..end].chars().flat_map(char::to_lowercase));
            self.text.push(' ');
            rest = end;
        }
    }

    /// How many words there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The folded text of some words, with the space before and after.
    #[must_use]
    pub fn slice(&self, words: Range<usize>) -> &str {
        let end = self.words.get(words.end).map_or(self.text.len(), |(at, _)| *at);
        &self.text[self.words[words.start].0 - 1..end]
    }

    /// Where some words stand in the original.
    #[must_use]
    pub fn place(&self, words: Range<usize>) -> Range<usize> {
        self.words[words.start].1.start..self.words[words.end - 1].1.end
    }

    /// The words of a slice of the folded text that begins with the space before a word.
    #[must_use]
    pub fn words_at(&self, slice: Range<usize>) -> Range<usize> {
        let first = self.words.partition_point(|(at, _)| *at <= slice.start);
        let end = self.words.partition_point(|(at, _)| *at < slice.end);
        first..end
    }
}

/// Windows of `length` words every `step`, the last one at the end; one where there are few words.
#[must_use]
pub fn windows(words: usize, length: usize, step: usize) -> Vec<Range<usize>> {
    if words <= length {
        return if words == 0 { Vec::new() } else { vec![0..words] };
    }
    let last = words - length;
    (0..last).step_by(step).chain([last]).map(|start| start..start + length).collect()
}

/// All different blocks of all works, and whose they are.
pub struct Blocks {
    names: Vec<String>,
    /// Work and place in its text, in bytes, for each pattern.
    owners: Vec<(u32, Range<u32>)>,
}

impl Blocks {
    /// The blocks, and the patterns to look for in the folded text. A block that stands in two works is the first's.
    #[must_use]
    pub fn new(works: Vec<Text>) -> (Self, Vec<String>) {
        let mut blocks = Self { names: Vec::new(), owners: Vec::new() };
        let mut seen = HashSet::new();
        let mut patterns = Vec::new();
        let mut folded = Folded::default();
        for (number, work) in works.into_iter().enumerate() {
            folded.fold(&work.text);
            for start in (0..folded.len().saturating_sub(BLOCK - 1)).step_by(BLOCK) {
                let words = start..start + BLOCK;
                if seen.insert(folded.slice(words.clone()).to_owned()) {
                    patterns.push(folded.slice(words.clone()).to_owned());
                    let place = folded.place(words);
                    blocks.owners.push((number as u32, place.start as u32..place.end as u32));
                }
            }
            blocks.names.push(work.id);
        }
        (blocks, patterns)
    }

    /// Makes matches of the patterns found: pattern, and its place in the folded output, in the order of the places. Blocks that
    /// follow each other on both sides are one match.
    pub fn matches(
        &self,
        output: &Folded,
        found: impl Iterator<Item = (usize, Range<usize>)>,
        matches: &mut Vec<Match>,
    ) {
        let mut previous: Option<(usize, usize)> = None;
        for (pattern, slice) in found {
            let (work, source) = self.owners[pattern].clone();
            let words = output.words_at(slice);
            let place = output.place(words.clone());
            let source = source.start as usize..source.end as usize;
            let goes_on = previous.is_some_and(|(last, end)| {
                last + 1 == pattern && end == words.start && self.owners[last].0 == work
            });
            previous = Some((pattern, words.end));
            if let Some(Match { output: Some(ours), source: Some(theirs), .. }) =
                matches.last_mut().filter(|_| goes_on)
            {
                (ours.end, theirs.end) = (place.end, source.end);
                continue;
            }
            matches.push(Match {
                work: self.names[work as usize].clone(),
                output: Some(place),
                source: Some(source),
                also_in: Vec::new(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_know_their_places() {
        let text = "«Ｅins» zwei—DREI e\u{301}t";
        let mut folded = Folded::default();
        folded.fold(text);
        assert_eq!(folded.text, " eins zwei drei ét ");
        assert_eq!(folded.slice(1..3), " zwei drei ");
        assert_eq!(&text[folded.place(1..3)], "zwei—DREI");
        assert_eq!(folded.words_at(5..16), 1..3);
    }

    #[test]
    fn windows_reach_the_end() {
        assert_eq!(windows(10, 4, 3), [0..4, 3..7, 6..10]);
        assert_eq!(windows(3, 4, 2), [0..3]);
        assert_eq!(windows(0, 4, 2), []);
    }

    #[test]
    fn blocks_in_a_row_are_one_match() {
        let text = (0..24).map(|n| format!("W{n}")).collect::<Vec<_>>().join(" ");
        let (blocks, patterns) = Blocks::new(vec![Text { id: "a".into(), text: text.clone() }]);
        assert_eq!(patterns.len(), 3);
        let output = format!("x {text}");
        let mut folded = Folded::default();
        folded.fold(&output);
        let places = [0, 1].map(|n| {
            let at = folded.text.find(&patterns[n]).unwrap();
            (n, at..at + patterns[n].len())
        });
        let mut matches = Vec::new();
        blocks.matches(&folded, places.into_iter(), &mut matches);
        assert_eq!(matches.len(), 1);
        assert_eq!(&output[matches[0].output.clone().unwrap()], &text[..text.find(" W16").unwrap()]);
    }
}
