//! Tricks that hide a passage from a filter while a reader still reads it.
//!
//! Each is written as someone would who wants to get a text past a filter, and knows nothing of how nagalm reads it back:
//! the look-alikes here are a list of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::planted::Rng;

/// What a detector is expected to do about a trick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Changes nothing of what is read: it must be found as the plain passage is.
    MustMatch,
    /// Changes what is read, or takes words apart from each other: found as far as enough stays together.
    Flagged,
    /// Another text, to a detector of copies.
    OutOfScope,
}

impl Tier {
    /// As the table names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MustMatch => "must match",
            Self::Flagged => "flagged",
            Self::OutOfScope => "out of scope",
        }
    }
}

/// A trick.
#[derive(Clone, Copy)]
pub struct Trick {
    /// As the table names it.
    pub name: &'static str,
    /// What is expected.
    pub tier: Tier,
    /// What the report calls it, where it is named there.
    pub named: Option<&'static str>,
    apply: fn(&str, &mut Evader<'_>) -> String,
}

/// What a trick may draw from.
struct Evader<'a> {
    rng: &'a mut Rng,
    /// Words of other texts.
    vocabulary: &'a [&'a str],
    /// Another text, for lines in between.
    filler: &'a str,
}

impl Trick {
    /// The passage in its disguise. Linear in it.
    pub fn apply(&self, passage: &str, rng: &mut Rng, vocabulary: &[&str], filler: &str) -> String {
        (self.apply)(passage, &mut Evader { rng, vocabulary, filler })
    }
}

