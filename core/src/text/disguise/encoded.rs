//! Base64 (RFC 4648), with either alphabet, in one line or in many, padded or not.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Disguise;
use super::signs::LONG;
use crate::text::fold::Folded;
use crate::text::reading::Reading;

/// Padding may be missing, and the last bits of what was cut short may be anything.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);
/// Bytes that make a text.
const FEWEST: usize = 16;

/// What runs of base64 hold, where it is text.
pub(super) fn read(text: &str, folded: &Folded) -> Option<Reading> {
    let bytes = text.as_bytes();
    let mut reading = Reading::new(Disguise::Base64);
    let mut done = 0;
    for word in (0..folded.len()).filter(|&word| folded.lengths()[word] >= LONG) {
        let start = folded.bytes(word).start;
        if start < done {
            continue;
        }
        let before = bytes[done..start].iter().rev().take_while(|&&byte| is_letter(byte)).count();
        let first = run(bytes, start - before);
        if first.len() < usize::from(LONG) {
            continue;
        }
        // Lines that follow one another belong together.
        let mut letters: Vec<u8> = Vec::with_capacity(first.len());
        let mut places: Vec<usize> = Vec::with_capacity(first.len());
        let mut lines = Some(first);
        while let Some(line) = lines {
            letters.extend(bytes[line.clone()].iter().map(|&byte| standard(byte)));
            places.extend(line.clone());
            done = line.end;
            lines = next_line(bytes, done);
        }
        decode(&letters, &places, &mut reading);
    }
    (!reading.text.is_empty()).then_some(reading)
}

/// The run of base64 that begins at a byte.
fn run(bytes: &[u8], at: usize) -> Range<usize> {
    at..at + bytes[at..].iter().take_while(|&&byte| is_letter(byte)).count()
}

/// The run on the next line, where the last one ends its own and this one fills its.
fn next_line(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    let start = match &bytes[end..] {
        [b'\n', ..] => end + 1,
        [b'\r', b'\n', ..] => end + 2,
        _ => return None,
    };
    let line = run(bytes, start);
    let behind = bytes[line.end..].iter().find(|&&byte| byte != b'=');
    (!line.is_empty() && behind.is_none_or(|byte| matches!(byte, b'\n' | b'\r'))).then_some(line)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Of the alphabet for addresses and file names that of everything else.
fn standard(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        _ => byte,
    }
}

/// Reads what `letters`, which stand at `places`, hold; as far as it is text.
fn decode(letters: &[u8], places: &[usize], reading: &mut Reading) {
    // A single letter behind the last four says nothing.
    let whole = letters.len() - usize::from(letters.len() % 4 == 1);
    let Ok(bytes) = ENGINE.decode(&letters[..whole]) else { return };
    let decoded = match std::str::from_utf8(&bytes) {
        Ok(decoded) => decoded,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    if decoded.len() < FEWEST || !is_text(decoded) {
        return;
    }
    // Three bytes are four letters: of a letter that two bytes share the first has it.
    let place = |byte: usize| (byte * 4).div_ceil(3);
    reading.part();
    for (at, c) in decoded.char_indices() {
        let next = at + c.len_utf8();
        let (first, last) = (place(at).min(whole - 1), place(next).min(whole).max(1) - 1);
        reading.read(&decoded[at..next], places[first]..places[last.max(first)] + 1);
    }
}

/// Whether most of it is letters and white space.
fn is_text(decoded: &str) -> bool {
    let (mut letters, mut all) = (0, 0);
    for c in decoded.chars() {
        letters += usize::from(c.is_alphabetic() || c == ' ' || c == '\n');
        all += 1;
    }
    4 * letters >= 3 * all
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    const PLAIN: &str = "Der Fährmann zählt im Lampenlicht die Münzen, und der Fluss hat keine andere Seite.";

    #[test]
    fn base64_is_read_in_all_its_forms() {
        let encoded = ENGINE.encode(PLAIN);
        let lines: Vec<&str> =
            (0..encoded.len()).step_by(40).map(|at| &encoded[at..(at + 40).min(encoded.len())]).collect();
        let unpadded = encoded.trim_end_matches('=');
        for (form, cut) in [
            (encoded.clone(), 0),
            (unpadded.to_owned(), 0),
            (encoded.replace('+', "-").replace('/', "_"), 0),
            (lines.join("\n"), 0),
            (lines.join("\r\n"), 0),
            (format!("```\n{}\n```", lines.join("\n")), 0),
            (unpadded[..unpadded.len() - 1].to_owned(), 4),
            (unpadded[..unpadded.len() - 2].to_owned(), 4),
        ] {
            let text = format!("Here you are: {form}\n\nTell me");
            let readings = read(&text);
            assert_eq!(readings.len(), 1, "{text}");
            let is = &readings[0].text;
            assert!(is.starts_with(&PLAIN[..PLAIN.len() - cut]), "{text}: {is}");
            let whole = readings[0].original(0..is.len());
            assert!(text[whole].starts_with("RGVy"), "{text}");
            // No two characters come from one letter.
            let mut last = 0;
            for (at, c) in is.char_indices() {
                let from = readings[0].original(at..at + c.len_utf8());
                assert!(from.start >= last && !from.is_empty(), "{text} {at}");
                last = from.end;
            }
        }
    }

    #[test]
    fn what_is_no_text_is_not_read() {
        assert!(
            read(&format!("sha256 {}", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
                .iter()
                .all(|r| r.disguise != Disguise::Base64)
        );
        assert!(
            read("Arbeitsunfähigkeitsversicherungsgesellschaften Rindfleischetikettierungsueberwachung")
                .is_empty()
        );
    }
}
