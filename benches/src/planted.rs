//! Copies passages of works into texts that hold none, altered by a known amount and disguised: the place and the
//! work are then known, and a scan can be held to them.

use std::ops::Range;

use rand::seq::{IndexedRandom as _, index};
use rand::{Rng, RngExt as _};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// Shares of a passage's words that are edited, in percent.
pub(crate) const EDITED: [usize; 5] = [0, 5, 10, 20, 30];

/// Classes of a passage's length in characters; each takes an equal share of the passages.
pub(crate) const LENGTHS: [Range<usize>; 4] = [80..150, 150..300, 300..600, 600..1000];

/// A passage of a work that was copied into an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plant {
    /// Index of the work.
    pub(crate) work: usize,
    /// Bytes of the work that were copied.
    pub(crate) source: Range<usize>,
    /// Bytes of the output where the altered copy stands.
    pub(crate) place: Range<usize>,
    /// Index into [`EDITED`].
    pub(crate) edited: usize,
    /// Index into [`LENGTHS`].
    pub(crate) length: usize,
}

/// A word as it stands in a text, with what follows it up to the next word.
#[derive(Clone, Copy)]
struct Token<'a> {
    start: usize,
    word: &'a str,
    separator: &'a str,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.word.len()
    }
}

/// Splits at white space; in scripts that are written without it, every character is a word.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found: Vec<Token<'_>> = Vec::new();
    let mut start = None;
    let mut finish = |from: usize, to: usize| {
        if let Some(last) = found.last_mut() {
            last.separator = &text[last.start + last.word.len()..from];
        }
        found.push(Token { start: from, word: &text[from..to], separator: "" });
    };
    for (at, symbol) in text.char_indices() {
        let alone = matches!(symbol, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}');
        if symbol.is_whitespace() || alone {
            if let Some(from) = start.take() {
                finish(from, at);
            }
            if alone {
                finish(at, at + symbol.len_utf8());
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(from) = start {
        finish(from, text.len());
    }
    found
}

/// The words of a text, as a pool that edits draw from.
pub(crate) fn vocabulary(text: &str) -> Vec<String> {
    tokens(text)
        .iter()
        .map(|t| t.word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A passage of whole words with a length drawn from `lengths` (characters), or `None` where the text is too short.
pub(crate) fn choose_passage(text: &str, lengths: &Range<usize>, rng: &mut impl Rng) -> Option<Range<usize>> {
    let tokens = tokens(text);
    let wanted = rng.random_range(lengths.clone());
    let ends_at = |first: usize| {
        let mut length = 0;
        tokens[first..].iter().find_map(|token| {
            length += token.word.chars().count();
            let end = (length >= wanted).then(|| token.end());
            length += token.separator.chars().count();
            end
        })
    };
    // The last start from which the wanted length is still there.
    let starts = (0..tokens.len()).rev().find(|&first| ends_at(first).is_some())? + 1;
    let first = rng.random_range(0..starts);
    Some(tokens[first].start..ends_at(first)?)
}

/// Edits `percent` of the words, to the nearest word: half are replaced by words of `vocabulary`, a quarter get such
/// a word beside them, a quarter go. The first and the last word never gain a neighbour on the outside.
pub(crate) fn edit(passage: &str, percent: usize, vocabulary: &[String], rng: &mut impl Rng) -> String {
    let tokens = tokens(passage);
    let edits = (tokens.len() * percent + 50) / 100;
    let mut edited = vec![false; tokens.len()];
    for at in index::sample(rng, tokens.len(), edits) {
        edited[at] = true;
    }
    let mut text = String::with_capacity(passage.len() + passage.len() / 4);
    let keep_separator = |text: &mut String, token: &Token<'_>, last: bool| {
        if !last {
            text.push_str(token.separator);
        }
    };
    for (at, token) in tokens.iter().enumerate() {
        let last = at + 1 == tokens.len();
        if !edited[at] {
            text.push_str(token.word);
            keep_separator(&mut text, token, last);
            continue;
        }
        match rng.random_range(0..4) {
            0 | 1 => {
                text.push_str(other_word(token.word, vocabulary, rng));
                keep_separator(&mut text, token, last);
            }
            2 if tokens.len() > 1 => {
                let other = other_word(token.word, vocabulary, rng);
                let (first, second) = if last { (other, token.word) } else { (token.word, other) };
                text.push_str(first);
                text.push(' ');
                text.push_str(second);
                keep_separator(&mut text, token, last);
            }
            _ => {}
        }
    }
    text.trim_end().to_owned()
}

/// Draws a word that is not `word`.
fn other_word<'a>(word: &str, vocabulary: &'a [String], rng: &mut impl Rng) -> &'a str {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    for _ in 0..8 {
        if let Some(drawn) = vocabulary.choose(rng)
            && drawn.to_lowercase() != word
        {
            return drawn;
        }
    }
    "otherwise"
}