const fn must(
    name: &'static str,
    named: Option<&'static str>,
    apply: fn(&str, &mut Evader<'_>) -> String,
) -> Trick {
    Trick { name, tier: Tier::MustMatch, named, apply }
}

const fn flagged(
    name: &'static str,
    named: Option<&'static str>,
    apply: fn(&str, &mut Evader<'_>) -> String,
) -> Trick {
    Trick { name, tier: Tier::Flagged, named, apply }
}

/// All tricks, in the order of the table.
pub const TRICKS: &[Trick] = &[
    must("none: word for word", None, |text, _| text.to_owned()),
    must("alternating case", None, |text, _| {
        text.char_indices()
            .flat_map(|(at, c)| if at % 2 == 0 { upper(c) } else { c.to_lowercase().collect() })
            .collect()
    }),
    must("full-width letters", Some("full-width-letters"), |text, _| {
        styled(text, |c| ascii_from(c, 0xFF21, 0xFF41))
    }),
    must("mathematical letters", Some("mathematical-letters"), |text, _| {
        styled(text, |c| ascii_from(c, 0x1_D400, 0x1_D41A))
    }),
    must("letters in circles", Some("enclosed-letters"), |text, _| {
        styled(text, |c| ascii_from(c, 0x24B6, 0x24D0))
    }),
    must("small capitals", Some("small-capitals"), |text, _| {
        replaced(text, "abcdefghijklmnopqrstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", None)
    }),
    must("zero-width characters", Some("zero-width-characters"), |text, evader| {
        inserted(text, evader, 0.3, &["\u{200B}", "\u{200C}", "\u{200D}", "\u{2060}", "\u{FEFF}"])
    }),
    must("soft hyphens", Some("soft-hyphens"), |text, evader| inserted(text, evader, 0.3, &["\u{AD}"])),
    must("bidi controls", Some("bidi-controls"), |text, evader| {
        inserted(text, evader, 0.2, &["\u{202A}", "\u{202C}", "\u{200E}", "\u{2066}", "\u{2069}"])
    }),
    must("stacked marks", Some("stacked-marks"), |text, evader| {
        let mut marked = String::new();
        for c in text.chars() {
            marked.push(c);
            for _ in 0..if c.is_alphabetic() { evader.rng.between((1, 5)) } else { 0 } {
                marked.extend(char::from_u32(0x300 + evader.rng.below(0x40) as u32));
            }
        }
        marked
    }),
    must("invisible tags between letters", Some("tag-characters"), |text, evader| {
        inserted(text, evader, 0.3, &["\u{E0041}", "\u{E0061}", "\u{E0020}"])
    }),
    must("spelled in invisible tags", Some("tag-characters"), |text, _| {
        let spelled = text.chars().map(|c| char::from_u32(0xE_0000 + plain(c) as u32));
        format!("A blank page.{} ", spelled.flatten().collect::<String>())
    }),
    must("spelled in variation selectors", Some("variation-selectors"), |text, _| {
        let selector = |b: u8| char::from_u32(if b < 16 { 0xFE00 } else { 0xE_00F0 } + u32::from(b));
        format!("A smile 😀{} ", text.bytes().filter_map(selector).collect::<String>())
    }),
    must("homoglyphs, Cyrillic", Some("homoglyphs"), |text, _| {
        replaced(text, "aceopxyijsABCEHIKMOPTXY", "асеорхуіјѕАВСЕНІКМОРТХУ", None)
    }),
    must("homoglyphs, Cyrillic, one in four", Some("homoglyphs"), |text, evader| {
        replaced(text, "aceopxyijsABCEHIKMOPTXY", "асеорхуіјѕАВСЕНІКМОРТХУ", Some(evader))
    }),
    must("homoglyphs, Greek", Some("homoglyphs"), |text, _| {
        replaced(text, "aovpnkABEHIKMNOPTXYZ", "αονρηκΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", None)
    }),
    must("apostrophes in words", Some("apostrophes"), |text, evader| {
        inserted(text, evader, 0.3, &["'", "’"])
    }),
    must("leet", Some("leet"), |text, _| replaced(text, "aeiostAEIOST", "431057431057", None)),
    must("leet, with signs", Some("leet"), |text, _| {
        replaced(text, "aeilostbgAEILOSTBG", "@3!10$78943!10$789", None)
    }),
    must("spaced letters, words told apart", Some("spaced-letters"), |text, _| apart(text, " ", "   ")),
    must("spaced letters, evenly", Some("spaced-letters"), |text, _| apart(text, " ", " ")),
    must("dots between letters", Some("separated-letters"), |text, _| apart(text, ".", " ")),
    must("hyphens between letters", Some("separated-letters"), |text, _| apart(text, "-", " ")),
    must("syllable hyphens", Some("hyphenated-syllables"), |text, _| syllables(text, "-")),
    must("syllable hyphens, as under notes", Some("hyphenated-syllables"), |text, _| syllables(text, " -- ")),
    must("base64", Some("base64"), |text, _| STANDARD.encode(text)),
    must("base64, in lines", Some("base64"), |text, _| {
        let encoded = STANDARD.encode(text);
        let lines = encoded.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
        lines.collect::<Vec<_>>().join("\n")
    }),
    must("rot13", Some("rot13"), |text, _| rot13(text)),
    flagged("rot13, every other line", Some("rot13"), |text, _| {
        let lines = lines(text).into_iter().enumerate();
        lines.map(|(n, line)| if n % 2 == 0 { line } else { rot13(&line) }).collect::<Vec<_>>().join("\n")
    }),
    flagged("lines in another order", None, |text, evader| {
        let mut lines = lines(text);
        evader.rng.shuffle(&mut lines);
        lines.join("\n")
    }),
    flagged("lines backwards", None, |text, _| {
        let mut lines = lines(text);
        lines.reverse();
        lines.join("\n")
    }),
    flagged("every line followed by one of another text", None, |text, evader| {
        let fill = lines(evader.filler);
        let both = lines(text).into_iter().zip(fill.iter().cycle());
        both.map(|(line, other)| format!("{line}\n{other}")).collect::<Vec<_>>().join("\n")
    }),
    flagged("one word changed in every 8", None, |text, evader| every(text, evader, 8)),
    flagged("one word changed in every 6", None, |text, evader| every(text, evader, 6)),
    flagged("one word changed in every 4", None, |text, evader| every(text, evader, 4)),
    Trick {
        name: "one word changed in every 3",
        tier: Tier::OutOfScope,
        named: None,
        apply: |text, evader| every(text, evader, 3),
    },
    flagged("two words of every eight swapped", None, |text, evader| {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        for words in words.chunks_exact_mut(8) {
            let at = evader.rng.below(7);
            words.swap(at, at + 1);
        }
        words.join(" ")
    }),
    Trick {
        name: "words in another order",
        tier: Tier::OutOfScope,
        named: None,
        apply: |text, evader| {
            let mut words: Vec<&str> = text.split_whitespace().collect();
            evader.rng.shuffle(&mut words);
            words.join(" ")
        },
    },
    Trick {
        name: "letters backwards",
        tier: Tier::OutOfScope,
        named: None,
        apply: |text, _| text.chars().rev().collect(),
    },
    Trick {
        name: "base64 of rot13 (two deep)",
        tier: Tier::OutOfScope,
        named: None,
        apply: |text, _| STANDARD.encode(rot13(text)),
    },
];

/// The text in lines of six to eight words, as of a song, if it has none.
pub fn lines(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.chunks(7).map(|line| line.join(" ")).collect()
}

fn upper(c: char) -> Vec<char> {
    c.to_uppercase().collect()
}

/// The ASCII letter that a letter has without its accent, or a question mark.
fn plain(c: char) -> char {
    use unicode_normalization::UnicodeNormalization as _;
    let base = std::iter::once(c).nfd().next().unwrap_or(c);
    if matches!(base, ' '..='~') {
        base
    } else if base.is_whitespace() {
        ' '
    } else {
        '?'
    }
}

fn styled(text: &str, style: impl Fn(char) -> Option<char>) -> String {
    text.chars().map(|c| style(c).unwrap_or(c)).collect()
}

/// The letter of an alphabet whose capitals and small letters begin at these code points.
fn ascii_from(c: char, capitals: u32, small: u32) -> Option<char> {
    match c {
        'A'..='Z' => char::from_u32(capitals + c as u32 - 'A' as u32),
        'a'..='z' => char::from_u32(small + c as u32 - 'a' as u32),
        _ => None,
    }
}

/// Each character of `from` as the one of `to` in its place; one in four, if there is somebody to choose.
fn replaced(text: &str, from: &str, to: &str, mut evader: Option<&mut Evader<'_>>) -> String {
    let to: Vec<char> = to.chars().collect();
    let other = |c: char| from.chars().position(|known| known == c).and_then(|at| to.get(at)).copied();
    let mut choose = |c: char| {
        let stays = evader.as_mut().is_some_and(|evader| !evader.rng.chance(0.25));
        other(c).filter(|_| !stays).unwrap_or(c)
    };
    text.chars().map(&mut choose).collect()
}

/// One of some signs behind a share of the letters that another follows.
fn inserted(text: &str, evader: &mut Evader<'_>, share: f64, signs: &[&str]) -> String {
    let mut all = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        all.push(c);
        if c.is_alphabetic() && chars.peek().is_some_and(|c| c.is_alphabetic()) && evader.rng.chance(share) {
            all.push_str(evader.rng.pick(signs).copied().unwrap_or_default());
        }
    }
    all
}

fn apart(text: &str, between: &str, words: &str) -> String {
    let spread = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(between);
    text.split_whitespace().map(spread).collect::<Vec<_>>().join(words)
}

/// A hyphen before each consonant that stands between two vowels, which is near enough.
fn syllables(text: &str, hyphen: &str) -> String {
    const VOWELS: &str = "aeiouyäöüAEIOUYÄÖÜéèëï";
    let chars: Vec<char> = text.chars().collect();
    let is_vowel = |at: usize| chars.get(at).is_some_and(|c| VOWELS.contains(*c));
    let mut all = String::new();
    for (at, &c) in chars.iter().enumerate() {
        if at > 0 && c.is_alphabetic() && !is_vowel(at) && is_vowel(at - 1) && is_vowel(at + 1) {
            all.push_str(hyphen);
        }
        all.push(c);
    }
    all
}

fn rot13(text: &str) -> String {
    let rotated = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
        'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
        _ => c,
    };
    text.chars().map(rotated).collect()
}

