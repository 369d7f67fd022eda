//! Seeds to postings: a table of buckets, each a short run of (fingerprint, position).
//!
//! ```text
//! hash:  [ ....... | bucket | ........ | fingerprint ]
//! bases[bucket / 64] + offsets[bucket]: where its postings begin; where the next begin, they end
//!
//!     7f 03 a9 .. | 812 90 4411 ..      a byte of fingerprint each, looked at first, then 4 bytes of position each:
//!                                       the word of the segment where the gram begins
//! ```
//!
//! About sixteen postings share a bucket, so that the offsets of a registry of 100,000 songs (two megabytes) stay in a
//! processor's second-level cache: a look-up misses the cache once, for the fingerprints, and once more where one
//! agrees.
//!
//! A fingerprint may agree by chance (1 in 256 per posting looked at): postings are proposals, and what they propose
//! is verified on the text.

use crate::simd::prefetch;

/// Postings a gram may have before it is no seed by itself: longer grams that begin with it are stored instead.
/// Measured on the planted workload: 32, 16 and 8 find the same plants, with 506, 307 and 181 hits an output.
pub(crate) const MAX_POSTINGS: usize = 8;
/// Works that a gram of full length is stored for, however many hold it.
pub(crate) const MAX_WORKS: usize = 32;
/// In place of a position: this gram is too common, look up the next longer one.
pub(crate) const EXTEND: u32 = u32::MAX;
/// Postings in a bucket, on average.
const BUCKET: usize = 16;
/// Postings in a bucket, at most: what hashes crowd together beyond this is left out. Only works made to that end
/// come near it.
const MAX_BUCKET: u16 = 1000;
/// Buckets that share a base.
const GROUP: usize = 64;

/// Bytes of a posting: fingerprint and position.
const POSTING: usize = 1 + 4;

/// A borrowed index of seeds.
#[derive(Clone, Copy)]
pub(crate) struct SeedIndex<'a> {
    pub(super) bases: &'a [u32],
    pub(super) offsets: &'a [u16],
    pub(super) postings: &'a [u8],
}

/// The postings of one bucket: from the first to before the second, in postings.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bucket(u32, u32);

impl<'a> SeedIndex<'a> {
    pub(super) fn is_sound(&self) -> bool {
        let buckets = self.offsets.len();
        let total = self.bases.last().map_or(0, |&total| total as usize);
        buckets.is_power_of_two()
            && buckets >= GROUP
            && self.bases.len() == buckets / GROUP + 1
            && self.postings.len() == total * POSTING
            && (0..buckets).all(|bucket| {
                let Bucket(start, end) = self.at(bucket);
                start <= end && end as usize <= total
            })
    }

    #[inline]
    fn at(&self, bucket: usize) -> Bucket {
        let start = self.bases[bucket / GROUP] + u32::from(self.offsets[bucket]);
        let next = bucket + 1;
        // The first offset of a group is zero; there is none behind the last bucket.
        let offset = if next.is_multiple_of(GROUP) { 0 } else { self.offsets[next] };
        Bucket(start, self.bases[next / GROUP] + u32::from(offset))
    }

    /// The bucket that `hash` belongs to.
    #[inline]
    pub(crate) fn bucket(&self, hash: u64) -> Bucket {
        self.at(bucket(hash, self.offsets.len()))
    }

    /// Brings near what `bucket(hash)` will read.
    #[inline]
    pub(crate) fn prefetch_bucket(&self, hash: u64) {
        prefetch(self.offsets, bucket(hash, self.offsets.len()));
    }

    /// Brings near what `matching` will read: mostly two cache lines.
    #[inline]
    pub(crate) fn prefetch_postings(&self, bucket: Bucket) {
        let start = bucket.0 as usize * POSTING;
        prefetch(self.postings, start);
        prefetch(self.postings, start + 64);
    }

