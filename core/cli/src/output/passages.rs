//! The two passages of a match, cut into rows that stand side by side and pieces that are marked alike.

use nagalm::report::{EditKind, Match, OffsetUnit, Span};

/// Rows are cut at line ends; where a passage has none, at the end of a sentence once a row has this many bytes,
const LONG_ROW: usize = 160;
/// or anywhere between two words once it has this many.
const LONGEST_ROW: usize = 480;

fn is_long(row_bytes: usize, ends_sentence: bool) -> bool {
    row_bytes > if ends_sentence { LONG_ROW } else { LONGEST_ROW }
}

fn ends_sentence(text: &str) -> bool {
    text.contains(['.', '!', '?', '。', '！', '？'])
}

/// What a piece of a passage is to the other passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Equal,
    Changed,
    /// Only the output has it.
    Inserted,
    /// Only the work has it.
    Deleted,
    /// White space and punctuation between words.
    Between,
}

/// A piece of one passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) mark: Mark,
    pub(crate) text: &'a str,
}

/// What stands side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    /// Whether an empty line stands before it, as between two stanzas.
    pub(crate) after_gap: bool,
    pub(crate) output: Vec<Piece<'a>>,
    pub(crate) source: Vec<Piece<'a>>,
}

/// The rows of a match that carries its passages; `None` where it does not, or where its offsets do not fit them
/// (a report can come from anywhere).
pub(crate) fn rows(found: &Match, unit: OffsetUnit) -> Option<Vec<Row<'_>>> {
    let quote = found.quote.as_ref()?;
    let lead = if quote.source.contains('\n') { Lead::Source } else { Lead::Output };
    let mut output = Side::new(&quote.output, found.output, unit);
    let mut source = Side::new(&quote.source, found.source, unit);
    for (i, edit) in found.edits.iter().enumerate() {
        let later = &found.edits[i + 1..];
        // A run that only one side has stands behind a line end where its own side has one before it.
        let (a, b) = match edit.op {
            EditKind::Inserted => {
                let a = output.advance(edit.output.start)?;
                let next = later.iter().map(|e| e.source).find(|s| !s.is_empty());
                (a, source.follow(a, next)?)
            }
            EditKind::Deleted => {
                let b = source.advance(edit.source.start)?;
                let next = later.iter().map(|e| e.output).find(|s| !s.is_empty());
                (output.follow(b, next)?, b)
            }
            _ => (output.advance(edit.output.start)?, source.advance(edit.source.start)?),
        };
        gap(a, b, lead, &mut output, &mut source);
        match edit.op {
            EditKind::Equal => {
                let (a, b) = (output.advance(edit.output.end)?, source.advance(edit.source.end)?);
                equal_run(a, b, lead, &mut output, &mut source);
            }
            EditKind::Changed => {
                let (a, b) = (output.advance(edit.output.end)?, source.advance(edit.source.end)?);
                output.push(Mark::Changed, a);
                source.push(Mark::Changed, b);
            }
            EditKind::Inserted => {
                let a = output.advance(edit.output.end)?;
                output.push(Mark::Inserted, a);
            }
            EditKind::Deleted => {
                let b = source.advance(edit.source.end)?;
                source.push(Mark::Deleted, b);
            }
        }
    }
    output.rest();
    source.rest();
    Some(zip(output.finish(), source.finish()))
}

/// Whose line ends cut the rows: the work's; where it has none, the output's.
#[derive(Clone, Copy)]
enum Lead {
    Output,
    Source,
}

impl Lead {
    fn of<'a>(self, output: &'a str, source: &'a str) -> &'a str {
        match self {
            Self::Output => output,
            Self::Source => source,
        }
    }

    fn breaks(self, output: &str, source: &str) -> bool {
        self.of(output, source).contains('\n')
    }

    /// Whether an empty line stands there.
    fn is_gap(self, output: &str, source: &str) -> bool {
        self.of(output, source).matches('\n').count() > 1
    }
}

