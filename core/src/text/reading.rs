//! A text read in another way, with the way back to the bytes that it was read from.

use std::ops::Range;

use super::disguise::Disguise;

/// What stands in a text for who reads it without its disguise.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// What was seen through.
    pub(crate) disguise: Disguise,
    /// What is read.
    pub(crate) text: String,
    /// In ascending order in `text`, without gaps.
    pieces: Vec<Piece>,
}

/// A piece of a reading and where it comes from.
#[derive(Clone, Debug)]
struct Piece {
    /// Its first byte in the reading.
    start: usize,
    /// The bytes of the original.
    from: Range<usize>,
    /// Whether each byte comes from one byte of the original, in their order. Otherwise all come from all.
    is_bytewise: bool,
}

impl Reading {
    pub(super) fn new(disguise: Disguise) -> Self {
        Self { disguise, text: String::new(), pieces: Vec::new() }
    }

    /// Adds what stands in the original, which is `text`, as it stands there.
    pub(super) fn keep(&mut self, text: &str, from: Range<usize>) {
        let kept = &text[from.clone()];
        self.add(kept, from, true);
    }

    /// Adds `letters`, which are read where the bytes `from` stand.
    pub(super) fn read(&mut self, letters: &str, from: Range<usize>) {
        self.add(letters, from, false);
    }

    /// Adds ASCII letters of which each is read where one byte of `from` stands.
    pub(super) fn read_bytewise(&mut self, letters: &str, from: Range<usize>) {
        let is_bytewise = letters.len() == from.len();
        self.add(letters, from, is_bytewise);
    }

    /// Parts what comes next from what went before, which is read elsewhere.
    pub(super) fn part(&mut self) {
        if let Some(at) = self.pieces.last().map(|piece| piece.from.end) {
            self.add("\n", at..at, false);
        }
    }

    fn add(&mut self, letters: &str, from: Range<usize>, is_bytewise: bool) {
        let start = self.text.len();
        self.text.push_str(letters);
        match self.pieces.last_mut() {
            Some(last) if last.is_bytewise && is_bytewise && last.from.end == from.start => {
                last.from.end = from.end;
            }
            _ if letters.is_empty() => {}
            _ => self.pieces.push(Piece { start, from, is_bytewise }),
        }
    }

    /// Where in the original stands what the bytes of `range` are read from. Logarithmic time.
    pub(crate) fn original(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            // Behind what stands before it.
            let at = if range.start == 0 { self.start(0) } else { self.end(range.start) };
            return at..at;
        }
        let (start, end) = (self.start(range.start), self.end(range.end));
        start..end.max(start)
    }

    /// Where in the original the byte `at` begins.
    fn start(&self, at: usize) -> usize {
        let piece = self.piece(at);
        piece.map_or(0, |p| if p.is_bytewise { p.from.start + at - p.start } else { p.from.start })
    }

    /// Where in the original the byte before `at` ends.
    fn end(&self, at: usize) -> usize {
        let piece = self.piece(at.saturating_sub(1));
        piece.map_or(0, |p| if p.is_bytewise { p.from.start + at - p.start } else { p.from.end })
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        let behind = self.pieces.partition_point(|piece| piece.start <= at);
        self.pieces.get(behind.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_knows_where_it_was_read() {
        let text = "ab\u{0441}\u{0443} efg h";
        let mut reading = Reading::new(Disguise::Homoglyphs);
        reading.keep(text, 0..2);
        reading.read("c", 2..4);
        reading.read("y", 4..6);
        reading.keep(text, 6..7);
        reading.keep(text, 7..10);
        reading.part();
        reading.keep(text, 11..12);
        assert_eq!(reading.text, "abcy efg\nh");
        for (range, from) in [
            (0..1, 0..1),
            (1..3, 1..4),
            (2..3, 2..4),
            (3..4, 4..6),
            (0..4, 0..6),
            (5..8, 7..10),
            (9..10, 11..12),
            (6..10, 8..12),
            (4..4, 6..6),
            (0..0, 0..0),
            (8..8, 10..10),
        ] {
            assert_eq!(reading.original(range.clone()), from, "{range:?}");
        }
    }
}
