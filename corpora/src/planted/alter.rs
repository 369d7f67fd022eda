//! How a copied passage is altered: in its words, and in its dress.

use unicode_normalization::UnicodeNormalization as _;

use super::Rng;

/// The text with its words edited: of every word, with probability `share`, half are substituted by a word of the
/// vocabulary, a quarter get a word of it inserted after them, a quarter are deleted.
///
/// White space stays as it is; a substitute differs from the word it replaces in more than case and punctuation
/// wherever the vocabulary allows. Without a vocabulary words are only deleted. Linear in the text.
pub fn edit(text: &str, share: f64, rng: &mut Rng, vocabulary: &[&str]) -> String {
    let mut edited = String::with_capacity(text.len() + text.len() / 8);
    for piece in pieces(text) {
        let (word, space) = piece;
        if word.is_empty() || !rng.chance(share) {
            edited.push_str(word);
            edited.push_str(space);
            continue;
        }
        match rng.below(4) {
            0 | 1 => edited.push_str(other_word(word, rng, vocabulary)),
            2 => {
                edited.push_str(word);
                if let Some(inserted) = rng.pick(vocabulary) {
                    edited.push(' ');
                    edited.push_str(inserted);
                }
            }
            _ => {
                // The white space goes with the word, except where it breaks the line.
                if space.contains('\n') {
                    edited.push_str(space);
                }
                continue;
            }
        }
        edited.push_str(space);
    }
    edited
}

/// A word of the vocabulary that is not the given one, or "" where none turned up.
fn other_word<'a>(word: &str, rng: &mut Rng, vocabulary: &[&'a str]) -> &'a str {
    let bare = |word: &str| {
        word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let given = bare(word);
    (0..8)
        .filter_map(|_| rng.pick(vocabulary).copied())
        .find(|other| bare(other) != given)
        .unwrap_or_default()
}

/// The text in another dress, its words unchanged: each of case, punctuation, layout and Unicode form is changed with
/// a probability of a quarter, independently, so that about a third of all texts stay as they are.
///
/// - case: all upper, all lower, or every word capitalised;
/// - punctuation: dropped at the edges of words, or typographic (curly quotes and apostrophes, long dashes);
/// - layout: a new line every few words, or all on one line;
/// - Unicode form: decomposed (NFD), ligatures (`ﬁ`, `ﬂ`, `ﬀ`, `ĳ`), or one word in five in full-width letters.
///
/// The folding that the detector promises (NFKC, case, punctuation, white space) takes all of them back. Linear.
pub fn disguise(text: &str, rng: &mut Rng) -> String {
    const PROBABILITY: f64 = 0.25;
    let mut text = text.to_owned();
    if rng.chance(PROBABILITY) {
        text = match rng.below(3) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            _ => each_word(&text, capitalised),
        };
    }
    if rng.chance(PROBABILITY) {
        text = if rng.chance(0.5) { without_punctuation(&text) } else { typographic(&text) };
    }
    if rng.chance(PROBABILITY) {
        let line = if rng.chance(0.5) { rng.between((4, 9)) } else { usize::MAX };
        text = laid_out(&text, line);
    }
    if rng.chance(PROBABILITY) {
        text = match rng.below(3) {
            0 => text.nfd().collect(),
            1 => with_ligatures(&text),
            _ => each_word(&text, |word| if rng.chance(0.2) { full_width(word) } else { word.to_owned() }),
        };
    }
    text
}

/// Words and the white space after each; white space at the start belongs to an empty word.
fn pieces(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let space =
            rest[word..].find(|c: char| !c.is_whitespace()).map_or(rest.len(), |length| word + length);
        let piece = (&rest[..word], &rest[word..space]);
        rest = &rest[space..];
        Some(piece)
    })
}

fn each_word(text: &str, mut change: impl FnMut(&str) -> String) -> String {
    pieces(text).flat_map(|(word, space)| [change(word), space.to_owned()]).collect()
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(characters.flat_map(char::to_lowercase))
        .collect()
}

