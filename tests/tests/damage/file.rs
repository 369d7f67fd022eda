//! A segment's bytes as `core/src/registry/FORMAT.md` draws them, written down once more for whoever wants to damage
//! them and make their checksums good again.

use std::ops::Range;

/// Sections, and where some of them stand among these.
pub(crate) const SECTIONS: usize = 15;
pub(crate) const TEXT_CHECKS: usize = 1;
pub(crate) const TOKEN_COUNTS: usize = 10;
const ROW: usize = 32;
const FOOTER: usize = 56;
const ALIGNED: usize = 64;
const TEXT_START: usize = 16;

/// A segment's bytes, and where its parts lie.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) texts: Range<usize>,
    pub(crate) sections: [Range<usize>; SECTIONS],
}

impl File {
    /// Takes a sound segment apart.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let table = bytes.len() - FOOTER - SECTIONS * ROW;
        let sections = std::array::from_fn(|at| {
            let start = number(&bytes, table + at * ROW);
            start..start + number(&bytes, table + at * ROW + 8)
        });
        let texts = TEXT_START..TEXT_START + number(&bytes, bytes.len() - FOOTER + 8);
        Self { bytes, texts, sections }
    }

    pub(crate) fn table(&self) -> usize {
        self.bytes.len() - FOOTER - SECTIONS * ROW
    }

    /// The section that holds a byte.
    pub(crate) fn section_of(&self, at: usize) -> Option<usize> {
        self.sections.iter().position(|section| section.contains(&at))
    }

    /// Makes the checksum of a section good, and that of all.
    pub(crate) fn repair(&mut self, section: usize) {
        let hash = blake3::hash(&self.bytes[self.sections[section].clone()]);
        let row = self.table() + section * ROW;
        self.bytes[row + 16..row + 32].copy_from_slice(&hash.as_bytes()[..16]);
        self.repair_table();
    }

    /// Makes the checksum of the header and the table good.
    pub(crate) fn repair_table(&mut self) {
        let end = self.bytes.len() - 40;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.bytes[..TEXT_START]).update(&self.bytes[self.table()..end]);
        self.bytes[end..end + 32].copy_from_slice(hasher.finalize().as_bytes());
    }

    /// Makes the checksum of the text that begins at a byte or before it good, and all above it.
    pub(crate) fn repair_text(&mut self, at: usize) {
        let ends: Vec<usize> = self.bytes[self.sections[0].clone()]
            .as_chunks()
            .0
            .iter()
            .map(|end| TEXT_START + u32::from_le_bytes(*end) as usize)
            .collect();
        let slot = ends.partition_point(|&end| end <= at);
        let start = if slot == 0 { TEXT_START } else { ends[slot - 1] };
        let hash = blake3::hash(&self.bytes[start..ends[slot]]);
        let check = self.sections[TEXT_CHECKS].start + 8 * slot;
        self.bytes[check..check + 8].copy_from_slice(&hash.as_bytes()[..8]);
        self.repair(TEXT_CHECKS);
    }

    /// The segment with a section cut to `len` bytes, or made longer by zeros, and everything else in order.
    pub(crate) fn with_length(&self, section: usize, len: usize) -> Vec<u8> {
        let mut bytes = self.bytes[..self.sections[0].start].to_vec();
        let mut rows = Vec::new();
        for (at, range) in self.sections.iter().enumerate() {
            let mut content = self.bytes[range.clone()].to_vec();
            if at == section {
                content.resize(len, 0);
            }
            bytes.resize(bytes.len().next_multiple_of(ALIGNED), 0);
            rows.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            rows.extend_from_slice(&(content.len() as u64).to_le_bytes());
            rows.extend_from_slice(&blake3::hash(&content).as_bytes()[..16]);
            bytes.extend_from_slice(&content);
        }
        bytes.resize(bytes.len().next_multiple_of(ALIGNED), 0);
        bytes.extend_from_slice(&rows);
        bytes.extend_from_slice(&self.bytes[self.bytes.len() - FOOTER..]);
        let mut file = Self { bytes, texts: self.texts.clone(), sections: self.sections.clone() };
        file.repair_table();
        file.bytes
    }
}

fn number(bytes: &[u8], at: usize) -> usize {
    let word = bytes[at..at + 8].try_into().expect("eight bytes");
    usize::try_from(u64::from_le_bytes(word)).expect("a small file")
}
