//! Reuse as the literature defines it: more than 160 characters of one work, small edits allowed.
//!
//! F. B. Mueller, R. Görge, A. K. Bernzen, J. C. Pirk and M. Poretschkin, *LLMs and Memorization: On Quality and
//! Specificity of Copyright Compliance*, 2024 (<https://arxiv.org/abs/2405.18492>). The 160 characters are those of the German
//! UrhDaG, section 10. Written anew from the rule and on purpose without anything of the library's, so that it can judge what
//! the library reports. There is no prompt here, so none is taken out of the outputs.
//!
//! The rule: pairs of equal words, one of the output and one of the work, are strung together. A pair goes on with
//! the next word of both. Where these differ, and the pair itself came right after another one on both sides, it goes on behind one
//! edit: a word for another, or one more in the work, or one more in the output, whichever comes first. What has eight pairs or
//! more and is no part of a longer one is kept. It has as many characters as its words have letters, and one for each space
//! between them; those of one work add up, so that a passage that a work has twice counts twice.

mod seeds;

use std::collections::{BTreeMap, HashMap};

use deunicode::deunicode_char;
use rayon::prelude::*;

use seeds::Seeds;

/// More characters than this are reuse.
const ALLOWED: usize = 160;
/// Equal words that are kept at the least.
const KEPT: usize = 8;
/// Words of output and work behind which the next pair stands, in the order in which they are tried.
const EDITS: [(usize, usize); 3] = [(2, 2), (1, 2), (2, 1)];
/// The number of all words that no output has.
const UNKNOWN: u32 = u32::MAX;

/// What an output has of the registered works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reuse {
    /// The most characters of one work, all matches with it together.
    pub(crate) characters: usize,
    /// The characters of the longest match with any work.
    pub(crate) longest: usize,
}

impl Reuse {
    /// Whether the rule calls it reuse.
    pub(crate) fn is_reuse(self) -> bool {
        self.characters > ALLOWED
    }
}

/// What each output has of the works. Takes some seconds on many.
pub(crate) fn reuse(outputs: &[&str], works: &[&str]) -> Vec<Reuse> {
    let mut vocabulary = Vocabulary::default();
    let outputs: Vec<Vec<u32>> = outputs.iter().map(|text| vocabulary.learn(text)).collect();
    let seeds = Seeds::new(&outputs);
    let of_work = |text: &&str| -> Vec<(usize, Vec<usize>)> {
        let work = vocabulary.known(text);
        let matches = |output: usize| matches(&outputs[output], &work, &vocabulary.letters);
        seeds.candidates(&outputs, &work).into_iter().map(|output| (output, matches(output))).collect()
    };
    let mut found = vec![Reuse::default(); outputs.len()];
    for (output, matches) in works.par_iter().flat_map_iter(of_work).collect::<Vec<_>>() {
        let reuse = &mut found[output];
        reuse.characters = reuse.characters.max(matches.iter().sum());
        reuse.longest = matches.into_iter().fold(reuse.longest, usize::max);
    }
    found
}

