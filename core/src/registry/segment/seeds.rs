//! Seeds to postings: a table of buckets, each a short run of (fingerprint, position).
//!
//! ```text
//! hash:  [ ....... | bucket | ........ | fingerprint ]
//! offsets[bucket] .. offsets[bucket + 1]: so many postings, which lie together:
//!
//!     7f 03 a9 | 812 90 4411      a byte of fingerprint each, looked at first, then 4 bytes of position each:
//!                                 the word of the segment where the gram begins
//! ```
//!
//! A bucket is one or two cache lines: a look-up misses the cache twice, once for the offset and once for these.
//!
//! A fingerprint may agree by chance (1 in 256 per posting looked at): postings are proposals, and what they propose
//! is verified on the text.

/// Postings a gram may have before it is no seed by itself: longer grams that begin with it are stored instead.
pub(crate) const MAX_POSTINGS: usize = 32;
/// In place of a position: this gram is too common, look up the next longer one.
pub(crate) const EXTEND: u32 = u32::MAX;
/// Postings in a bucket, on average.
const BUCKET: usize = 4;

/// Bytes of a posting: fingerprint and position.
const POSTING: usize = 1 + 4;

/// A borrowed index of seeds.
#[derive(Clone, Copy)]
pub(crate) struct SeedIndex<'a> {
    pub(super) offsets: &'a [u32],
    pub(super) postings: &'a [u8],
}

/// The postings of one bucket: from the first to before the second, in postings.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bucket(u32, u32);

impl<'a> SeedIndex<'a> {
    pub(super) fn is_sound(&self) -> bool {
        self.offsets.len() > 1
            && (self.offsets.len() - 1).is_power_of_two()
            && self.offsets.is_sorted()
            && self.offsets.last().map(|&total| total as usize * POSTING) == Some(self.postings.len())
    }

    /// The bucket that `hash` belongs to.
    #[inline]
    pub(crate) fn bucket(&self, hash: u64) -> Bucket {
        let bucket = bucket(hash, self.offsets.len() - 1);
        Bucket(self.offsets[bucket], self.offsets[bucket + 1])
    }

    /// The first byte of a bucket: loading it brings the rest near.
    #[inline]
    pub(crate) fn touch(&self, bucket: Bucket) -> u8 {
        self.postings.get(bucket.0 as usize * POSTING).copied().unwrap_or(0)
    }

    /// Positions of the postings of `bucket` whose fingerprint agrees with `hash`.
    #[inline]
    pub(crate) fn matching(&self, bucket: Bucket, hash: u64) -> impl Iterator<Item = u32> + use<'a> {
        let wanted = fingerprint(hash);
        let (start, end) = (bucket.0 as usize, bucket.1 as usize);
        // Offsets ascend to the number of postings: checked on opening.
        let (fingerprints, positions) = self.postings[start * POSTING..end * POSTING].split_at(end - start);
        let matching =
            fingerprints.iter().zip(positions.as_chunks::<4>().0).filter(move |(f, _)| **f == wanted);
        matching.map(|(_, position)| u32::from_le_bytes(*position))
    }

    /// Positions of all postings of `hash`.
    #[inline]
    pub(crate) fn postings(&self, hash: u64) -> impl Iterator<Item = u32> + use<'a> {
        self.matching(self.bucket(hash), hash)
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
    pub(super) postings: Vec<u8>,
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
        let mut postings = vec![0; total * POSTING];
        entries(&mut |hash, position| {
            let bucket = bucket(hash, buckets);
            let (start, end) = (offsets[bucket] as usize, offsets[bucket + 1] as usize);
            let rank = next[bucket] as usize - start;
            next[bucket] += 1;
            postings[start * POSTING + rank] = fingerprint(hash);
            let at = start * POSTING + (end - start) + 4 * rank;
            postings[at..at + 4].copy_from_slice(&position.to_le_bytes());
        });
        Self { offsets, postings }
    }
}