fn without_punctuation(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    for (word, space) in pieces(text) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !is_mark(c));
        if !word.is_empty() || bare.is_empty() {
            bare.push_str(word);
            bare.push_str(space);
        }
    }
    bare
}

/// A combining mark belongs to the letter before it: trimming it would change the word.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn typographic(text: &str) -> String {
    let mut previous = ' ';
    let mut dressed = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        let opens = previous.is_whitespace() || previous == '(';
        dressed.push(match c {
            '"' if opens => '\u{201c}',
            '"' => '\u{201d}',
            '\'' if opens => '\u{2018}',
            '\'' => '\u{2019}',
            '-' if opens => '\u{2013}',
            _ => c,
        });
        previous = c;
    }
    dressed
}

fn laid_out(text: &str, line: usize) -> String {
    let mut laid = String::with_capacity(text.len());
    for (number, word) in text.split_whitespace().enumerate() {
        if number > 0 {
            laid.push(if number.is_multiple_of(line) { '\n' } else { ' ' });
        }
        laid.push_str(word);
    }
    laid
}

fn with_ligatures(text: &str) -> String {
    let mut text = text.to_owned();
    for (letters, ligature) in [("ffi", "ﬃ"), ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("ij", "ĳ"), ("IJ", "Ĳ")]
    {
        text = text.replace(letters, ligature);
    }
    text
}

fn full_width(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '0'..='9' | 'A'..='Z' | 'a'..='z' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Het water staat hoog, zei de \"oude\" man;\nfein fließt der Fluß - café, naïef, it's fine.\n\nHij bleef.";

    /// What the detector's folding makes of a text, near enough for these letters.
    fn folded(text: &str) -> Vec<String> {
        let plain: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
        plain
            .replace('ß', "ss")
            .replace(['\u{2018}', '\u{2019}'], "'")
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_disguise_changes_the_dress_and_never_the_words() {
        let mut rng = Rng::new(11);
        let disguised: Vec<String> = (0..400).map(|_| disguise(TEXT, &mut rng)).collect();
        for text in &disguised {
            assert_eq!(folded(text), folded(TEXT), "{text:?}");
        }
        let unchanged = disguised.iter().filter(|text| *text == TEXT).count();
        assert!((80..180).contains(&unchanged), "{unchanged} of 400 unchanged");
        for form in ["e\u{301}", "ﬁ", "ĳ", "ｅ", "\u{201c}", "WATER", "\n"] {
            assert!(disguised.iter().any(|text| text.contains(form)), "never {form:?}");
        }
    }

    #[test]
    fn edits_come_in_the_wanted_share_and_kinds() {
        let text = "alpha beta gamma delta ".repeat(2_500);
        let vocabulary = ["omega", "psi"];
        let edited = edit(&text, 0.2, &mut Rng::new(4), &vocabulary);
        let words: Vec<&str> = edited.split_whitespace().collect();
        let new = words.iter().filter(|word| vocabulary.contains(word)).count();
        let kept = words.len() - new;
        // Of 10,000 words 2,000 are edited: 1,000 substituted, 500 inserted after, 500 deleted.
        assert!((1_380..1_620).contains(&new), "{new} words of the vocabulary");
        assert!((8_380..8_620).contains(&kept), "{kept} words kept");
        assert_eq!(edit(&text, 0.0, &mut Rng::new(4), &vocabulary), text);
    }

    #[test]
    fn a_substitute_is_another_word() {
        let text = "Stone. ".repeat(500);
        let edited = edit(&text, 1.0, &mut Rng::new(9), &["stone,", "sand"]);
        let substituted = edited.split_whitespace().filter(|word| *word == "sand").count();
        assert!(substituted > 200, "{substituted}");
        assert_eq!(edit("one two", 1.0, &mut Rng::new(1), &[]).matches("stone").count(), 0);
    }

    #[test]
    fn nothing_but_space_is_left_alone() {
        assert_eq!(edit("  \n", 1.0, &mut Rng::new(1), &["x"]), "  \n");
        assert_eq!(pieces(" a  b").collect::<Vec<_>>(), [("", " "), ("a", "  "), ("b", "")]);
    }
}
