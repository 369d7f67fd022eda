//! How sections lie in a segment's file, and how that is checked.

use super::layout::{ALIGNED, FOOTER, Held, Layout, MAGIC, ROW, SECTIONS, Section, TEXT_START, header};
use super::memory::Memory;
use crate::error::{Error, Result};
use crate::text::UNICODE_VERSION;

/// Last bytes of every segment.
const TAIL: [u8; 8] = *b"\x01\0MLAGAN";
/// The version of this format.
pub(crate) const FORMAT: u32 = 1;
/// Collects sections as they are written and ends with the table and the footer.
pub(super) struct LayoutWriter {
    text_len: u64,
    at: u64,
    table: Vec<u8>,
}

impl LayoutWriter {
    pub(super) fn new(text_len: u64) -> Self {
        Self { text_len, at: TEXT_START + text_len, table: Vec::new() }
    }

    /// Writes the next section; sections come in the order of [`Section`], each from a multiple of [`ALIGNED`].
    pub(super) fn section(
        &mut self,
        sink: &mut impl std::io::Write,
        expected: Section,
        bytes: &[u8],
    ) -> std::io::Result<()> {
        debug_assert_eq!(self.table.len() / ROW, expected as usize);
        let padding = self.at.next_multiple_of(ALIGNED) - self.at;
        sink.write_all(&[0; ALIGNED as usize][..padding as usize])?;
        self.at += padding;
        self.table.extend_from_slice(&self.at.to_le_bytes());
        self.table.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.table.extend_from_slice(&checksum(bytes)[..16]);
        sink.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Writes the table and the footer; gives the file's length and the hash that stands for all of it.
    pub(super) fn finish(
        mut self,
        sink: &mut impl std::io::Write,
        works: u32,
    ) -> std::io::Result<(u64, [u8; 32])> {
        let padding = (self.at.next_multiple_of(ALIGNED) - self.at) as usize;
        sink.write_all(&[0; ALIGNED as usize][..padding])?;
        self.table.extend_from_slice(&works.to_le_bytes());
        self.table.extend_from_slice(&(SECTIONS as u32).to_le_bytes());
        self.table.extend_from_slice(&self.text_len.to_le_bytes());
        let hash = hash_table(&header(), &self.table);
        sink.write_all(&self.table)?;
        sink.write_all(&hash)?;
        sink.write_all(&TAIL)?;
        Ok((self.at + padding as u64 + self.table.len() as u64 + 32 + 8, hash))
    }
}

fn hash_table(header: &[u8], table: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(header).update(table).finalize().as_bytes()
}

/// BLAKE3, on all cores.
fn checksum(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    #[cfg(feature = "parallel")]
    hasher.update_rayon(bytes);
    #[cfg(not(feature = "parallel"))]
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}

/// Where the section table begins in an index.
fn table_start(index: &[u8]) -> usize {
    index.len() - FOOTER - SECTIONS * ROW
}

/// Where a file that ends with a whole footer has what [`hash_table`] gave.
fn footer_hash(index: &[u8]) -> &[u8] {
    &index[index.len() - 40..index.len() - 8]
}

/// What the last bytes of a file say, before the rest is read.
pub(super) struct Footer {
    works: u32,
    text_len: u64,
    index_start: u64,
}

impl Footer {
    /// Bytes that [`parse`](Self::parse) wants: the file's first 16, and its last `FOOTER`.
    pub(super) const TAIL_LEN: usize = FOOTER;

    /// Where the texts end.
    pub(super) fn texts_end(&self) -> u64 {
        TEXT_START + self.text_len
    }

    /// Where the index begins: the first multiple of [`ALIGNED`] behind the texts.
    pub(super) fn index_start(&self) -> u64 {
        self.index_start
    }

