//! What an answer is held against: words as this crate sees them, on purpose without the library's own folding.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Apostrophes and the soft hyphen stand inside words.
const JOINING: [char; 5] = ['\'', '’', '‘', 'ʼ', '\u{ad}'];

/// The words of a text: compatibility-decomposed, lower case, without marks; an apostrophe joins, everything else
/// that is neither letter nor digit parts.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for symbol in text.nfkd() {
        if symbol.is_alphanumeric() {
            if symbol == 'ß' {
                word.push_str("ss");
            } else {
                word.extend(symbol.to_lowercase());
            }
        } else if !word.is_empty() && !is_combining_mark(symbol) && !JOINING.contains(&symbol) {
            found.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        found.push(word);
    }
    found
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
