//! What one code point folds to, without looking at its neighbours.
//!
//! Folding is context-free: NFKD, case folding, then marks and default-ignorables dropped. Since every mark is
//! dropped, composed and decomposed forms fold alike and no reordering is needed, so that each folded letter comes
//! from exactly one code point and the map back to the original is exact.
//!
//! References: Unicode Standard 16, UAX #15 (normalisation forms), UAX #44 (`Default_Ignorable_Code_Point`), and
//! section 5.18 (case folding by upper- then lower-casing).

use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Version of the Unicode tables that folding uses: part of the file format, since another version may fold a
/// newly assigned code point in another way.
pub(crate) const UNICODE_VERSION: (u8, u8, u8) = unicode_normalization::UNICODE_VERSION;

/// What a code point is to the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Character {
    /// Ends a word: white space, punctuation, symbols.
    Separator,
    /// Neither letter nor separator: apostrophes, zero-width characters, soft hyphens, bidi controls.
    Ignored,
    /// Belongs to the letter before it: accents, vowel points.
    Mark,
    /// Folds to this one letter.
    Letter(char),
    /// Folds to these letters.
    Letters(&'static str),
    /// A word of its own, in a script that writes no spaces.
    Ideograph(char),
}

/// What `c` folds to. Constant time: a table for the basic plane, computed once; the other planes on the fly.
#[inline]
pub(crate) fn character(c: char) -> Character {
    let code = c as u32;
    if code < 0x1_0000 { table().basic[code as usize] } else { compute(c, None) }
}

struct Table {
    basic: Box<[Character]>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut basic = vec![Character::Separator; 0x1_0000].into_boxed_slice();
        for code in 0..0x1_0000_u32 {
            if let Some(c) = char::from_u32(code) {
                // About two thousand expansions live as long as the program: they are the table.
                basic[code as usize] = compute(c, Some(&mut |letters| Box::leak(letters.into_boxed_str())));
            }
        }
        Table { basic }
    })
}

/// Keeps an expansion for the life of the program.
type Keep<'a> = &'a mut dyn FnMut(String) -> &'static str;

fn compute(c: char, keep: Option<Keep<'_>>) -> Character {
    if is_ignored(c) {
        return Character::Ignored;
    }
    if is_dropped_mark(c) {
        return Character::Mark;
    }
    let mut letters = String::new();
    for decomposed in std::iter::once(c).nfkd() {
        for cased in decomposed.to_uppercase().flat_map(char::to_lowercase) {
            for plain in std::iter::once(cased).nfkd() {
                let letter = plain.is_alphanumeric() && !is_dropped_mark(plain) && !is_ignored(plain);
                if letter || is_kept_mark(plain) {
                    push_plain(plain, &mut letters);
                }
            }
        }
    }
    let mut chars = letters.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Character::Separator,
        (Some(letter), None) if is_written_without_spaces(letter) => Character::Ideograph(letter),
        (Some(letter), None) => Character::Letter(letter),
        (Some(first), Some(_)) => match keep {
            Some(keep) => Character::Letters(keep(letters)),
            // Beyond the basic plane only squared and enclosed words expand; their first letter stands for them.
            None if is_written_without_spaces(first) => Character::Ideograph(first),
            None => Character::Letter(first),
        },
    }
}

/// Letters with a stroke have no decomposition in Unicode; readers and typists drop the stroke all the same. Neither have
/// small capitals, nor letters in black circles and squares: to a reader they are the letters that they show.
fn push_plain(letter: char, letters: &mut String) {
    match letter {
        '\u{1F150}'..='\u{1F169}' => letters.push(letter_of(letter, 0x1_F150)),
        '\u{1F170}'..='\u{1F189}' => letters.push(letter_of(letter, 0x1_F170)),
        'ß' => letters.push_str("ss"),
        'ø' => letters.push('o'),
        'ł' => letters.push('l'),
        'đ' | 'ð' => letters.push('d'),
        'ħ' => letters.push('h'),
        'æ' => letters.push_str("ae"),
        'œ' => letters.push_str("oe"),
        'þ' => letters.push_str("th"),
        'ĸ' => letters.push('k'),
        'ı' => letters.push('i'),
        'ς' => letters.push('σ'),
        _ => match small_capital(letter) {
            Some(shown) => letters.push_str(shown),
            None => letters.push(letter),
        },
    }
}