/// The texts between two runs: both sides stand at the same place of the alignment, so a row may end here.
fn gap<'a>(a: &'a str, b: &'a str, lead: Lead, output: &mut Side<'a>, source: &mut Side<'a>) {
    let row_bytes = output.row_bytes.max(source.row_bytes);
    if lead.breaks(a, b) || is_long(row_bytes, ends_sentence(b)) {
        output.push_and_cut(a, lead.is_gap(a, b));
        source.push_and_cut(b, false);
    } else {
        output.push(Mark::Between, a);
        source.push(Mark::Between, b);
    }
}

/// An equal run: where both sides have as many words (set apart by white space), it is cut at line ends within.
fn equal_run<'a>(a: &'a str, b: &'a str, lead: Lead, output: &mut Side<'a>, source: &mut Side<'a>) {
    let (a_words, b_words) = (words(a), words(b));
    if a_words.len() != b_words.len() || a_words.len() < 2 {
        output.push(Mark::Equal, a);
        source.push(Mark::Equal, b);
        return;
    }
    let (mut a_from, mut b_from) = (0, 0);
    for (a_pair, b_pair) in a_words.windows(2).zip(b_words.windows(2)) {
        let (a_gap, b_gap) = (a_pair[0].1..a_pair[1].0, b_pair[0].1..b_pair[1].0);
        let (a_between, b_between) = (&a[a_gap.clone()], &b[b_gap.clone()]);
        let long = (a_gap.start - a_from).max(b_gap.start - b_from) + output.row_bytes.max(source.row_bytes);
        if lead.breaks(a_between, b_between) || is_long(long, ends_sentence(&b[b_pair[0].0..b_gap.start])) {
            output.push(Mark::Equal, &a[a_from..a_gap.start]);
            source.push(Mark::Equal, &b[b_from..b_gap.start]);
            output.push_and_cut(a_between, lead.is_gap(a_between, b_between));
            source.push_and_cut(b_between, false);
            (a_from, b_from) = (a_gap.end, b_gap.end);
        }
    }
    output.push(Mark::Equal, &a[a_from..]);
    source.push(Mark::Equal, &b[b_from..]);
}

/// Start and end of each word, in bytes.
fn words(text: &str) -> Vec<(usize, usize)> {
    text.split_whitespace()
        .map(|word| {
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            (start, start + word.len())
        })
        .collect()
}

fn zip<'a>(output: Vec<(bool, Vec<Piece<'a>>)>, source: Vec<(bool, Vec<Piece<'a>>)>) -> Vec<Row<'a>> {
    output
        .into_iter()
        .zip(source)
        .map(|((after_gap, output), (_, source))| Row { after_gap, output, source })
        .filter(|row| !row.output.is_empty() || !row.source.is_empty())
        .collect()
}

/// One passage while it is cut up.
struct Side<'a> {
    text: &'a str,
    /// Where the passage starts in the whole text, in the report's unit.
    origin: usize,
    unit: OffsetUnit,
    /// How far the passage is done: in bytes, and in the report's unit.
    byte: usize,
    offset: usize,
    rows: Vec<(bool, Vec<Piece<'a>>)>,
    row_bytes: usize,
}

impl<'a> Side<'a> {
    fn new(text: &'a str, span: Span, unit: OffsetUnit) -> Self {
        Self {
            text,
            origin: span.start,
            unit,
            byte: 0,
            offset: 0,
            rows: vec![(false, Vec::new())],
            row_bytes: 0,
        }
    }

    /// Goes on to offset `to` of the whole text, and gives what lies before it.
    fn advance(&mut self, to: usize) -> Option<&'a str> {
        let units = to.checked_sub(self.origin)?.checked_sub(self.offset)?;
        let rest = self.text.get(self.byte..)?;
        let bytes = bytes_of(rest, units, self.unit)?;
        self.byte += bytes;
        self.offset += units;
        rest.get(..bytes)
    }

    fn push(&mut self, mark: Mark, text: &'a str) {
        if !text.is_empty() {
            self.row_bytes += text.len();
            self.rows.last_mut().expect("there is always a row").1.push(Piece { mark, text });
        }
    }

    /// Goes on to `next` where `other`, the gap on the other side, ends a line; else stays.
    fn follow(&mut self, other: &str, next: Option<Span>) -> Option<&'a str> {
        match next {
            Some(next) if other.contains('\n') => self.advance(next.start),
            _ => Some(""),
        }
    }

    /// Ends the row within `between`: after its last line end, or after all of it.
    fn push_and_cut(&mut self, between: &'a str, gap: bool) {
        let (before, after) = between.split_at(between.rfind('\n').map_or(between.len(), |at| at + 1));
        self.push(Mark::Between, before);
        self.rows.push((gap, Vec::new()));
        self.row_bytes = 0;
        self.push(Mark::Between, after);
    }

    fn rest(&mut self) {
        self.push(Mark::Between, &self.text[self.byte..]);
    }

    /// The rows, without the line ends at which they were cut.
    fn finish(mut self) -> Vec<(bool, Vec<Piece<'a>>)> {
        for (_, row) in &mut self.rows {
            if let Some(first) = row.first_mut() {
                first.text = first.text.trim_start();
            }
            if let Some(last) = row.last_mut() {
                last.text = last.text.trim_end();
            }
            row.retain(|piece| !piece.text.is_empty());
        }
        self.rows
    }
}

