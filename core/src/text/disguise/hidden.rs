//! Characters that nobody sees and that spell a text.

use super::Disguise;
use crate::text::reading::Reading;

/// So many characters are no flag of a region, which takes seven.
const FEWEST: usize = 16;

/// What tag characters spell: each stands for one of ASCII (Unicode Standard, section 23.9).
pub(super) fn tags(text: &str) -> Option<Reading> {
    let mut reading = Reading::new(Disguise::TagCharacters);
    let mut count = 0;
    let mut letter = [0; 4];
    for (at, c) in text.char_indices() {
        if let Some(shown) =
            char::from_u32((c as u32).wrapping_sub(0xE_0000)).filter(|c| matches!(c, ' '..='~'))
        {
            reading.read(shown.encode_utf8(&mut letter), at..at + c.len_utf8());
            count += 1;
        }
    }
    (count >= FEWEST).then_some(reading)
}

/// What variation selectors spell: each of the 256 stands for a byte. One behind a character says how it looks, so that
/// only several in a row count.
pub(super) fn selectors(text: &str) -> Option<Reading> {
    let mut reading = Reading::new(Disguise::VariationSelectors);
    let mut run = Run::default();
    for (at, c) in text.char_indices() {
        match byte_of(c) {
            Some(byte) => {
                run.bytes.push(byte);
                run.starts.push(at);
                run.end = at + c.len_utf8();
            }
            None => run.spell(&mut reading),
        }
    }
    run.spell(&mut reading);
    (!reading.text.is_empty()).then_some(reading)
}

fn byte_of(c: char) -> Option<u8> {
    match c as u32 {
        code @ 0xFE00..=0xFE0F => Some((code - 0xFE00) as u8),
        code @ 0xE_0100..=0xE_01EF => Some((code - 0xE_0100 + 16) as u8),
        _ => None,
    }
}

/// Variation selectors in a row.
#[derive(Default)]
struct Run {
    bytes: Vec<u8>,
    starts: Vec<usize>,
    end: usize,
}

impl Run {
    fn spell(&mut self, reading: &mut Reading) {
        if self.bytes.len() >= FEWEST
            && let Ok(spelled) = std::str::from_utf8(&self.bytes)
        {
            reading.part();
            for (at, c) in spelled.char_indices() {
                let next = at + c.len_utf8();
                let end = self.starts.get(next).copied().unwrap_or(self.end);
                reading.read(&spelled[at..next], self.starts[at]..end);
            }
        }
        self.bytes.clear();
        self.starts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;

    #[test]
    fn invisible_text_is_read() {
        let plain = "The ferryman counts his coins by the lamp";
        let tags: String = plain.chars().filter_map(|c| char::from_u32(0xE_0000 + c as u32)).collect();
        let text = format!("Nothing to see{tags} here");
        let readings = read(&text);
        assert_eq!((readings.len(), readings[0].text.as_str()), (1, plain));
        assert_eq!(readings[0].original(4..6), 14 + 16..14 + 24);

        let selector = |b: u8| char::from_u32(if b < 16 { 0xFE00 } else { 0xE_00F0 } + u32::from(b));
        let selectors: String = "Grüße von der Brücke".bytes().filter_map(selector).collect();
        let text = format!("😀{selectors} ha");
        let readings = read(&text);
        assert_eq!((readings.len(), readings[0].text.as_str()), (1, "Grüße von der Brücke"));
        assert_eq!(readings[0].original(0..readings[0].text.len()), 4..text.len() - 3);
        // A flag, an emoji's form, an ideograph's variant.
        assert!(
            read("🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F} ❤\u{FE0F} 葛\u{E0100}").is_empty()
        );
    }
}