    pub(super) fn parse(head: &[u8], tail: &[u8], file_len: u64) -> Result<Self> {
        if head.len() < TEXT_START as usize || head[..7] != MAGIC[..7] {
            return Err(Error::corrupt("not a nagalm segment, or its beginning is damaged"));
        }
        if head[7] != MAGIC[7] {
            return Err(Error::version(format!(
                "a segment of format {}: this build reads format {FORMAT}; update nagalm",
                head[7]
            )));
        }
        let (major, minor, update) = UNICODE_VERSION;
        if head[8..11] != [major, minor, update] {
            return Err(Error::version(format!(
                "a segment folded by Unicode {}.{}.{}: this build folds by {major}.{minor}.{update}; run `nagalm compact` to index the works again",
                head[8], head[9], head[10]
            )));
        }
        let truncated = || Error::corrupt("the segment is truncated or its end is damaged");
        if tail.len() != FOOTER || tail[FOOTER - 8..] != TAIL {
            return Err(truncated());
        }
        let works = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
        let sections = u32::from_le_bytes([tail[4], tail[5], tail[6], tail[7]]);
        let text_len = u64_at(tail, 8);
        let index_start =
            text_len.checked_add(TEXT_START).and_then(|end| end.checked_next_multiple_of(ALIGNED));
        match index_start {
            Some(index_start)
                if sections as usize == SECTIONS
                    && file_len.is_multiple_of(8)
                    && index_start + (SECTIONS * ROW + FOOTER) as u64 <= file_len =>
            {
                Ok(Self { works, text_len, index_start })
            }
            _ => Err(truncated()),
        }
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

impl Layout {
    /// Takes the part of the file from `index_start` on. Checks where the sections lie, and `all` of their bytes.
    pub(super) fn from_index(head: &[u8], footer: &Footer, memory: Memory, all: bool) -> Result<Self> {
        let damaged = |what: &str| Error::corrupt(format!("the segment is damaged: {what}"));
        let index: &[u8] = &memory;
        let table_start = table_start(index);
        let table = &index[table_start..index.len() - 32 - 8];
        if hash_table(&head[..TEXT_START as usize], table) != footer_hash(index) {
            return Err(damaged("its section table"));
        }
        let mut ranges = [(0, 0); SECTIONS];
        let mut end = 0;
        for (row, range) in table.chunks_exact(ROW).zip(&mut ranges) {
            let start = u64_at(row, 0).checked_sub(footer.index_start);
            let len = u64_at(row, 8);
            // No gaps, no overlap: each section begins at the first multiple of `ALIGNED` behind the one before.
            match start {
                Some(start) if start == end as u64 && len <= (table_start as u64).saturating_sub(start) => {
                    *range = (start as usize, (start + len) as usize);
                }
                _ => return Err(damaged("its sections do not follow one another")),
            }
            end = range.1.next_multiple_of(ALIGNED as usize);
        }
        if end != table_start {
            return Err(damaged("bytes behind its sections"));
        }
        let layout = Self {
            works: footer.works,
            text_len: footer.text_len,
            index_bytes: index.len() as u64 + TEXT_START,
            held: Held::File { index: memory, ranges },
        };
        let whole = |section: Section, size: usize| layout.bytes(section).len().is_multiple_of(size);
        use Section::*;
        if [TextChecks, WordFilter, Totals, Sample].iter().all(|&s| whole(s, 8))
            && [
                TextEnds,
                WordEnds,
                LetterCounts,
                NameEnds,
                WordSeeds,
                LetterSeeds,
                TokenCounts,
                GramCounts,
                Stretches,
            ]
            .iter()
            .all(|&s| whole(s, 4))
            && whole(Tokens, 2)
        {
            if all {
                layout.verify()?;
            }
            Ok(layout)
        } else {
            Err(damaged("a section holds no whole number of entries"))
        }
    }

    /// Compares every section with its checksum, and the bytes between sections with zero.
    pub(super) fn verify(&self) -> Result<()> {
        let Held::File { index, ranges } = &self.held else { return Ok(()) };
        let damaged = |what: &str| Err(Error::corrupt(format!("the segment is damaged: {what}")));
        let table = &index[table_start(index)..];
        for (row, &(start, end)) in table.chunks_exact(ROW).zip(ranges) {
            if checksum(&index[start..end])[..16] != row[16..] {
                return damaged("a section does not match its checksum");
            }
            if index[end..end.next_multiple_of(ALIGNED as usize)].iter().any(|&b| b != 0) {
                return damaged("bytes between its sections");
            }
        }
        Ok(())
    }

    /// The checksum in the file's footer: it stands for the section table, and thereby for every section.
    pub(super) fn hash(&self) -> &[u8] {
        match &self.held {
            Held::Made(_) => &[],
            Held::File { index, .. } => footer_hash(index),
        }
    }
}
