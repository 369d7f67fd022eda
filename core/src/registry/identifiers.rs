//! Identifiers of works and people, each held to its own check. A wrong one is a [`Warning`], never a lost work:
//! a clerk's typing error must not keep a song out of the registry.
//!
//! | identifier | checked by |
//! | --- | --- |
//! | ISBN-10, ISBN-13 | crate `isbn`: maintained (its range tables follow the agency's), MIT; `isbn2`, `isbn3` are stale copies |
//! | ISNI | crate `iso_iec_7064`, MOD 11-2: dual licence, no dependencies; `iso7064` knows only MOD 97-10 |
//! | ISRC | crate `isrc`: syntax, which is all that ISO 3901 gives; dual licence |
//! | language | crate `oxilangtag`: well-formed after RFC 5646; MIT, no dependencies, no tables |
//! | ISWC | here, after ISO 15707: no crate |
//! | IPI name number | here, after CISAC's rule (modulus 101): no crate |
//! | ISCC | here, the outer form after ISO 24138: `iscc-lib` computes codes from content, which we do not |

use iso_iec_7064::System;

use super::{Warning, Work};

/// Why a value is not the identifier that its field promises, in a clerk's words.
type Checked = Result<(), String>;

/// What is odd about the identifiers of `work`.
pub(crate) fn warnings(work: &Work) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut look = |field: String, value: &Option<String>, check: fn(&str) -> Checked| {
        if let Some(value) = value
            && let Err(reason) = check(value)
        {
            found.push(Warning::Identifier { field, value: value.clone(), reason });
        }
    };
    look("language".into(), &work.language, language);
    look("iswc".into(), &work.iswc, iswc);
    look("isbn".into(), &work.isbn, isbn);
    look("isrc".into(), &work.isrc, isrc);
    look("iscc".into(), &work.iscc, iscc);
    for (index, creator) in work.creators.iter().enumerate() {
        look(format!("creators[{index}].ipi"), &creator.ipi, ipi);
        look(format!("creators[{index}].isni"), &creator.isni, isni);
    }
    found
}

/// The value in capitals, without what people put between the characters and without the identifier's own name
/// before it.
fn bare(value: &str, name: &str) -> String {
    let bare: String = value
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    match bare.strip_prefix(name) {
        Some(rest) => rest.trim_start_matches(':').into(),
        None => bare,
    }
}

/// The digits of `value`, if it has nothing else and exactly `N` of them.
fn digits<const N: usize>(value: &str) -> Result<[u8; N], String> {
    if let Some(other) = value.chars().find(|c| !c.is_ascii_digit()) {
        return Err(format!("{other:?} where a digit should be"));
    }
    let found: Vec<u8> = value.bytes().map(|b| b - b'0').collect();
    found.try_into().map_err(|found: Vec<u8>| format!("{} digits, should be {N}", found.len()))
}

fn compare(is: impl std::fmt::Display, should: impl std::fmt::Display) -> Checked {
    let (is, should) = (is.to_string(), should.to_string());
    if is == should { Ok(()) } else { Err(format!("check digit is {is}, should be {should}")) }
}

/// Digits below ten, and X for ten.
fn check_character(value: u16) -> char {
    char::from_digit(value.into(), 10).unwrap_or('X')
}

fn isbn(value: &str) -> Checked {
    let value = bare(value, "ISBN");
    let long = |v: &str| v.len() == 13 && v.bytes().all(|b| b.is_ascii_digit());
    // `ISBN-13: 978…` and `ISBN-10: …` as bibliographies write them.
    let value = match value.split_once(':') {
        Some(("13" | "10", rest)) => rest,
        _ => &value,
    };
    if long(value) {
        let mut number = digits::<13>(value)?;
        if !value.starts_with("978") && !value.starts_with("979") {
            return Err("an ISBN of 13 digits begins with 978 or 979".into());
        }
        let is = number[12];
        let should = (0..10).find(|&digit| {
            number[12] = digit;
            isbn::Isbn13::new(number).is_ok()
        });
        return match should {
            Some(should) => compare(is, should),
            None => Err("not an ISBN".into()),
        };
    }
    let Some((check, body)) = value.as_bytes().split_last() else {
        return Err("empty".into());
    };
    if value.len() != 10
        || !body.iter().all(u8::is_ascii_digit)
        || !(check.is_ascii_digit() || *check == b'X')
    {
        return Err(format!(
            "{} characters; an ISBN has 13 digits, or 10 of which the last may be X",
            value.chars().count()
        ));
    }
    let mut number = [0; 10];
    for (digit, byte) in number.iter_mut().zip(body) {
        *digit = byte - b'0';
    }
    let should = (0..=10).find(|&digit| {
        number[9] = digit;
        isbn::Isbn10::new(number).is_ok()
    });
    match should {
        Some(should) => compare(char::from(*check), check_character(should.into())),
        None => Err("not an ISBN".into()),
    }
}