/// Bytes that the first `units` units of `text` take, where they end between two characters.
fn bytes_of(text: &str, units: usize, unit: OffsetUnit) -> Option<usize> {
    let width = match unit {
        OffsetUnit::Byte => return text.is_char_boundary(units).then_some(units),
        OffsetUnit::CodePoint => |_| 1,
        OffsetUnit::Utf16 => char::len_utf16,
    };
    let mut left = units;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return Some(at);
        }
        left = left.checked_sub(width(c))?;
    }
    (left == 0).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn text(pieces: &[Piece<'_>]) -> String {
        pieces.iter().map(|p| p.text).collect()
    }

    #[test]
    fn lines_stand_beside_their_lines() {
        let report = fixtures::report();
        let rows = rows(&report.matches[0], report.offset_unit).unwrap();
        let sides: Vec<_> = rows.iter().map(|r| (text(&r.output), text(&r.source))).collect();
        assert_eq!(
            sides,
            [
                ("Über die Brücke gehen wir,".to_owned(), "Über die Brücke gehn wir".to_owned()),
                ("heute noch im Regen".to_owned(), "im Regen,".to_owned()),
                ("und singen".to_owned(), "und singen laut".to_owned()),
            ]
        );
        let marks: Vec<_> = rows[0].output.iter().map(|p| p.mark).collect();
        assert_eq!(
            marks,
            [Mark::Equal, Mark::Between, Mark::Changed, Mark::Between, Mark::Equal, Mark::Between]
        );
        assert_eq!(rows[1].output[0].mark, Mark::Inserted);
        assert_eq!(rows[2].source.last().unwrap().mark, Mark::Deleted);
    }

    #[test]
    fn wrong_offsets_give_no_picture_and_no_panic() {
        let mut report = fixtures::report();
        report.matches[0].edits[1].output.end = 4000;
        assert_eq!(rows(&report.matches[0], OffsetUnit::CodePoint), None);
        let report = fixtures::report();
        for unit in [OffsetUnit::Byte, OffsetUnit::Utf16] {
            let _ = rows(&report.matches[0], unit);
        }
    }

    #[test]
    fn offsets_count_what_they_say() {
        assert_eq!(bytes_of("ü𝄞x", 2, OffsetUnit::CodePoint), Some(6));
        assert_eq!(bytes_of("ü𝄞x", 3, OffsetUnit::Utf16), Some(6));
        assert_eq!(bytes_of("ü𝄞x", 2, OffsetUnit::Utf16), None);
        assert_eq!(bytes_of("ü𝄞x", 2, OffsetUnit::Byte), Some(2));
        assert_eq!(bytes_of("ü𝄞x", 1, OffsetUnit::Byte), None);
        assert_eq!(bytes_of("ü", 2, OffsetUnit::CodePoint), None);
    }
}
