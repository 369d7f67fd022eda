//! The index as bytes: what stands where, and whether it can be true. Little-endian; every section begins at a cache line, the
//! rows at a page, so that a mapped file's rows stay on disk until one is compared.
//!
//! ```text
//! header  magic, version, dimensions, rows, points, degree, entries, missed, checksums
//! high    upper halves of the bytes of each point
//! low     lower halves
//! granted how far a point's bytes are from it, a byte each
//! links   `degree` numbers of points for each point; unused ones, all ones, come last
//! entries points where walks begin
//! owners  for each row its point (only where rows are equal)
//! ends    for each point, where its rows end in the next section (the same)
//! members the rows of each point, ascending (the same)
//! rows    the vector of each point, f32
//! ```

use super::codes;
use super::walk::NONE;
use crate::error::{Error, Result};
use crate::simd::BLOCK;

const MAGIC: [u8; 8] = *b"NAGALMVX";
const VERSION: u32 = 1;
/// Bytes of the header, which has checksums of all that follows.
pub(crate) const HEADER: usize = 192;
/// Where the checksum of the header stands in it: last.
const HEADER_CHECK: usize = HEADER - 32;
/// Rows begin at a multiple of so many bytes.
const PAGE: usize = 4096;
/// Vectors have at most so many dimensions.
pub(super) const MOST_DIMENSIONS: usize = 4096;
/// An index has at most so many rows: the walk keeps a bit beside their numbers.
pub(super) const MOST_ROWS: usize = (1 << 31) - 1;
const MOST_DEGREE: u32 = 128;
const MOST_ENTRIES: u32 = 1 << 16;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Header {
    pub(super) dimensions: u32,
    pub(super) rows: u32,
    /// Rows that are not equal.
    pub(super) points: u32,
    /// 0 where there is no graph.
    pub(super) degree: u32,
    pub(super) entries: u32,
    /// How far the bytes of any row are from it, at most.
    pub(super) missed: f32,
}

/// Where sections begin and end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) header: Header,
    /// Ends of the sections but the rows; each begins at the next cache line.
    ends: [usize; SECTIONS],
    pub(super) rows_start: usize,
    pub(super) rows_end: usize,
}

#[derive(Clone, Copy)]
pub(super) enum Section {
    High,
    Low,
    Granted,
    Links,
    Entries,
    Owners,
    Ends,
    Members,
}

const SECTIONS: usize = Section::Members as usize + 1;

impl Layout {
    /// `None` where the index is larger than memory can be.
    pub(super) fn new(header: Header) -> Option<Self> {
        let points = header.points as usize;
        let halves = points.checked_mul(codes::blocks(header.dimensions as usize) * BLOCK)?;
        let equal = header.rows != header.points;
        let numbers = |count: usize| if equal { count.checked_mul(4) } else { Some(0) };
        let lens = [
            halves,
            halves,
            points,
            points.checked_mul(header.degree as usize * 4)?,
            header.entries as usize * 4,
            numbers(header.rows as usize)?,
            numbers(points)?,
            numbers(header.rows as usize)?,
        ];
        let mut ends = [0; SECTIONS];
        let mut at = HEADER;
        for (end, len) in ends.iter_mut().zip(lens) {
            at = at.checked_next_multiple_of(BLOCK)?.checked_add(len)?;
            *end = at;
        }
        let rows_start = at.checked_next_multiple_of(PAGE)?;
        let rows_end = rows_start.checked_add(points.checked_mul(header.dimensions as usize * 4)?)?;
        Some(Self { header, ends, rows_start, rows_end })
    }

    pub(super) fn section(&self, section: Section) -> std::ops::Range<usize> {
        let section = section as usize;
        let before = if section == 0 { HEADER } else { self.ends[section - 1] };
        before.next_multiple_of(BLOCK).min(self.ends[section])..self.ends[section]
    }