fn isni(value: &str) -> Checked {
    // The agency writes ISNIs as links, too.
    let value = value.trim().trim_start_matches("https://").trim_start_matches("http://");
    let value = value.trim_start_matches("www.").trim_start_matches("isni.org/isni/");
    let value = bare(value, "ISNI");
    let Some((check, body)) = value.char_indices().next_back().map(|(at, check)| (check, &value[..at]))
    else {
        return Err("empty".into());
    };
    if value.len() != 16 || !(check.is_ascii_digit() || check == 'X') {
        return Err(format!(
            "{} characters; an ISNI has 16 digits, of which the last may be X",
            value.chars().count()
        ));
    }
    digits::<15>(body)?;
    match iso_iec_7064::MOD_11_2.checksum_string(body) {
        Some(should) => compare(check, check_character(should)),
        None => Err("not an ISNI".into()),
    }
}

fn isrc(value: &str) -> Checked {
    let value = bare(value, "ISRC");
    if value.chars().count() != 12 {
        return Err(format!(
            "{} characters; an ISRC has 12: two letters, three letters or digits, seven digits",
            value.chars().count()
        ));
    }
    match isrc::Isrc::from_code(&value) {
        Ok(_) => Ok(()),
        Err(_) => Err("an ISRC is two letters, three letters or digits, and seven digits".into()),
    }
}

/// ISO 15707, Annex A: T, nine digits, a check digit. 1 for the T, plus every digit times its place, plus the check
/// digit, is a multiple of ten.
fn iswc(value: &str) -> Checked {
    let value = bare(value, "ISWC");
    let Some(number) = value.strip_prefix('T') else {
        return Err("an ISWC begins with T, such as T-034.524.680-1".into());
    };
    let number = digits::<10>(number)?;
    let sum = 1 + (1u32..).zip(&number[..9]).map(|(place, &digit)| place * u32::from(digit)).sum::<u32>();
    compare(number[9], (10 - sum % 10) % 10)
}

/// CISAC's IPI name number: nine digits and two check digits. The digits times 10, 9, … 2, modulo 101, subtracted
/// from 101; of a hundred, the last two digits. Leading zeros are often left out.
fn ipi(value: &str) -> Checked {
    let value = bare(value, "IPI");
    // Base numbers (`I-000000229-7`) stand in the same column in many a spreadsheet.
    if value.starts_with('I') {
        return Err("this looks like an IPI base number; the name number has 11 digits".into());
    }
    if !(3..=11).contains(&value.len()) {
        return Err(format!("{} characters; an IPI name number has 11 digits", value.chars().count()));
    }
    let number = digits::<11>(&format!("{value:0>11}"))?;
    if number.iter().all(|&digit| digit == 0) {
        return Err("all zeros: an empty number".into());
    }
    let sum: u32 = (2..=10).rev().zip(&number).map(|(weight, &digit)| weight * u32::from(digit)).sum();
    let should = (101 - sum % 101) % 101 % 100;
    let is = u32::from(number[9]) * 10 + u32::from(number[10]);
    if is == should { Ok(()) } else { Err(format!("check digits are {is:02}, should be {should:02}")) }
}

/// The outer form of ISO 24138: `ISCC:` and RFC 4648 base 32 without padding, a header of two bytes or more and a
/// body of 32 to 256 bits (a composite code: up to 320).
fn iscc(value: &str) -> Checked {
    let value = bare(value, "ISCC");
    if let Some(other) = value.chars().find(|c| !matches!(c, 'A'..='Z' | '2'..='7')) {
        return Err(format!("{other:?}: an ISCC has letters and the digits 2 to 7"));
    }
    // Base 32 puts 5 bits in a character: these remainders cannot come from whole bytes.
    if !(10..=70).contains(&value.len()) || matches!(value.len() % 8, 1 | 3 | 6) {
        return Err(format!("{} characters: a character is missing or too many", value.len()));
    }
    Ok(())
}