/// Of every `count` words one, at a place of chance, is another.
fn every(text: &str, evader: &mut Evader<'_>, count: usize) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    for words in words.chunks_mut(count) {
        let at = evader.rng.below(count);
        if let (Some(word), Some(other)) = (words.get_mut(at), evader.rng.pick(evader.vocabulary)) {
            *word = other;
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trick_but_none_changes_the_text() {
        let text = "Die Fähre kommt zurück und nimmt uns alle mit ans andere Ufer, sagt der Mann am Steg,\n\
                    bevor die Sonne hinter den Häusern der alten Stadt versinkt";
        for trick in TRICKS {
            let changed =
                trick.apply(text, &mut Rng::new(1), &["wort", "other"], "Ein anderer Text in einer Zeile");
            let again =
                trick.apply(text, &mut Rng::new(1), &["wort", "other"], "Ein anderer Text in einer Zeile");
            assert_eq!(changed, again, "{}", trick.name);
            assert_eq!(changed == text, trick.name.starts_with("none"), "{}", trick.name);
        }
        assert_eq!(replaced("Katze", "aK", "аК", None), "Катze".replace('т', "t"));
        assert_eq!(apart("so ist es", ".", " "), "s.o i.s.t e.s");
        assert_eq!(syllables("Fahrer sagen", "-"), "Fahrer sa-gen");
    }
}
