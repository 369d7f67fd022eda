//! Cutting a text into passages: verses or sentences, as many as a model's window holds with ease.
//!
//! ```text
//! units      |--a--|---b---|-c-|----d----|--e--|       lines and sentences
//! passages   |-----------------|
//!                          |-------------------|       begins where the one before has its middle
//! ```

use std::ops::Range;

use crate::error::Result;
use crate::text::Folded;

/// Words of a passage at most: a stanza of four lines, a long sentence. A model with a window of 256 tokens reads them in
/// any language that it knows.
const MOST_WORDS: usize = 40;
/// A passage of fewer words says too little to be like another.
const FEWEST_WORDS: usize = 5;

/// Bytes of each passage, from its first word to its last, in their order. Linear in the text.
///
/// # Errors
/// A text of 1 GiB or more.
pub(crate) fn passages(text: &str) -> Result<Vec<Range<usize>>> {
    let folded = Folded::new(text)?;
    let units = units(text, &folded);
    let mut found = Vec::new();
    let mut first = 0;
    while first < units.len() {
        let start = units[first].start;
        let mut last = first;
        while last + 1 < units.len() && units[last + 1].end - start <= MOST_WORDS {
            last += 1;
        }
        let end = units[last].end;
        if end - start >= FEWEST_WORDS {
            found.push(folded.bytes(start).start..folded.bytes(end - 1).end);
        }
        if last + 1 == units.len() {
            break;
        }
        // From the unit that begins at the middle or behind it, and never from the same one again.
        let middle = start + (end - start) / 2;
        first = (first + 1..=last).find(|&unit| units[unit].start >= middle).unwrap_or(last + 1);
    }
    Ok(found)
}

/// Words of each line or sentence; what is longer than a passage is cut.
fn units(text: &str, folded: &Folded) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut start = 0;
    for word in 0..folded.len() {
        let is_last = word + 1 == folded.len();
        let end = folded.bytes(word).end;
        let ends = is_last || ends_unit(&text[end..folded.bytes(word + 1).start.max(end)]);
        if ends || word + 1 - start == MOST_WORDS {
            units.push(start..word + 1);
            start = word + 1;
        }
    }
    units
}

/// Whether what stands between two words ends a verse or a sentence: a new line, or a full stop with space behind it.
fn ends_unit(between: &str) -> bool {
    let mut stopped = false;
    between.chars().any(|c| {
        let ends = c == '\n' || (stopped && c.is_whitespace()) || matches!(c, '。' | '！' | '？');
        stopped |= matches!(c, '.' | '!' | '?' | '…' | '‽');
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<&str> {
        passages(text).unwrap().into_iter().map(|bytes| &text[bytes]).collect()
    }

    #[test]
    fn a_short_text_is_one_passage() {
        assert_eq!(told("«One two three, four five!» "), ["One two three, four five"]);
        assert_eq!(told("Too short."), [""; 0]);
        assert_eq!(told(""), [""; 0]);
    }

    #[test]
    fn passages_begin_and_end_with_lines_and_overlap_by_half() {
        let line = |n: usize| (0..10).map(|k| format!("w{n}x{k}")).collect::<Vec<_>>().join(" ");
        let text = (0..8).map(line).collect::<Vec<_>>().join("\n");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(told(&text), [lines[0..4].join("\n"), lines[2..6].join("\n"), lines[4..8].join("\n")]);
    }

    #[test]
    fn sentences_end_where_space_follows() {
        assert!(ends_unit(". ") && ends_unit("!» ") && ends_unit("\n") && ends_unit("。"));
        assert!(!ends_unit(".") && !ends_unit(", ") && !ends_unit(" - "));
    }

    #[test]
    fn every_word_of_a_long_text_stands_in_a_passage() {
        // One sentence without end, and sentences of all lengths.
        let endless = (0..1000).map(|k| format!("word{k}")).collect::<Vec<_>>().join(" ");
        let mixed = (0..1000)
            .map(|k| format!("word{k}{}", if k * k % 23 == 3 { ". " } else { " " }))
            .collect::<String>();
        for text in [endless, mixed] {
            let mut until = 0;
            for passage in passages(&text).unwrap() {
                assert!(text[passage.clone()].split_whitespace().count() <= MOST_WORDS);
                assert!(passage.start <= until + 2, "a gap before {}", passage.start);
                assert!(passage.end > until);
                until = passage.end;
            }
            assert!(until + 2 >= text.trim_end().len());
        }
    }

    #[test]
    fn signs_of_chinese_are_words() {
        let text = "子曰學而時習之不亦說乎。有朋自遠方來不亦樂乎。";
        assert_eq!(told(text).len(), 1);
    }
}
