//! Cutting texts between words.

use std::ops::Range;

use super::Rng;

/// Cuts a text into passages of about the given number of code points, one after the other, each beginning and ending
/// with a word, as byte spans. A passage is the longest of whole words that is not longer; a single word that is
/// longer is a passage of its own. What remains at the end and is shorter than half is left out. Linear.
pub fn passages(text: &str, characters: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let length = ends_with_word(rest, characters);
        let length = if length == 0 { rest.find(char::is_whitespace).unwrap_or(rest.len()) } else { length };
        let passage = at..at + length;
        let is_last = rest[length..].trim_start().is_empty();
        at = passage.end;
        let too_short = is_last && text[passage.clone()].chars().count() < characters.div_ceil(2);
        (length > 0 && !too_short).then_some(passage)
    })
}

/// The byte length of the longest beginning of a text that has at most so many code points and ends with a whole
/// word; 0 where not even the first word fits.
pub(super) fn ends_with_word(text: &str, characters: usize) -> usize {
    let Some((limit, next)) = text.char_indices().nth(characters) else { return text.trim_end().len() };
    if next.is_whitespace() {
        return text[..limit].trim_end().len();
    }
    text[..limit].rfind(char::is_whitespace).map_or(0, |space| text[..space].trim_end().len())
}

/// A random passage of whole words of about the given number of code points: the words that begin in a random window
/// of that length, or the whole text where it is shorter.
pub(super) fn random_passage(text: &str, characters: usize, rng: &mut Rng) -> Range<usize> {
    let starts: Vec<usize> = word_starts(text).collect();
    let total = text.trim_end().len();
    // The last word from which a passage of the wanted length still fits.
    let last = text[..total].char_indices().rev().nth(characters.saturating_sub(1)).map_or(0, |(at, _)| at);
    let fitting = starts.partition_point(|&start| start <= last).max(1);
    let start = starts.get(rng.below(fitting)).copied().unwrap_or(0);
    let rest = &text[start..];
    let length = match ends_with_word(rest, characters) {
        0 => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        length => length,
    };
    start..start + length
}

/// The text before and after a random gap between two words, without the white space of the gap.
pub(super) fn split_at_word<'a>(text: &'a str, rng: &mut Rng) -> (&'a str, &'a str) {
    let starts: Vec<usize> = word_starts(text).chain([text.len()]).collect();
    let at = rng.pick(&starts).copied().unwrap_or(0);
    (text[..at].trim_end(), &text[at..])
}

fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let mut after_space = true;
    text.char_indices().filter_map(move |(at, c)| {
        let starts = after_space && !c.is_whitespace();
        after_space = c.is_whitespace();
        starts.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_whole_words_of_the_wanted_length_in_code_points() {
        let text = "één twee drie\nvier vijf zes zeven";
        let cut: Vec<&str> = passages(text, 14).map(|span| &text[span]).collect();
        assert_eq!(cut, ["één twee drie", "vier vijf zes"]);
        assert_eq!(passages(text, 13).map(|span| &text[span]).next(), Some("één twee drie"));
        assert_eq!(passages(text, 12).map(|span| &text[span]).next(), Some("één twee"));
    }

    #[test]
    fn a_word_longer_than_a_passage_stands_alone_and_space_gives_nothing() {
        let text = " abcdefgh ij kl";
        let cut: Vec<&str> = passages(text, 5).map(|span| &text[span]).collect();
        assert_eq!(cut, ["abcdefgh", "ij kl"]);
        assert_eq!(passages("  \n ", 5).count(), 0);
        assert_eq!(passages("", 5).count(), 0);
    }

    #[test]
    fn a_random_passage_comes_from_anywhere_and_is_whole() {
        let text = "aa bb cc dd ee ff gg hh ii jj";
        let mut rng = Rng::new(1);
        let mut seen: Vec<&str> = (0..400).map(|_| &text[random_passage(text, 8, &mut rng)]).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 8, "{seen:?}");
        assert!(seen.iter().all(|passage| passage.len() == 8));
        assert_eq!(random_passage(text, 500, &mut rng), 0..text.len());
    }

    #[test]
    fn a_text_is_split_between_words_and_at_both_ends() {
        let mut rng = Rng::new(1);
        let mut seen: Vec<(&str, &str)> = (0..100).map(|_| split_at_word("ä  b", &mut rng)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [("", "ä  b"), ("ä", "b"), ("ä  b", "")]);
        assert_eq!(split_at_word("", &mut rng), ("", ""));
    }
}
