//! The sections of a segment, as they were made or as they lie in a file. Little-endian and fixed-width throughout.

use super::memory::Memory;
use crate::text::UNICODE_VERSION;

/// First bytes of every segment, the last of them the format's version.
pub(super) const MAGIC: [u8; 8] = *b"NAGALM\0\x01";
/// Texts begin here, behind the magic and the Unicode version.
pub(super) const TEXT_START: u64 = 16;
/// Sections begin at multiples of so many bytes, in the file and in memory: a cache line.
pub(super) const ALIGNED: u64 = 64;
/// Bytes of the footer: works, sections, length of the texts, checksum, tail.
pub(super) const FOOTER: usize = 4 + 4 + 8 + 32 + 8;
/// Bytes of one row of the section table: offset, length, checksum.
pub(super) const ROW: usize = 8 + 8 + 16;

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

pub(super) const SECTIONS: usize = Section::Sample as usize + 1;

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

/// The sections of a segment's index.
pub(super) struct Layout {
    pub(super) works: u32,
    pub(super) text_len: u64,
    pub(super) index_bytes: u64,
    pub(super) held: Held,
}

/// Where sections lie.
#[allow(clippy::large_enum_variant)] // There is one for each segment, and each look-up asks it.
pub(super) enum Held {
    /// As they were made.
    Made([Memory; SECTIONS]),
    /// The file from the index's start to its end; sections are read in place.
    #[cfg(feature = "store")]
    File { index: Memory, ranges: [(usize, usize); SECTIONS] },
}

impl Layout {
    /// Sections that were just made, in their order.
    pub(super) fn made(works: u32, text_len: u64, sections: Vec<Memory>) -> Option<Self> {
        let sections: [Memory; SECTIONS] = sections.try_into().ok()?;
        let lengths = sections.iter().map(|section| (section.len() as u64).next_multiple_of(ALIGNED));
        let index_bytes = TEXT_START + lengths.sum::<u64>() + (SECTIONS * ROW + FOOTER) as u64;
        Some(Self { works, text_len, index_bytes, held: Held::Made(sections) })
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