fn language(value: &str) -> Checked {
    if value.contains('_') {
        return Err(format!("parts are joined by a hyphen: {}", value.replace('_', "-")));
    }
    match oxilangtag::LanguageTag::parse(value) {
        // RFC 5646 sets such tags apart for registration, and none is: what stands here is a name.
        Ok(tag) if (4..=8).contains(&tag.primary_language().len()) && !value.contains('-') => {
            Err("a name, not a code; use one of BCP 47, such as nl, de-AT or fy".into())
        }
        Ok(_) => Ok(()),
        Err(_) => Err("not a language code of BCP 47, such as nl, de-AT or fy".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Creator;

    fn all(check: fn(&str) -> Checked, good: &[&str], bad: &[(&str, &str)]) {
        for value in good {
            assert_eq!(check(value), Ok(()), "{value}");
        }
        for (value, reason) in bad {
            let got = check(value).expect_err(value);
            assert!(got.contains(reason), "{value}: {got}");
        }
    }

    #[test]
    fn isbns() {
        let good =
            ["978-90-274-3964-2", "9783161484100", "3-16-148410-X", "ISBN 0-8044-2957-X", "080442957x"];
        let bad = [
            ("9783161484101", "check digit is 1, should be 0"),
            ("0-8044-2957-4", "check digit is 4, should be X"),
            ("1234567890128", "978 or 979"),
            ("97831614841", "11 characters"),
            ("", "empty"),
            ("978316148410O", "13 digits"),
        ];
        all(isbn, &good, &bad);
        all(isbn, &["ISBN-13: 978-3-16-148410-0", "ISBN-10: 316148410X"], &[]);
    }

    #[test]
    fn isnis() {
        let good = ["0000 0001 2103 2683", "000000012281955X", "https://isni.org/isni/0000000121032683"];
        let bad = [
            ("0000 0001 2103 2684", "check digit is 4, should be 3"),
            ("0000000122819550", "check digit is 0, should be X"),
            ("123", "3 characters"),
            ("00000001210326é", "15 characters"),
            ("0000000A21032683", "'A'"),
        ];
        all(isni, &good, &bad);
    }

    #[test]
    fn isrcs() {
        let bad = [
            ("USRC1760783", "11 characters"),
            ("U1RC17607839", "two letters"),
            ("USRC1760783X", "seven digits"),
        ];
        all(isrc, &["US-RC1-76-07839", "nlA509912345", "ISRC GB-AYE-67-00123"], &bad);
    }

    #[test]
    fn iswcs() {
        let bad = [
            ("T-034.524.680-2", "check digit is 2, should be 1"),
            ("034.524.680-1", "begins with T"),
            ("T-034.524.68-1", "9 digits, should be 10"),
            ("T-034.524.6B0-1", "'B'"),
        ];
        all(iswc, &["T-034.524.680-1", "T0345246801", "ISWC T-034524680-1", "t-000.000.001-0"], &bad);
    }

    #[test]
    fn ipis() {
        // Nine digits whose weighted sum is 100 leave 1, which is written 01; a sum of 1 would leave 100: 00.
        let good = ["00014107338", "14107338", "000 14 10 73 38", "IPI 00014107338"];
        let bad = [
            ("00014107339", "check digits are 39, should be 38"),
            ("00041107338", "should be"),
            ("I-000000229-7", "base number"),
            ("000141073381", "12 characters"),
            ("00000000000", "zeros"),
            ("0001410733X", "'X'"),
        ];
        all(ipi, &good, &bad);
    }

    #[test]
    fn isccs() {
        let good = ["ISCC:KACT4EBWK27737D2AYCJRAL5Z36G76RFRMO4554RU26HZ4ORJGIVHDI", "EAASS2POFKWX7KDJ"];
        all(
            iscc,
            &good,
            &[("ISCC:KACT4EBWK2773701", "'0'"), ("KACT4EBWK27", "11 characters"), ("", "0 characters")],
        );
    }

    #[test]
    fn languages() {
        let good = ["nl", "de-AT", "fy", "zh-Hant-TW", "nds-NL", "gem-x-oud", "de-1901"];
        all(language, &good, &[("Deutsch", "a name"), ("de_AT", "de-AT"), ("n", "BCP 47"), ("", "BCP 47")]);
    }

    #[test]
    fn a_work_names_the_field() {
        let creator = Creator { name: "A".into(), ipi: Some("1".into()), ..Creator::default() };
        let work = Work {
            isbn: Some("9783161484101".into()),
            creators: vec![Creator::default(), creator],
            ..Work::default()
        };
        let fields: Vec<String> = warnings(&work).iter().map(ToString::to_string).collect();
        assert_eq!(fields[0], "isbn \"9783161484101\": check digit is 1, should be 0");
        assert!(fields[1].starts_with("creators[1].ipi \"1\""), "{}", fields[1]);
        assert_eq!(fields.len(), 2);
    }
}