    /// Positions of the postings of `bucket` whose fingerprint agrees with `hash`.
    #[inline]
    pub(crate) fn matching(&self, bucket: Bucket, hash: u64) -> Matching<'a> {
        let count = (bucket.1 - bucket.0) as usize;
        // Offsets ascend to the number of postings: checked on opening.
        let postings = &self.postings[bucket.0 as usize * POSTING..];
        Matching { postings, count, wanted: fingerprint(hash), base: 0, agreeing: 0 }
    }

    /// Positions of all postings of `hash`.
    #[inline]
    pub(crate) fn postings(&self, hash: u64) -> Matching<'a> {
        self.matching(self.bucket(hash), hash)
    }
}

/// The postings of a bucket with one fingerprint. Eight fingerprints are compared at once, in one word: most buckets
/// are settled by one comparison that a processor predicts well.
pub(crate) struct Matching<'a> {
    /// The bucket's postings and all behind them.
    postings: &'a [u8],
    /// Postings of the bucket.
    count: usize,
    wanted: u8,
    /// Rank of the first of the next eight fingerprints.
    base: usize,
    /// The top bit of each byte that agrees, of the eight before `base`.
    agreeing: u64,
}

impl Iterator for Matching<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        const ONES: u64 = u64::MAX / 255;
        loop {
            if self.agreeing != 0 {
                let rank = self.base - 8 + self.agreeing.trailing_zeros() as usize / 8;
                self.agreeing &= self.agreeing - 1;
                let at = self.count + 4 * rank;
                let position = self.postings.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
                return position.map(u32::from_le_bytes);
            }
            if self.base >= self.count {
                return None;
            }
            // Positions follow the fingerprints: there are eight bytes to read, unless this is the last bucket.
            let mut eight = [0; 8];
            match self.postings.get(self.base..self.base + 8) {
                Some(bytes) => eight.copy_from_slice(bytes),
                None => eight.iter_mut().zip(&self.postings[self.base..]).for_each(|(to, from)| *to = *from),
            }
            // A byte of `differing` is zero where the fingerprints agree; exact, no borrow runs between bytes
            // (Warren, Hacker's Delight, section 6-1).
            let differing = u64::from_le_bytes(eight) ^ (ONES * u64::from(self.wanted));
            let low = (differing & (ONES * 0x7f)) + ONES * 0x7f;
            let rest = self.count - self.base;
            let counted = if rest >= 8 { u64::MAX } else { !(u64::MAX << (8 * rest)) };
            self.agreeing = !(low | differing | (ONES * 0x7f)) & counted;
            self.base += 8;
        }
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
    pub(super) bases: Vec<u32>,
    pub(super) offsets: Vec<u16>,
    pub(super) postings: Vec<u8>,
}

impl Seeds {
    /// Builds an index from `count` entries, which `entries` gives twice in the same order. Linear: two passes of a
    /// counting sort; within a bucket the order of the entries stays.
    pub(super) fn build(count: usize, mut entries: impl FnMut(&mut dyn FnMut(u64, u32))) -> Self {
        let buckets = (count / BUCKET).next_power_of_two().max(GROUP);
        let mut sizes = vec![0_u16; buckets];
        entries(&mut |hash, _| {
            let size = &mut sizes[bucket(hash, buckets)];
            *size = (*size + 1).min(MAX_BUCKET);
        });
        let mut seeds = Self::default();
        let mut total = 0;
        for group in sizes.chunks(GROUP) {
            seeds.bases.push(total);
            let mut offset = 0;
            for size in group {
                seeds.offsets.push(offset);
                offset += size;
            }
            total += u32::from(offset);
        }
        seeds.bases.push(total);
        let mut postings = vec![0; total as usize * POSTING];
        let index = SeedIndex { bases: &seeds.bases, offsets: &seeds.offsets, postings: &[] };
        let mut filled = vec![0_u16; buckets];
        entries(&mut |hash, position| {
            let bucket = bucket(hash, buckets);
            let (rank, size) = (usize::from(filled[bucket]), usize::from(sizes[bucket]));
            if rank == size {
                return;
            }
            filled[bucket] += 1;
            let start = index.at(bucket).0 as usize * POSTING;
            postings[start + rank] = fingerprint(hash);
            let at = start + size + 4 * rank;
            postings[at..at + 4].copy_from_slice(&position.to_le_bytes());
        });
        seeds.postings = postings;
        seeds
    }
}
