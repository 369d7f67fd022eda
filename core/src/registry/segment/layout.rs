//! Where the sections of a segment file lie, and how they are checked. Little-endian and fixed-width throughout.

use super::memory::Memory;
use crate::error::{Error, Result};
use crate::text::UNICODE_VERSION;

/// First bytes of every segment, the last of them the format's version.
const MAGIC: [u8; 8] = *b"NAGALM\0\x01";
/// Last bytes of every segment.
const TAIL: [u8; 8] = *b"\x01\0MLAGAN";
/// The version of this format.
pub(crate) const FORMAT: u32 = 1;
/// Texts begin here, behind the magic and the Unicode version.
pub(super) const TEXT_START: u64 = 16;
/// Sections begin at multiples of so many bytes, in the file and in memory: a cache line.
const ALIGNED: u64 = 64;
/// Bytes of the footer: works, sections, length of the texts, checksum, tail.
const FOOTER: usize = 4 + 4 + 8 + 32 + 8;
/// Bytes of one row of the section table: offset, length, checksum.
const ROW: usize = 8 + 8 + 16;

/// What a section holds, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    TextEnds,
    TextChecks,
    WordEnds,
    LetterCounts,
    NameEnds,
    Names,
    Tokens,
    WordFilter,
    WordSeeds,
    LetterSeeds,
    TokenCounts,
    GramCounts,
    Totals,
    Stretches,
    Sample,
}

const SECTIONS: usize = Section::Sample as usize + 1;

/// The first bytes of a segment.
pub(super) fn header() -> [u8; TEXT_START as usize] {
    let mut header = [0; TEXT_START as usize];
    header[..8].copy_from_slice(&MAGIC);
    let (major, minor, update) = UNICODE_VERSION;
    header[8..11].copy_from_slice(&[major, minor, update]);
    header
}

/// A short checksum of one text, from its BLAKE3 hash.
pub(super) fn text_check(hash: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

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
#[cfg(feature = "store")]
fn table_start(index: &[u8]) -> usize {
    index.len() - FOOTER - SECTIONS * ROW
}

/// Where a file that ends with a whole footer has what [`hash_table`] gave.
#[cfg(feature = "store")]
fn footer_hash(index: &[u8]) -> &[u8] {
    &index[index.len() - 40..index.len() - 8]
}

/// The sections of a segment's index.
pub(super) struct Layout {
    works: u32,
    text_len: u64,
    index_bytes: u64,
    held: Held,
}

/// Where sections lie.
#[allow(clippy::large_enum_variant)] // There is one for each segment, and each look-up asks it.
enum Held {
    /// As they were made.
    Made([Memory; SECTIONS]),
    /// The file from the index's start to its end; sections are read in place.
    #[cfg(feature = "store")]
    File { index: Memory, ranges: [(usize, usize); SECTIONS] },
}

/// What the last bytes of a file say, before the rest is read.
pub(super) struct Footer {
    works: u32,
    text_len: u64,
    index_start: u64,
}

impl Footer {
    /// Bytes that [`parse`](Self::parse) wants: the file's first 16, and its last `FOOTER`.
    #[cfg(feature = "store")]
    pub(super) const TAIL_LEN: usize = FOOTER;

    /// Where the index begins: the first multiple of [`ALIGNED`] behind the texts.
    #[cfg(feature = "store")]
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
    /// Sections that were just made, in their order.
    pub(super) fn made(works: u32, text_len: u64, sections: Vec<Memory>) -> Option<Self> {
        let sections: [Memory; SECTIONS] = sections.try_into().ok()?;
        let lengths = sections.iter().map(|section| (section.len() as u64).next_multiple_of(ALIGNED));
        let index_bytes = TEXT_START + lengths.sum::<u64>() + (SECTIONS * ROW + FOOTER) as u64;
        Some(Self { works, text_len, index_bytes, held: Held::Made(sections) })
    }

    /// Takes the part of the file from `index_start` on. Checks where the sections lie, and `all` of their bytes.
    #[cfg(feature = "store")]
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
                Some(start) if start == end as u64 && len <= table_start as u64 - start => {
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
        if [TextEnds, TextChecks, NameEnds, WordFilter, Totals, Sample].iter().all(|&s| whole(s, 8))
            && [WordEnds, LetterCounts, WordSeeds, LetterSeeds, TokenCounts, GramCounts, Stretches]
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
    #[cfg(feature = "store")]
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
    #[cfg(feature = "store")]
    pub(super) fn hash(&self) -> &[u8] {
        match &self.held {
            Held::Made(_) => &[],
            Held::File { index, .. } => footer_hash(index),
        }
    }

    pub(super) fn works(&self) -> u32 {
        self.works
    }

    pub(super) fn text_len(&self) -> u64 {
        self.text_len
    }

    pub(super) fn index_bytes(&self) -> u64 {
        self.index_bytes
    }

    pub(super) fn bytes(&self, section: Section) -> &[u8] {
        match &self.held {
            Held::Made(sections) => &sections[section as usize],
            #[cfg(feature = "store")]
            Held::File { index, ranges } => {
                let (start, end) = ranges[section as usize];
                &index[start..end]
            }
        }
    }

    // Sections begin at multiples of eight bytes, and more, in memory that does so, too, and their lengths were checked: the casts hold.

    pub(super) fn u16s(&self, section: Section) -> &[u16] {
        bytemuck::cast_slice(self.bytes(section))
    }

    pub(super) fn u32s(&self, section: Section) -> &[u32] {
        bytemuck::cast_slice(self.bytes(section))
    }

    pub(super) fn u64s(&self, section: Section) -> &[u64] {
        bytemuck::cast_slice(self.bytes(section))
    }
}

#[cfg(target_endian = "big")]
compile_error!(
    "segments are read in place and little-endian: a big-endian build needs to swap their bytes first"
);