/// What small capitals show, and the few other letters of phonetic alphabets that look like a letter of everyday's; other
/// letters of these show nothing but themselves.
fn small_capital(letter: char) -> Option<&'static str> {
    const SMALL_CAPITALS: [(char, &str); 30] = [
        ('ᴀ', "a"),
        ('ʙ', "b"),
        ('ᴄ', "c"),
        ('ᴅ', "d"),
        ('ᴇ', "e"),
        ('ꜰ', "f"),
        ('ɢ', "g"),
        ('ʜ', "h"),
        ('ɪ', "i"),
        ('ᴊ', "j"),
        ('ᴋ', "k"),
        ('ʟ', "l"),
        ('ᴍ', "m"),
        ('ɴ', "n"),
        ('ᴏ', "o"),
        ('ᴘ', "p"),
        ('ꞯ', "q"),
        ('ʀ', "r"),
        ('ꜱ', "s"),
        ('ᴛ', "t"),
        ('ᴜ', "u"),
        ('ᴠ', "v"),
        ('ᴡ', "w"),
        ('ʏ', "y"),
        ('ᴢ', "z"),
        ('ᴁ', "ae"),
        ('ɶ', "oe"),
        ('ɑ', "a"),
        ('ɡ', "g"),
        ('ȷ', "j"),
    ];
    SMALL_CAPITALS.iter().find(|(known, _)| *known == letter).map(|&(_, shown)| shown)
}

/// The letter that stands as far behind `a` as `symbol` behind `first`.
fn letter_of(symbol: char, first: u32) -> char {
    char::from_u32(u32::from(b'a') + symbol as u32 - first).unwrap_or(symbol)
}

/// Apostrophes in all their forms, `Default_Ignorable_Code_Point`, and the Arabic tatweel, which only stretches.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\'' | '`' | '´' | '‘' | '’' | '‛' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ʾ' | 'ʿ' | 'ˈ' | '′' | '‵' | '＇' | '｀' | 'ꞌ'
        | '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{0640}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Marks that a reader may leave out and still read the same word. In the scripts of India and South-East Asia
/// marks are vowels: those stay (`is_kept_mark`).
fn is_dropped_mark(c: char) -> bool {
    is_combining_mark(c) && !is_kept_mark(c)
}

fn is_kept_mark(c: char) -> bool {
    is_combining_mark(c)
        && matches!(c, '\u{0900}'..='\u{0DFF}' | '\u{0F00}'..='\u{0FFF}' | '\u{1A00}'..='\u{1AAF}' | '\u{1B00}'..='\u{1BFF}')
}

/// Scripts in which a space does not part words: each character is a word.
fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{3105}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{A000}'..='\u{A48C}' | '\u{F900}'..='\u{FAFF}' | '\u{1B000}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_fold_as_readers_read_them() {
        use Character::*;
        for (c, expected) in [
            ('A', Letter('a')),
            ('É', Letter('e')),
            ('ß', Letters("ss")),
            ('ẞ', Letters("ss")),
            ('ſ', Letter('s')),
            ('ĳ', Letters("ij")),
            ('ﬁ', Letters("fi")),
            ('ς', Letter('σ')),
            ('ά', Letter('α')),
            ('Ж', Letter('ж')),
            ('𝐇', Letter('h')),
            ('Ａ', Letter('a')),
            ('中', Ideograph('中')),
            ('が', Ideograph('か')),
            ('\u{0301}', Mark),
            ('\u{0364}', Mark),
            ('\u{200B}', Ignored),
            ('’', Ignored),
            ('—', Separator),
            ('…', Separator),
            ('😀', Separator),
            ('²', Letter('2')),
            ('ø', Letter('o')),
            ('ᴀ', Letter('a')),
            ('ꜱ', Letter('s')),
            ('ɢ', Letter('g')),
            ('Ⓐ', Letter('a')),
            ('🅐', Letter('a')),
            ('🆉', Letter('z')),
            ('ə', Letter('ə')),
        ] {
            assert_eq!(character(c), expected, "{c:?}");
        }
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            match character(c) {
                Character::Letter(l) => assert!(
                    matches!(character(l), Character::Letter(again) if again == l),
                    "{c:?} folds to {l:?}, which folds to {:?}",
                    character(l)
                ),
                Character::Ideograph(l) => assert_eq!(character(l), Character::Ideograph(l), "{c:?}"),
                Character::Letters(letters) => {
                    for l in letters.chars() {
                        assert!(
                            matches!(character(l), Character::Letter(a) | Character::Ideograph(a) if a == l),
                            "{c:?} -> {l:?}"
                        );
                    }
                }
                _ => {}
            }
        }
    }
}