    /// The header as bytes. `resident` is what lies between it and the rows.
    pub(super) fn header_bytes(&self, resident: &[u8], rows: [u8; 32]) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let Header { dimensions, rows: row_count, points, degree, entries, missed } = self.header;
        bytes[..8].copy_from_slice(&MAGIC);
        let numbers = [VERSION, dimensions, row_count, points, degree, entries, missed.to_bits()];
        for (to, number) in bytes[8..].chunks_exact_mut(4).zip(numbers) {
            to.copy_from_slice(&number.to_le_bytes());
        }
        bytes[HEADER_CHECK - 64..HEADER_CHECK - 32].copy_from_slice(&checksum(resident));
        bytes[HEADER_CHECK - 32..HEADER_CHECK].copy_from_slice(&rows);
        let check = checksum(&bytes[..HEADER_CHECK]);
        bytes[HEADER_CHECK..].copy_from_slice(&check);
        bytes
    }

    /// Reads the header, and holds everything but the rows to it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let Some(header) = bytes.first_chunk::<HEADER>() else {
            return Err(damaged("it is shorter than its header"));
        };
        if header[..8] != MAGIC {
            return Err(damaged("it does not begin as one"));
        }
        let number = |k: usize| u32::from_le_bytes(std::array::from_fn(|byte| header[8 + 4 * k + byte]));
        if number(0) != VERSION {
            let message = format!("the vector index has version {}; this build reads {VERSION}", number(0));
            return Err(Error::version(message));
        }
        if checksum(&header[..HEADER_CHECK]) != header[HEADER_CHECK..] {
            return Err(damaged("its header does not match its checksum"));
        }
        let header_read = Header {
            dimensions: number(1),
            rows: number(2),
            points: number(3),
            degree: number(4),
            entries: number(5),
            missed: f32::from_bits(number(6)),
        };
        let layout = Self::plausible(header_read)?;
        if bytes.len() != layout.rows_end {
            return Err(damaged("it is not as long as its header says"));
        }
        if checksum(&bytes[HEADER..layout.rows_start]) != header[HEADER_CHECK - 64..HEADER_CHECK - 32] {
            return Err(damaged("it does not match its checksum"));
        }
        Ok(layout)
    }

    fn plausible(header: Header) -> Result<Self> {
        let Header { dimensions, rows, points, degree, entries, missed } = header;
        let fits = (1..=MOST_DIMENSIONS).contains(&(dimensions as usize))
            && rows as usize <= MOST_ROWS
            && points <= rows
            && (points > 0) == (rows > 0)
            && degree <= MOST_DEGREE
            && entries <= points.min(MOST_ENTRIES)
            && (entries > 0) == (degree > 0)
            && (0.0..=2.0).contains(&missed);
        let layout = if fits { Self::new(header) } else { None };
        layout.ok_or_else(|| damaged("its header cannot be true"))
    }

    /// Whether the rows match their checksum: reads all of them.
    pub(super) fn verify_rows(&self, bytes: &[u8]) -> Result<()> {
        if checksum(&bytes[self.rows_start..self.rows_end]) != bytes[HEADER_CHECK - 32..HEADER_CHECK] {
            return Err(damaged("its rows do not match their checksum"));
        }
        Ok(())
    }
}

/// Whether all numbers lead to where something is.
pub(super) fn check_numbers(
    header: Header,
    links: &[u32],
    entries: &[u32],
    [owners, ends, members]: [&[u32]; 3],
) -> Result<()> {
    let Header { rows, points, .. } = header;
    if links.iter().any(|&link| link >= points && link != NONE)
        || entries.iter().any(|&entry| entry >= points)
    {
        return Err(damaged("a link leads nowhere"));
    }
    if rows == points {
        return Ok(());
    }
    let mut start = 0;
    for (point, &end) in (0..).zip(ends) {
        let of = members.get(start as usize..end as usize).filter(|of| !of.is_empty());
        let of = of.ok_or_else(|| damaged("a vector belongs to no row"))?;
        let ascend = of.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascend || of.iter().any(|&row| owners.get(row as usize) != Some(&point)) {
            return Err(damaged("a row belongs to no vector"));
        }
        start = end;
    }
    // So all rows are members of the points that own them: each once, since there are as many.
    if start != rows { Err(damaged("a row belongs to no vector")) } else { Ok(()) }
}

pub(super) fn checksum(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    #[cfg(feature = "parallel")]
    hasher.update_rayon(bytes);
    #[cfg(not(feature = "parallel"))]
    hasher.update(bytes);
    *hasher.finalize().as_bytes()
}

pub(super) fn damaged(what: &str) -> Error {
    Error::corrupt(format!("the vector index is damaged: {what}"))
}