/// The words of a text: some quotation marks gone, the rest in ASCII, punctuation and white space between them.
fn words(text: &str) -> Vec<String> {
    let mut ascii = String::with_capacity(text.len());
    for symbol in text.chars().filter(|symbol| !['’', '\'', '”', '“'].contains(symbol)) {
        if symbol.is_ascii() {
            // Not by the library, which drops line breaks.
            ascii.push(symbol.to_ascii_lowercase());
        } else {
            // What has no form in ASCII is left out.
            ascii.push_str(&deunicode_char(symbol).unwrap_or_default().to_ascii_lowercase());
        }
    }
    ascii
        .split(|c: char| c.is_ascii_punctuation() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words of the outputs as numbers.
#[derive(Default)]
struct Vocabulary {
    numbers: HashMap<String, u32>,
    /// How many letters each has; digits are none.
    letters: Vec<usize>,
}

impl Vocabulary {
    fn learn(&mut self, text: &str) -> Vec<u32> {
        let mut number = |word: String| {
            let next = self.letters.len() as u32;
            let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
            let number = *self.numbers.entry(word).or_insert(next);
            if number == next {
                self.letters.push(letters);
            }
            number
        };
        words(text).into_iter().map(&mut number).collect()
    }

    fn known(&self, text: &str) -> Vec<u32> {
        words(text).iter().map(|word| self.numbers.get(word).copied().unwrap_or(UNKNOWN)).collect()
    }
}

/// The characters of each match that is kept.
fn matches(output: &[u32], work: &[u32], letters: &[usize]) -> Vec<usize> {
    #[derive(Clone, Copy, Default)]
    struct Chain {
        words: usize,
        letters: usize,
        goes_on: bool,
    }
    // By the pair that each ends with, output before work.
    let mut chains: BTreeMap<(usize, usize), Chain> = BTreeMap::new();
    for (o, &word) in output.iter().enumerate() {
        for w in (0..work.len()).filter(|&w| work[w] == word) {
            let mut chain = Chain::default();
            if let Some(before) = before(output, work, o, w).and_then(|pair| chains.get_mut(&pair)) {
                before.goes_on = true;
                chain = Chain { goes_on: false, ..*before };
            }
            chain.words += 1;
            chain.letters += letters[word as usize];
            chains.insert((o, w), chain);
        }
    }
    // A pair has one way to it, so that what is part of a longer chain is its beginning.
    let kept = chains.values().filter(|chain| chain.words >= KEPT && !chain.goes_on);
    kept.map(|chain| chain.letters + chain.words - 1).collect()
}

/// The pair that goes on with the equal words at `o` and `w`.
fn before(output: &[u32], work: &[u32], o: usize, w: usize) -> Option<(usize, usize)> {
    let follows_exactly = |o: usize, w: usize| o > 0 && w > 0 && output[o - 1] == work[w - 1];
    if follows_exactly(o, w) {
        return Some((o - 1, w - 1));
    }
    EDITS.into_iter().find_map(|(of_output, of_work)| {
        let (o, w) = (o.checked_sub(of_output)?, w.checked_sub(of_work)?);
        let may_edit = output[o] == work[w] && follows_exactly(o, w) && output[o + 1] != work[w + 1];
        may_edit.then_some((o, w))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    /// The characters of each match of two texts.
    fn of(output: &str, work: &str) -> Vec<usize> {
        let mut vocabulary = Vocabulary::default();
        let output = vocabulary.learn(output);
        matches(&output, &vocabulary.known(work), &vocabulary.letters)
    }

    #[test]
    fn words_are_those_of_the_rule() {
        assert_eq!(words("“Don’t”, he'd\n\tsaid—naïve\nÆrø…"), ["dont", "hed", "said", "naive", "aero"]);
        assert_eq!(words("‘so’ Straße x_y 4,5"), ["so", "strasse", "x", "y", "4", "5"]);
    }

    #[test]
    fn eight_words_are_kept_and_seven_are_not() {
        let work = "one two three four five six seven eight";
        assert_eq!(of(work, work), [39]);
        assert_eq!(of("one two three four five six seven", work), NONE);
        assert_eq!(of("0 one two three four five six seven eight 9", work), [39]);
    }

    #[test]
    fn digits_are_words_without_letters() {
        assert_eq!(of("a 1 b 2 c 3 d 4x", "a 1 b 2 c 3 d 4x"), [5 + 7]);
    }

    #[test]
    fn one_word_may_differ_or_be_too_many() {
        let work = "aa bb cc dd ee ff gg hh";
        assert_eq!(of("aa bb cc dd 0 ee ff gg hh", work), [23], "one more in the output");
        assert_eq!(of(work, "aa bb cc dd 0 ee ff gg hh"), [23], "one more in the work");
        assert_eq!(of("aa bb 0 cc dd ee ff gg hh", "aa bb 1 cc dd ee ff gg hh"), [23], "another word");
        assert_eq!(of("aa bb 0 cc dd 1 ee ff gg 2 hh", work), [23], "several, two words before each");
    }

    #[test]
    fn two_words_in_a_row_may_not() {
        let work = "aa bb cc dd ee ff gg hh";
        assert_eq!(of("aa bb cc dd 0 1 ee ff gg hh", work), NONE, "two more");
        assert_eq!(of("aa bb cc dd 0 1 gg hh ii jj", "aa bb cc dd ee ff gg hh ii jj"), NONE, "two others");
        assert_eq!(of("aa bb 0 cc 1 dd ee ff gg hh", work), NONE, "one word between two edits");
        assert_eq!(of("aa 0 bb cc dd ee ff gg hh", work), NONE, "only one word before the edit");
        assert_eq!(of("aa 0 bb cc dd ee ff gg hh ii", "aa bb cc dd ee ff gg hh ii"), [23], "the rest alone");
    }

    #[test]
    fn what_goes_on_exactly_takes_no_edit() {
        // The output's only `ee` goes on from `dd` with the work's first, and so begins anew with its second, which `ff` follows.
        assert_eq!(of("aa bb cc dd ee ff gg hh ii", "aa bb cc dd ee ee ff gg hh ii"), NONE);
    }

    #[test]
    fn matches_that_part_are_both_kept() {
        // Behind `h` one more word in the output leads to `z`, one more in the work to `x`.
        assert_eq!(of("a b c d e f g h x z", "a b c d e f g h z x"), [17, 17]);
    }

    #[test]
    fn passages_of_one_work_add_up() {
        let passage = "some eight words that a work repeats often";
        let work = format!("{passage} and then {passage}");
        let once = passage.len();
        assert_eq!(of(passage, &work), [once, once]);
        let twice = Reuse { characters: 2 * once, longest: once };
        assert_eq!(reuse(&[passage, "nothing"], &[&work, passage]), [twice, Reuse::default()]);
    }

    #[test]
    fn works_do_not_add_up() {
        let (one, other) = ("a b c d e f g h", "i j k l m n o p");
        let of = |works: &[&str]| reuse(&[&format!("{one} - {other}")], works)[0];
        assert_eq!(of(&[one, other]), Reuse { characters: 15, longest: 15 });
        assert_eq!(of(&[&format!("{one} 0 1 {other}")]), Reuse { characters: 30, longest: 15 });
    }

    #[test]
    fn reuse_begins_above_what_the_law_allows() {
        let of = |letters: usize| {
            let work = format!("a b c d e f g {}", "h".repeat(letters));
            reuse(&[&work], &[&work])[0]
        };
        assert!(!of(160 - 14).is_reuse(), "seven letters, seven spaces, the last word");
        assert!(of(161 - 14).is_reuse());
    }
}
