//! Seeds to postings: a table of buckets, each a short run of (fingerprint, position).
//!
//! ```text
//! hash:  [ bucket | ........ | fingerprint ]
//! offsets[bucket] .. offsets[bucket + 1]  ->  fingerprints: 7f 03 a9 ..    one byte each, looked at first
//!                                             positions:    812 90 4411 .. word of the segment where the gram begins
//! ```
//!
//! A fingerprint may agree by chance (1 in 256 per posting looked at): postings are proposals, and what they propose
//! is verified on the text.

/// Postings a gram may have before it is no seed by itself: longer grams that begin with it are stored instead.
pub(crate) const MAX_POSTINGS: usize = 32;
/// In place of a position: this gram is too common, look up the next longer one.
pub(crate) const EXTEND: u32 = u32::MAX;
/// Postings in a bucket, on average.
const BUCKET: usize = 4;

/// A borrowed index of seeds.
#[derive(Clone, Copy)]
pub(crate) struct SeedIndex<'a> {
    pub(super) offsets: &'a [u32],
    pub(super) fingerprints: &'a [u8],
    pub(super) positions: &'a [u32],
}

impl<'a> SeedIndex<'a> {
    pub(super) fn is_sound(&self) -> bool {
        self.offsets.len() > 1
            && (self.offsets.len() - 1).is_power_of_two()
            && self.offsets.is_sorted()
            && self.fingerprints.len() == self.positions.len()
            && self.offsets.last().copied() == Some(self.positions.len() as u32)
    }

    /// Which bucket `hash` belongs to.
    #[inline]
    pub(crate) fn bucket(&self, hash: u64) -> usize {
        bucket(hash, self.offsets.len() - 1)
    }

    /// The range of postings of a bucket.
    #[inline]
    pub(crate) fn range(&self, bucket: usize) -> std::ops::Range<usize> {
        self.offsets[bucket] as usize..self.offsets[bucket + 1] as usize
    }

    /// Positions of the postings in `range` whose fingerprint agrees with `hash`.
    #[inline]
    pub(crate) fn matching(
        &self,
        range: std::ops::Range<usize>,
        hash: u64,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let wanted = fingerprint(hash);
        let positions = &self.positions[range.clone()];
        self.fingerprints[range].iter().zip(positions).filter(move |(f, _)| **f == wanted).map(|(_, p)| *p)
    }

    /// Positions of all postings of `hash`.
    #[inline]
    pub(crate) fn postings(&self, hash: u64) -> impl Iterator<Item = u32> + use<'a> {
        self.matching(self.range(self.bucket(hash)), hash)
    }
}

#[inline]
fn bucket(hash: u64, buckets: usize) -> usize {
    // The high bits choose the bucket, the low ones are the fingerprint. `buckets` is a power of two up to 2^31.
    ((hash >> 32) as usize) & (buckets - 1)
}

#[inline]
fn fingerprint(hash: u64) -> u8 {
    hash as u8
}

/// An index of seeds, owned.
#[derive(Default)]
pub(super) struct Seeds {
    pub(super) offsets: Vec<u32>,
    pub(super) fingerprints: Vec<u8>,
    pub(super) positions: Vec<u32>,
}

impl Seeds {
    /// Builds an index from `count` entries, which `entries` gives twice in the same order. Linear: two passes of a
    /// counting sort; within a bucket the order of the entries stays.
    pub(super) fn build(count: usize, mut entries: impl FnMut(&mut dyn FnMut(u64, u32))) -> Self {
        let buckets = (count / BUCKET).next_power_of_two().max(16);
        let mut offsets = vec![0_u32; buckets + 1];
        entries(&mut |hash, _| offsets[bucket(hash, buckets) + 1] += 1);
        for i in 0..buckets {
            offsets[i + 1] += offsets[i];
        }
        let total = offsets[buckets] as usize;
        let mut next = offsets.clone();
        let mut fingerprints = vec![0; total];
        let mut positions = vec![0; total];
        entries(&mut |hash, position| {
            let slot = &mut next[bucket(hash, buckets)];
            fingerprints[*slot as usize] = fingerprint(hash);
            positions[*slot as usize] = position;
            *slot += 1;
        });
        Self { offsets, fingerprints, positions }
    }
}
