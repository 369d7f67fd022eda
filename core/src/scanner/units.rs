//! A report's offsets in another unit: one scan serves readers who count differently.

use super::Scanner;
use crate::error::{Error, Result};
use crate::report::{OffsetUnit, Report, Span};

impl Scanner {
    /// The same report with its offsets in another unit, as a scan with that unit would give it. `text` is the text that was
    /// scanned, and the registry's works are looked up where they are matched. Linear in these texts; nothing to do where
    /// no character counts differently.
    ///
    /// # Errors
    /// `is_input`: `report` is not of `text`, or not of this registry. Where a text of the registry can no longer be read.
    pub fn in_unit(&self, report: &Report, text: &str, unit: OffsetUnit) -> Result<Report> {
        let mut report = report.clone();
        let from = std::mem::replace(&mut report.offset_unit, unit);
        let mut places = vec![&mut report.coverage.total];
        push(&mut places, &mut report.not_searched);
        for found in &mut report.matches {
            push(&mut places, [&mut found.output]);
            push(&mut places, found.edits.iter_mut().map(|edit| &mut edit.output));
        }
        if let Some(sealed) = &mut report.sealed {
            for found in sealed.matches.iter_mut().chain(&mut sealed.leads) {
                push(&mut places, [&mut found.output]);
                push(&mut places, &mut found.passages);
            }
        }
        if let Some(meaning) = &mut report.meaning {
            push(&mut places, meaning.matches.iter_mut().map(|found| &mut found.output));
        }
        count_again(text, from, unit, places)?;
        report.coverage.matched = covered(&report);

        let mut of_works: Vec<(&str, Vec<&mut usize>)> = Vec::new();
        for found in &mut report.matches {
            let mut places = Vec::new();
            push(&mut places, [&mut found.source]);
            push(&mut places, found.edits.iter_mut().map(|edit| &mut edit.source));
            of_works.push((&found.work_id, places));
        }
        if let Some(meaning) = &mut report.meaning {
            for found in &mut meaning.matches {
                let mut places = Vec::new();
                push(&mut places, [&mut found.source]);
                of_works.push((&found.work_id, places));
            }
        }
        // Stable: passages of one work are looked up together.
        of_works.sort_by_key(|&(work_id, _)| work_id);
        let mut of_works = of_works.into_iter().peekable();
        while let Some((work_id, mut places)) = of_works.next() {
            while let Some((_, more)) = of_works.next_if(|&(other, _)| other == work_id) {
                places.extend(more);
            }
            let work = self.0.registry.text_of(work_id)?;
            let work = work.ok_or_else(|| {
                Error::input(format!("the report names the work {work_id:?}, which is not in this registry"))
            })?;
            count_again(&work, from, unit, places)?;
        }
        Ok(report)
    }
}

fn push<'a>(places: &mut Vec<&'a mut usize>, spans: impl IntoIterator<Item = &'a mut Span>) {
    places.extend(spans.into_iter().flat_map(|span| [&mut span.start, &mut span.end]));
}

/// How much of a text lies in matches, in the report's own unit.
fn covered(report: &Report) -> usize {
    let matches = report.matches.iter().map(|found| found.output);
    let sealed = report.sealed.iter().flat_map(|sealed| &sealed.matches);
    let mut spans: Vec<Span> =
        matches.chain(sealed.flat_map(|found| found.passages.iter().copied())).collect();
    spans.sort_unstable();
    let (mut covered, mut until) = (0, 0);
    for span in spans {
        covered += span.end.saturating_sub(span.start.max(until));
        until = until.max(span.end);
    }
    covered
}

