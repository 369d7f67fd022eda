//! How a passage is written that is not how texts are mostly written: what folding and readings saw through.
//!
//! Looked at once a match is made, so that text without any costs nothing. What the work's own passage has as well is no
//! trick, and neither is what careful typography has: accents, ligatures, capitals, a soft hyphen at the end of a line.

use crate::report::Trick;
use crate::text::Disguise;

/// Letters of another form that are more than a symbol.
const FEW_LETTERS: usize = 4;
/// Soft hyphens, direction controls and the like that are more than a slip.
const FEW_CONTROLS: usize = 2;

/// The tricks in `output`, a passage as it stands in the output, that `source`, the work's passage, has not; and the one
/// that it was `read` by.
pub(super) fn tricks(output: &str, source: &str, read: Option<Disguise>) -> Vec<Trick> {
    let mut tricks = Vec::new();
    match read {
        None => {}
        Some(Disguise::Homoglyphs) => tricks.push(Trick::Homoglyphs),
        Some(Disguise::Leet) => tricks.push(Trick::Leet),
        Some(Disguise::Rot13) => tricks.push(Trick::Rot13),
        Some(Disguise::Base64) => return vec![Trick::Base64],
        Some(Disguise::TagCharacters) => return vec![Trick::TagCharacters],
        Some(Disguise::VariationSelectors) => return vec![Trick::VariationSelectors],
        // Seen on the letters themselves, below.
        Some(Disguise::LettersApart) => {}
    }
    if may_be_cut(output) {
        Cuts::of(output).name(|| Cuts::of(source), &mut tricks);
    }
    if !output.is_ascii() {
        let (mut there, mut own) = (Vec::new(), Vec::new());
        of_characters(output, &mut there);
        if !there.is_empty() {
            of_characters(source, &mut own);
        }
        tricks.extend(there.into_iter().filter(|trick| !own.contains(trick)));
    }
    tricks.sort_unstable();
    tricks.dedup();
    tricks
}

/// Whether there are signs enough between letters that it is worth to look at each word: a few hyphens or apostrophes, or
/// signs and white space wherever one looks.
fn may_be_cut(text: &str) -> bool {
    let is_between = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let between = text.bytes().filter(|&byte| is_between(byte)).count();
    let joining = text.bytes().filter(|&byte| (byte == b'-') | (byte == b'\'') | (byte == b'`')).count();
    joining >= 4 || 3 * between >= text.len() || !text.is_ascii() && text.matches('’').count() >= 4
}

/// How the words of a passage are cut.
#[derive(Clone, Copy, Default)]
struct Cuts {
    words: usize,
    /// Words of one letter, and of those that stand behind another how many with white space between and how many with
    /// something else.
    single: usize,
    spaces: usize,
    others: usize,
    /// Within words.
    apostrophes: usize,
    /// Between words, as in `fer-ry-man` and `Weih -- nachts -- baum`, not as in `word - word`.
    hyphens: usize,
}

impl Cuts {
    /// Linear.
    fn of(text: &str) -> Self {
        let mut cuts = Self::default();
        let bytes = text.as_bytes();
        let is_letter_at =
            |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
        let (mut at, mut end, mut was_single) = (0, 0, false);
        while at < bytes.len() {
            if !is_letter_at(at) {
                at += 1;
                continue;
            }
            let start = at;
            loop {
                while is_letter_at(at) {
                    at += 1;
                }
                let is_apostrophe = matches!(bytes.get(at), Some(b'\'' | b'`')) && is_letter_at(at + 1);
                if !is_apostrophe {
                    break;
                }
                cuts.apostrophes += 1;
                at += 1;
            }
            let is_single = text[start..at].chars().count() == 1;
            if cuts.words > 0 {
                let gap = &bytes[end..start];
                let is_blank = gap.iter().all(u8::is_ascii_whitespace);
                cuts.spaces += usize::from(is_single && was_single && is_blank);
                cuts.others += usize::from(is_single && was_single && !is_blank);
                cuts.hyphens += usize::from(gap[0] == b'-' || gap.array_windows().any(|two| two == b"--"));
            }
            cuts.words += 1;
            cuts.single += usize::from(is_single);
            (end, was_single) = (at, is_single);
        }
        if !text.is_ascii() {
            cuts.apostrophes += text.matches('’').count();
        }
        cuts
    }

