//! What an answer is held against: words as this crate sees them, on purpose without the library's own folding.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Apostrophes and the soft hyphen stand inside words.
const JOINING: [char; 5] = ['\'', '’', '‘', 'ʼ', '\u{ad}'];

/// The words of a text: compatibility-decomposed, lower case, without marks; an apostrophe joins, everything else
/// that is neither letter nor digit parts.
pub(crate) fn words(text: &str) -> Vec<String> {
    split(text.nfkd().map(|symbol| (symbol, 0))).map(|(word, _)| word).collect()
}

/// The same words, each with its place in bytes.
pub(crate) fn placed_words(text: &str) -> Vec<(String, Range<usize>)> {
    // Symbol by symbol: marks go anyway, and so the order in which they stand does not matter.
    let symbols = text
        .char_indices()
        .flat_map(|(at, symbol)| std::iter::once(symbol).nfkd().map(move |part| (part, at)));
    split(symbols)
        .map(|(word, Range { start, end: last })| {
            let end = last + text[last..].chars().next().map_or(0, char::len_utf8);
            (word, start..end)
        })
        .collect()
}

/// Words with the place of their first and their last symbol.
fn split(mut symbols: impl Iterator<Item = (char, usize)>) -> impl Iterator<Item = (String, Range<usize>)> {
    std::iter::from_fn(move || {
        let mut word = String::new();
        let mut place = 0..0;
        for (symbol, at) in symbols.by_ref() {
            if symbol.is_alphanumeric() {
                if word.is_empty() {
                    place.start = at;
                }
                place.end = at;
                if symbol == 'ß' {
                    word.push_str("ss");
                } else {
                    word.extend(symbol.to_lowercase());
                }
            } else if !word.is_empty() && !is_combining_mark(symbol) && !JOINING.contains(&symbol) {
                break;
            }
        }
        (!word.is_empty()).then_some((word, place))
    })
}

/// A text as words between single spaces, one at each end too, so that `contains` finds whole words only.
pub(crate) fn spaced(text: &str) -> String {
    format!(" {} ", words(text).join(" "))
}

/// Whether `work` holds the words of `passage` in one unbroken run.
pub(crate) fn holds_words(work: &str, passage: &str) -> bool {
    spaced(work).contains(&spaced(passage))
}

/// Whether at least 90% of the four-word grams of `passage` stand in `work`: the same passage, as far as a reader
/// cares, though a printer changed a word.
pub(crate) fn nearly_holds(work: &str, passage: &str) -> bool {
    let passage = words(passage);
    if passage.len() < 4 {
        return spaced(work).contains(&format!(" {} ", passage.join(" ")));
    }
    let work = words(work);
    let stored: std::collections::HashSet<&[String]> = work.windows(4).collect();
    let held = passage.windows(4).filter(|gram| stored.contains(gram)).count();
    held * 10 >= (passage.len() - 3) * 9
}

/// Hashes of all runs of `length` words of a text.
pub(crate) fn run_hashes(text: &str, length: usize) -> Vec<u64> {
    words(text)
        .windows(length)
        .map(|run| {
            let mut hasher = DefaultHasher::new();
            run.hash(&mut hasher);
            hasher.finish()
        })
        .collect()
}

/// The letters and digits of a text, folded.
pub(crate) fn letters(text: &str) -> String {
    words(text).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_what_readers_fold() {
        assert_eq!(words("Weiß’s — Fluſſ, cafe\u{301}!"), ["weisss", "fluss", "cafe"]);
    }

    #[test]
    fn words_know_their_places() {
        let text = "«Weiß’s» ﬁn cafe\u{301}!";
        let placed: Vec<(String, &str)> =
            placed_words(text).into_iter().map(|(word, place)| (word, &text[place])).collect();
        let expected = [("weisss", "Weiß’s"), ("fin", "ﬁn"), ("cafe", "cafe")];
        assert_eq!(placed, expected.map(|(word, place)| (word.to_owned(), place)));
        assert_eq!(words(text), expected.map(|(word, _)| word));
    }

    #[test]
    fn a_word_is_held_only_whole() {
        assert!(holds_words("The Lord is my shepherd;", "lord IS my"));
        assert!(!holds_words("The Lord is my shepherd;", "lord is my shep"));
    }

    #[test]
    fn nearly_held_means_nine_tenths() {
        let work: Vec<String> = (0..60).map(|n| format!("w{n}")).collect();
        let mut passage = work.clone();
        assert!(nearly_holds(&work.join(" "), &passage.join(" ")));
        passage[30] = "other".into();
        assert!(nearly_holds(&work.join(" "), &passage.join(" ")));
        passage[10] = "other".into();
        assert!(!nearly_holds(&work.join(" "), &passage.join(" ")));
    }
}