/// Changes what a reader would not call a change: case, punctuation, layout and Unicode form, each in one passage of
/// four.
pub(crate) fn disguise(passage: &str, rng: &mut impl Rng) -> String {
    let mut text = passage.to_owned();
    if rng.random_ratio(1, 4) {
        text = match rng.random_range(0..3) {
            0 => text.to_lowercase(),
            1 => text.to_uppercase(),
            _ => capitalised(&text),
        };
    }
    if rng.random_ratio(1, 4) {
        text = if rng.random() { without_outer_punctuation(&text) } else { typographic(&text) };
    }
    if rng.random_ratio(1, 4) {
        let every = rng.random_range(4..12);
        let between = *["\n", "\n\n", "  ", " / ", "\u{a0}"].choose(rng).unwrap_or(&"\n");
        text = laid_out(&text, every, between);
    }
    if rng.random_ratio(1, 4) {
        text =
            if rng.random() { text.nfd().collect() } else { text.replace("fi", "ﬁ").replace("fl", "ﬂ") };
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut at_start = true;
    let mut capitalised = String::with_capacity(text.len());
    for symbol in text.chars() {
        if at_start {
            capitalised.extend(symbol.to_uppercase());
        } else {
            capitalised.push(symbol);
        }
        at_start = symbol.is_whitespace();
    }
    capitalised
}

fn without_outer_punctuation(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for token in tokens(text) {
        plain.push_str(
            token.word.trim_matches(|c: char| c.is_ascii_punctuation() || "…–—“”„‘’»«".contains(c)),
        );
        plain.push_str(token.separator);
    }
    plain
}

fn typographic(text: &str) -> String {
    text.replace(" \"", " “").replace('"', "”").replace('\'', "’").replace("...", "…").replace(" - ", " — ")
}

fn laid_out(text: &str, every: usize, between: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, token) in tokens(text).iter().enumerate() {
        out.push_str(token.word);
        if !token.separator.is_empty() {
            out.push_str(if at % every == every - 1 { between } else { " " });
        }
    }
    out
}

/// Puts a passage into a text at a word's start, in place of as many characters, and says where it stands.
pub(crate) fn embed(host: &str, passage: &str, rng: &mut impl Rng) -> (String, Range<usize>) {
    let tokens = tokens(host);
    let length = passage.chars().count();
    let mut room = 0;
    let starts = tokens.iter().rev().position(|token| {
        room += token.word.chars().count() + token.separator.chars().count();
        room >= length
    });
    // A host that is shorter than the passage is replaced but for its first and last word.
    let last_start = starts.map_or(1, |from_end| tokens.len() - 1 - from_end).max(1);
    let first = rng.random_range(1..=last_start);
    let mut text = String::with_capacity(host.len() + passage.len());
    let head_end = tokens.get(first - 1).map_or(0, Token::end);
    text.push_str(&host[..head_end]);
    text.push_str(if rng.random() { "\n\n" } else { " " });
    let start = text.len();
    text.push_str(passage);
    let end = text.len();
    let mut replaced = 0;
    let rest = tokens[first.min(tokens.len())..].iter().find(|token| {
        let enough = replaced >= length;
        replaced += token.word.chars().count() + token.separator.chars().count();
        enough
    });
    if let Some(rest) = rest {
        text.push_str(if rng.random() { "\n\n" } else { " " });
        text.push_str(&host[rest.start..]);
    }
    (text, start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::words;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    fn text(words: usize) -> String {
        (0..words).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn edits_are_as_many_as_asked() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let original = text(100);
        for percent in EDITED {
            let edited = edit(&original, percent, &["other".into()], &mut rng);
            let kept = words(&edited).iter().filter(|w| w.as_str() != "other").count();
            let touched = words(&edited).iter().filter(|w| w.as_str() == "other").count() + (100 - kept);
            assert!(touched >= percent && touched <= 2 * percent, "{percent}: {touched}");
            if percent == 0 {
                assert_eq!(edited, original);
            }
        }
    }

    #[test]
    fn a_passage_has_the_wanted_length() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let work = text(200);
        for lengths in LENGTHS {
            for _ in 0..50 {
                let range = choose_passage(&work, &lengths, &mut rng).expect("the work is long enough");
                let length = work[range].chars().count();
                assert!(lengths.start <= length && length < lengths.end + 8, "{length}");
            }
        }
        assert_eq!(choose_passage("too short", &LENGTHS[0], &mut rng), None);
    }

    #[test]
    fn an_embedded_passage_stands_where_it_is_said_to() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let host = text(300);
        for _ in 0..100 {
            let (embedded, place) = embed(&host, "here it stands", &mut rng);
            assert_eq!(&embedded[place], "here it stands");
            assert!(embedded.starts_with("word0") && embedded.len().abs_diff(host.len()) < 30);
        }
    }

    #[test]
    fn a_disguise_keeps_the_words() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let passage = "“Finally,” said the fluffy cat - it's so late... Ja, über Nacht!";
        for _ in 0..200 {
            assert_eq!(words(&disguise(passage, &mut rng)), words(passage));
        }
    }
}
