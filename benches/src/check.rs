//! Holds a report to the two texts it speaks about, whatever the benchmark expects it to find.

use nagalm::report::{EditKind, Match, MatchKind, OffsetUnit, Span, Trick};
use nagalm::{Output, Report};

use crate::answer::letters;

/// What a report says that the texts do not bear out: empty where all of it holds. `text_of` gives a work's text.
pub(crate) fn contradictions<'a>(
    report: &Report,
    output: &Output,
    text_of: impl Fn(&str) -> Option<&'a str>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let unit = report.offset_unit;
    if report.id != output.id {
        wrong.push("names another output".to_owned());
    }
    let mut covered = 0;
    let mut position = 0;
    for found in &report.matches {
        let Some(work) = text_of(&found.work_id) else {
            wrong.push(format!("names `{}`, which is not registered", found.work_id));
            continue;
        };
        if found.output.start < position {
            wrong.push(format!("two matches claim the same place at {}", found.output.start));
        }
        position = found.output.end;
        covered += found.output.end.saturating_sub(found.output.start);
        if let Err(reason) = hold_match(found, unit, &output.text, work) {
            wrong.push(format!("`{}` at {}: {reason}", found.work_id, found.output.start));
        }
    }
    if report.coverage.matched != covered || report.coverage.total != length(&output.text, unit) {
        wrong.push(format!("coverage {:?} where matches cover {covered}", report.coverage));
    }
    wrong
}

/// Whether the output's letters are read as others than they are. Then this crate cannot compare them; that a passage was
/// hidden at the place is known where it was (`reach/evasion.rs`).
fn is_read_otherwise(found: &Match) -> bool {
    use Trick::{Base64, Homoglyphs, Leet, Rot13, SmallCapitals, TagCharacters, VariationSelectors};
    let otherwise = [Base64, Homoglyphs, Leet, Rot13, SmallCapitals, TagCharacters, VariationSelectors];
    found.tricks.iter().any(|trick| otherwise.contains(trick))
}

fn hold_match(found: &Match, unit: OffsetUnit, output: &str, work: &str) -> Result<(), String> {
    let passage = slice(output, found.output, unit).ok_or("output span outside the text")?;
    let source = slice(work, found.source, unit).ok_or("source span outside the text")?;
    if passage.is_empty() || source.is_empty() {
        return Err("an empty span".into());
    }
    if let Some(quote) = &found.quote
        && (quote.output != passage || quote.source != source)
    {
        return Err("the quotation is not what stands at the offsets".into());
    }
    // Between syllable hyphens durations are set aside.
    let sung = passage.contains(" -- ") != source.contains(" -- ");
    let (mut at_output, mut at_source) = (found.output.start, found.source.start);
    for edit in &found.edits {
        if edit.output.start < at_output || edit.source.start < at_source {
            return Err("edits overlap or go backwards".into());
        }
        (at_output, at_source) = (edit.output.end, edit.source.end);
        let ours = slice(output, edit.output, unit).ok_or("an edit outside the output")?;
        let theirs = slice(work, edit.source, unit).ok_or("an edit outside the work")?;
        if edit.op == EditKind::Equal
            && !is_read_otherwise(found)
            && letters(ours) != letters(theirs)
            && !(sung && same_lyric(ours, theirs))
        {
            return Err(format!("called equal: {ours:?} and {theirs:?}"));
        }
    }
    if at_output > found.output.end || at_source > found.source.end {
        return Err("edits run past the match".into());
    }
    if found.kind == MatchKind::Verbatim && found.edits.iter().any(|e| e.op != EditKind::Equal) {
        return Err("called verbatim, with edits".into());
    }
    if !(found.evalue >= 0.0 && found.bits.is_finite() && (0.0..=1.0).contains(&found.identity)) {
        return Err(format!("bits {}, E {}, identity {}", found.bits, found.evalue, found.identity));
    }
    Ok(())
}

/// Whether the letters are the same but for durations behind syllables (`Chri2 -- sten4 -- heit,4*5`), which are no part
/// of a lyric.
fn same_lyric(ours: &str, theirs: &str) -> bool {
    let lyric = |text| letters(text).replace(|symbol: char| symbol.is_ascii_digit(), "");
    lyric(ours) == lyric(theirs)
}

/// The text that `span` names, or `None` where it lies outside or splits a character.
pub(crate) fn slice(text: &str, span: Span, unit: OffsetUnit) -> Option<&str> {
    text.get(byte_offset(text, span.start, unit)?..byte_offset(text, span.end, unit)?)
}

/// Where `offset` lies in bytes.
fn byte_offset(text: &str, offset: usize, unit: OffsetUnit) -> Option<usize> {
    match unit {
        OffsetUnit::Byte => text.is_char_boundary(offset).then_some(offset),
        OffsetUnit::CodePoint => text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(offset),
        OffsetUnit::Utf16 => {
            let mut units = 0;
            for (at, symbol) in text.char_indices() {
                if units >= offset {
                    return (units == offset).then_some(at);
                }
                units += symbol.len_utf16();
            }
            (units == offset).then_some(text.len())
        }
    }
}

fn length(text: &str, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Byte => text.len(),
        OffsetUnit::CodePoint => text.chars().count(),
        OffsetUnit::Utf16 => text.chars().map(char::len_utf16).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_no_part_of_a_lyric() {
        assert!(same_lyric("o4 Chri2 -- sten4 -- heit,4*5", "O Christenheit"));
        assert!(!same_lyric("o4 Chri2 -- sten4 -- heit,4*5", "O Christen"));
    }

    #[test]
    fn slices_in_every_unit() {
        let text = "aä𝄞z";
        let at = |start, end| Span { start, end };
        assert_eq!(slice(text, at(1, 3), OffsetUnit::Byte), Some("ä"));
        assert_eq!(slice(text, at(1, 3), OffsetUnit::CodePoint), Some("ä𝄞"));
        assert_eq!(slice(text, at(2, 4), OffsetUnit::Utf16), Some("𝄞"));
        assert_eq!(slice(text, at(2, 3), OffsetUnit::Utf16), None, "splits a surrogate pair");
        assert_eq!(slice(text, at(2, 3), OffsetUnit::Byte), None, "splits a character");
        assert_eq!(slice(text, at(3, 5), OffsetUnit::CodePoint), None, "past the end");
    }
}