/// Turns places of a text, counted in one unit, into another.
fn count_again(text: &str, from: OffsetUnit, to: OffsetUnit, mut places: Vec<&mut usize>) -> Result<()> {
    // Only characters of four bytes are two units of UTF-16, only ASCII is one byte everywhere.
    let differs = match (from, to) {
        _ if from == to => false,
        (OffsetUnit::Byte, _) | (_, OffsetUnit::Byte) => !text.is_ascii(),
        // The greatest of all, without a way out: so they are compared many at a time.
        _ => text.bytes().fold(0, u8::max) >= 0xF0,
    };
    if !differs {
        return Ok(());
    }
    places.sort_unstable();
    let mut characters = text.chars();
    let (mut old, mut new) = (0, 0);
    for place in places {
        while old < *place {
            let Some(character) = characters.next() else { break };
            old += units(character, from);
            new += units(character, to);
        }
        if old != *place {
            return Err(Error::input("the report's offsets do not fit the text: it is of another one"));
        }
        *place = new;
    }
    Ok(())
}

fn units(character: char, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Byte => character.len_utf8(),
        OffsetUnit::CodePoint => 1,
        OffsetUnit::Utf16 => character.len_utf16(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Profile, Registry, SealKey, SealOptions, Trust, Work};
    use crate::scanner::Settings;

    const UNITS: [OffsetUnit; 3] = [OffsetUnit::Byte, OffsetUnit::CodePoint, OffsetUnit::Utf16];

    /// Words that are different from each other, with a character of one, two, three or four bytes before each.
    fn text(seed: usize, words: usize) -> String {
        let before = ["", "é", "–", "😀", "𝔞 "];
        (0..words)
            .map(|k| format!("{}wo{}rd{} ", before[(seed + k) % 5], seed * 31 + k * k, k * 7 + seed))
            .collect()
    }

    fn registry() -> Registry {
        let work = |k: usize| Work { work_id: format!("w{k}"), text: text(k, 90), ..Work::default() };
        Registry::from_works((0..4).map(work)).unwrap()
    }

    fn scanner(registry: &Registry, unit: OffsetUnit) -> Scanner {
        Scanner::new(
            registry.clone(),
            Settings { offset_unit: unit, always_hash: true, ..Settings::default() },
        )
    }

    fn outputs() -> Vec<String> {
        let copied = |k: usize, from: usize, words: usize| {
            text(k, 90).split_inclusive(' ').skip(from).take(words).collect::<String>()
        };
        vec![
            String::new(),
            "😀".into(),
            "nothing here".into(),
            format!("😀😀 so: {} and 𝔞𝔟 {}", copied(0, 3, 60), copied(1, 20, 64).replace("rd7", "RD")),
            format!("{}{}{}", copied(2, 0, 70), copied(3, 9, 70), copied(2, 30, 58)),
        ]
    }

    #[test]
    fn another_unit_is_what_a_scan_with_it_says() {
        let sealed = registry()
            .seal(&SealKey::new([7; 32], "s").unwrap(), &SealOptions::new(Profile::Contract, "r", "1"))
            .unwrap();
        let sealed = Registry::from_sealed(sealed.bytes, &Trust::default()).unwrap();
        let mut found = 0;
        for registry in [registry(), sealed] {
            for text in outputs() {
                for from in UNITS {
                    let scanner_from = scanner(&registry, from);
                    let report = scanner_from.scan_text(&text).unwrap();
                    found += report.match_count();
                    for to in UNITS {
                        let expected = scanner(&registry, to).scan_text(&text).unwrap();
                        assert_eq!(
                            scanner_from.in_unit(&report, &text, to).unwrap(),
                            expected,
                            "{from:?} {to:?} {text}"
                        );
                    }
                }
            }
        }
        assert!(found > 20, "{found}");
    }

    #[test]
    fn a_report_of_another_text_is_refused() {
        let scanner = scanner(&registry(), OffsetUnit::CodePoint);
        let text = &outputs()[3];
        let report = scanner.scan_text(text).unwrap();
        let refused =
            |report: &Report, text: &str| scanner.in_unit(report, text, OffsetUnit::Utf16).unwrap_err();
        assert!(refused(&report, "😀").is_input());
        let mut other = report.clone();
        other.matches[0].work_id = "none".into();
        assert!(refused(&other, text).is_input());
    }
}