    /// Names what these have more of than those of the work, which are only asked for where there is enough.
    fn name(&self, of_work: impl Fn() -> Self, tricks: &mut Vec<Trick>) {
        /// Of so many words one has a hyphen, or an apostrophe, that it has not in the work.
        const ONE_IN: usize = 16;
        let many = |ours: usize, theirs: &dyn Fn() -> usize| {
            let enough = |more: usize| more >= 4 && ONE_IN * more >= self.words;
            enough(ours) && enough(ours.saturating_sub(theirs()))
        };
        if self.single >= 12 && 2 * self.single >= self.words && 2 * of_work().single < self.single {
            tricks.push(if self.spaces >= self.others {
                Trick::SpacedLetters
            } else {
                Trick::SeparatedLetters
            });
        } else if many(self.hyphens, &|| of_work().hyphens) {
            tricks.push(Trick::HyphenatedSyllables);
        }
        if many(self.apostrophes, &|| of_work().apostrophes) {
            tricks.push(Trick::Apostrophes);
        }
    }
}

/// What shows in the characters that are not ASCII.
fn of_characters(text: &str, tricks: &mut Vec<Trick>) {
    let mut counts = Counts::default();
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    let mut marks = 0;
    while let Some(c) = chars.next() {
        let within = is_european(before) && chars.peek().copied().is_some_and(is_european);
        match c as u32 {
            0xFF21..=0xFF3A | 0xFF41..=0xFF5A => counts.full_width += 1,
            0x1_D400..=0x1_D7FF | 0x2102..=0x2149 => counts.mathematical += 1,
            0x249C..=0x24E9 | 0x1_F110..=0x1_F12B | 0x1_F130..=0x1_F149 | 0x1_F150..=0x1_F189 => {
                counts.enclosed += 1
            }
            0x1D00..=0x1D22
            | 0xA730..=0xA731
            | 0xA7AF
            | 0x0262
            | 0x026A
            | 0x0274
            | 0x0280
            | 0x028F
            | 0x0299
            | 0x029C
            | 0x029F => counts.small_capitals += 1,
            0x00AD => counts.soft_hyphens += usize::from(within),
            0x034F
            | 0x180E
            | 0x200B..=0x200D
            | 0x2060..=0x2064
            | 0xFEFF
            | 0x115F..=0x1160
            | 0x3164
            | 0xFFA0 => {
                counts.zero_width += usize::from(within);
            }
            0x061C | 0x200E..=0x200F | 0x202A..=0x202E | 0x2066..=0x206F => counts.bidi += 1,
            0x0590..=0x08FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC => counts.right_to_left += 1,
            0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF => counts.east_asian += 1,
            0xE_0001..=0xE_007F => counts.tags += 1,
            0xFE00..=0xFE0F | 0xE_0100..=0xE_01EF => counts.selectors += usize::from(within),
            0x1F00..=0x1FFF | 0x0370..=0x03FF => counts.greek += 1,
            // Strokes and rings through and around letters.
            0x0334..=0x0338 | 0x20D0..=0x20F0 => counts.overlays += 1,
            _ => {}
        }
        if matches!(c as u32, 0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
        {
            marks += 1;
            counts.stacked = counts.stacked.max(marks);
        } else {
            marks = 0;
        }
        // What is invisible stands between the same letters as the next.
        before = if is_invisible(c) { before } else { c };
    }
    let mut name = |there: bool, trick: Trick| tricks.extend(there.then_some(trick));
    // Among Chinese characters Latin letters are wide by custom.
    name(
        counts.full_width >= FEW_LETTERS && counts.full_width > 8 * counts.east_asian,
        Trick::FullWidthLetters,
    );
    name(counts.mathematical >= FEW_LETTERS, Trick::MathematicalLetters);
    name(counts.enclosed >= FEW_LETTERS, Trick::EnclosedLetters);
    name(counts.small_capitals >= FEW_LETTERS, Trick::SmallCapitals);
    name(counts.zero_width > 0, Trick::ZeroWidthCharacters);
    name(counts.soft_hyphens >= FEW_CONTROLS, Trick::SoftHyphens);
    name(counts.bidi >= FEW_CONTROLS && counts.right_to_left == 0, Trick::BidiControls);
    // Greek of old has three marks on a letter, Vietnamese two.
    let most = if counts.greek > 0 { 3 } else { 2 };
    name(counts.stacked > most || counts.overlays >= FEW_LETTERS, Trick::StackedMarks);
    name(counts.tags >= FEW_CONTROLS, Trick::TagCharacters);
    name(counts.selectors >= FEW_CONTROLS, Trick::VariationSelectors);
}

/// How many characters of each kind there are.
#[derive(Default)]
struct Counts {
    full_width: usize,
    east_asian: usize,
    mathematical: usize,
    enclosed: usize,
    small_capitals: usize,
    /// Within words of scripts that need none.
    zero_width: usize,
    soft_hyphens: usize,
    selectors: usize,
    bidi: usize,
    right_to_left: usize,
    tags: usize,
    greek: usize,
    overlays: usize,
    /// The most marks in a row.
    stacked: usize,
}

/// Letters of Latin, Greek, Cyrillic and Armenian, whose words have no invisible characters within, and their marks;
/// and what is invisible, too, behind another.
fn is_european(c: char) -> bool {
    c < '\u{0590}' && (c.is_alphabetic() || matches!(c, '\u{0300}'..='\u{036F}')) || is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{034F}' | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "The ferryman counts his coins by the lamp and says the river has no other side";

    fn between(sign: &str) -> String {
        let spread = |word: &str| word.chars().map(String::from).collect::<Vec<_>>().join(sign);
        PLAIN.split(' ').map(spread).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ordinary_typography_is_no_trick() {
        for text in [
            PLAIN,
            "THE FERRYMAN COUNTS HIS COINS",
            "die Geschwindigkeits\u{AD}\nbegrenzung, die Straßen\u{AD}\nbahn und der Fluß",
            "Tiếng Việt có dấu: ế, ộ; đe\u{302}\u{301}n",
            "ﬁne ﬂowers, ½ of it, ℃ and ™, №5, ²³",
            "می\u{200C}خواهم به خانه بروم",
            "ＴＶ と ＣＤ",
            "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F} went by",
            "I a m, U.S.A., e.g. i.e.",
        ] {
            assert_eq!(tricks(text, PLAIN, None), [], "{text}");
        }
        let french = "L’été s’en va, qu’il dit; c’est l’heure d’aller à l’eau — « où ? »";
        assert_eq!(tricks(french, &french.replace('’', "'"), None), []);
        let hyphens = "a well-known, up-to-date, state-of-the-art ferry - or so";
        assert_eq!(tricks(hyphens, &hyphens.replace(" ferry", ", fine ferry"), None), []);
    }

    #[test]
    fn what_is_there_is_named() {
        for (text, trick) in [
            (between(" "), Trick::SpacedLetters),
            (between("."), Trick::SeparatedLetters),
            (between("-"), Trick::SeparatedLetters),
            (between("\u{200B}"), Trick::ZeroWidthCharacters),
            (between("\u{AD}"), Trick::SoftHyphens),
            (between("'"), Trick::Apostrophes),
            (between("\u{336}"), Trick::StackedMarks),
            (between("\u{302}\u{301}\u{308}"), Trick::StackedMarks),
            (between("\u{FE01}"), Trick::VariationSelectors),
            (between("\u{E0041}"), Trick::TagCharacters),
            ("ᴛʜᴇ ғᴇʀʀʏᴍᴀɴ".into(), Trick::SmallCapitals),
            ("𝕋𝕙𝕖 𝕗𝕖𝕣𝕣𝕪𝕞𝕒𝕟".into(), Trick::MathematicalLetters),
            ("Ｔｈｅ ｆｅｒｒｙ".into(), Trick::FullWidthLetters),
            ("ⓣⓗⓔ 🅕🅔🅡🅡🅨".into(), Trick::EnclosedLetters),
            ("\u{202E}The ferryman\u{202C} counts".into(), Trick::BidiControls),
            (
                "The fer -- ry -- man counts his coins by the lan -- tern light -- ly".into(),
                Trick::HyphenatedSyllables,
            ),
        ] {
            assert_eq!(tricks(&text, PLAIN, None), [trick], "{text}");
            // Where the work is written so itself, it is none.
            assert_eq!(tricks(&text, &text, None), [], "{text}");
        }
        assert_eq!(tricks("x", PLAIN, Some(Disguise::Rot13)), [Trick::Rot13]);
    }
}
