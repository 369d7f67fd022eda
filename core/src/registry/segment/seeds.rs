//! Seeds to postings: a table of buckets, each a short run of (fingerprint, position).
//!
//! ```text
//! hash:  [ ....... | bucket | ........ | fingerprint ]
//! bases[bucket / 64] + offsets[bucket]: where its postings begin; where the next begin, they end
//!
//! fingerprints   7f 03 a9 ..      a byte of each posting's hash, looked at first
//! positions      812 90 4411 ..   the word of the segment where the gram begins, read where the byte agrees
//! ```
//!
//! About sixteen postings share a bucket, so that the offsets of a registry of 100,000 songs (one megabyte) stay in a
//! processor's second-level cache: a look-up misses the cache once, for the fingerprints, and once more where one
//! agrees.
//!
//! A fingerprint may agree by chance (1 in 256 per posting looked at): postings are proposals, and what they propose
//! is verified on the text.

use crate::simd::{BYTES, Kernel, PLAIN, prefetch};

/// Every so many words of a work a seed begins; an output's are all looked up. With two, recall on the planted
/// workload is that of one; with three, one plant in a hundred is lost at 30% of the words edited.
pub(crate) const STRIDE: usize = 2;
/// Postings a gram may have before it is no seed by itself: longer grams that begin with it are stored instead.
/// Measured on the planted workload: 32, 16 and 8 find the same plants, with 506, 307 and 181 hits an output.
pub(crate) const MAX_POSTINGS: usize = 4;
/// Works that a gram of full length is stored for, however many hold it.
pub(crate) const MAX_WORKS: usize = 32;
/// In place of a position, from this value on: the gram is too common, look up the next longer one. What the value
/// is more is the logarithm of how often it stands in the segment.
pub(crate) const EXTEND: u32 = 0xffff_ff00;
/// Postings in a bucket, on average.
const BUCKET: usize = 16;
/// Postings in a bucket, at most: what hashes crowd together beyond this is left out. Only works made to that end
/// come near it.
const MAX_BUCKET: u16 = 1000;
/// Buckets that share a base.
const GROUP: usize = 64;
/// Zeros behind the last fingerprint, so that a kernel may read on from any.
const PADDING: usize = BYTES;

/// A borrowed index of seeds.
#[derive(Clone, Copy)]
pub(crate) struct SeedIndex<'a> {
    pub(super) bases: &'a [u32],
    pub(super) offsets: &'a [u16],
    pub(super) fingerprints: &'a [u8],
    pub(super) positions: &'a [u32],
}

/// The postings of one bucket: from the first to before the second, in postings.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bucket(u32, u32);

impl<'a> SeedIndex<'a> {
    pub(super) fn is_sound(&self) -> bool {
        let buckets = self.offsets.len();
        let total = self.bases.last().map_or(0, |&total| total as usize);
        buckets >= GROUP
            && buckets.is_multiple_of(GROUP)
            && u32::try_from(buckets).is_ok()
            && self.bases.len() == buckets / GROUP + 1
            && self.positions.len() == total
            && self.fingerprints.len() == total + PADDING
            && (0..buckets).all(|bucket| {
                let Bucket(start, end) = self.at(bucket);
                start <= end && end as usize <= total
            })
    }

    #[inline(always)]
    fn at(&self, bucket: usize) -> Bucket {
        let start = self.bases[bucket / GROUP] + u32::from(self.offsets[bucket]);
        let next = bucket + 1;
        // The first offset of a group is zero; there is none behind the last bucket.
        let offset = if next.is_multiple_of(GROUP) { 0 } else { self.offsets[next] };
        Bucket(start, self.bases[next / GROUP] + u32::from(offset))
    }

    /// The bucket that `hash` belongs to.
    #[inline(always)]
    pub(crate) fn bucket(&self, hash: u64) -> Bucket {
        self.at(bucket(hash, self.offsets.len()))
    }

    /// Brings near what `bucket(hash)` will read.
    #[inline(always)]
    pub(crate) fn prefetch_bucket(&self, hash: u64) {
        prefetch(self.offsets, bucket(hash, self.offsets.len()));
    }

    /// Brings near what `matching` will read: mostly one cache line.
    #[inline(always)]
    pub(crate) fn prefetch_fingerprints(&self, bucket: Bucket) {
        prefetch(self.fingerprints, bucket.0 as usize);
        prefetch(self.fingerprints, bucket.1 as usize);
    }

    /// Calls `each` with the number of every posting of `bucket` whose fingerprint agrees with `hash`.
    #[inline(always)]
    pub(crate) fn matching<K: Kernel>(
        &self,
        kernel: K,
        bucket: Bucket,
        hash: u64,
        mut each: impl FnMut(u32),
    ) {
        let Bucket(mut at, end) = bucket;
        while at < end {
            // Offsets ascend to the number of postings, and there is padding: both checked on opening.
            let start = at as usize;
            let Some(bytes) = self.fingerprints.get(start..start + BYTES).and_then(|b| b.try_into().ok())
            else {
                return;
            };
            let rest = (end - at).min(BYTES as u32);
            let counted = u32::MAX >> (BYTES as u32 - rest);
            let mut agreeing = kernel.equal_to(bytes, fingerprint(hash)) & counted;
            while agreeing != 0 {
                each(at + agreeing.trailing_zeros());
                agreeing &= agreeing - 1;
            }
            at += rest;
        }
    }

    /// Brings near what `position(posting)` will read.
    #[inline(always)]
    pub(crate) fn prefetch_position(&self, posting: u32) {
        prefetch(self.positions, posting as usize);
    }

    /// The position that a posting holds, or [`EXTEND`] and more.
    #[inline(always)]
    pub(crate) fn position(&self, posting: u32) -> u32 {
        self.positions[posting as usize]
    }

    /// Calls `each` with the positions of all postings of `hash`.
    #[inline]
    pub(crate) fn postings(&self, hash: u64, mut each: impl FnMut(u32)) {
        self.matching(PLAIN, self.bucket(hash), hash, |posting| each(self.position(posting)));
    }
}

#[inline(always)]
fn bucket(hash: u64, buckets: usize) -> usize {
    // The high bits choose the bucket (Lemire's reduction, 2019), the low ones are the fingerprint.
    (((hash >> 32) * buckets as u64) >> 32) as usize
}

#[inline(always)]
fn fingerprint(hash: u64) -> u8 {
    hash as u8
}

/// An index of seeds, owned.
#[derive(Default)]
pub(super) struct Seeds {
    pub(super) bases: Vec<u32>,
    pub(super) offsets: Vec<u16>,
    pub(super) fingerprints: Vec<u8>,
    pub(super) positions: Vec<u32>,
}

impl Seeds {
    /// Builds an index from `count` entries, which `entries` gives twice in the same order. Linear: two passes of a
    /// counting sort; within a bucket the order of the entries stays.
    pub(super) fn build(count: usize, mut entries: impl FnMut(&mut dyn FnMut(u64, u32))) -> Self {
        let buckets = count.div_ceil(BUCKET).next_multiple_of(GROUP).max(GROUP);
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
        seeds.fingerprints = vec![0; total as usize + PADDING];
        seeds.positions = vec![0; total as usize];
        let index =
            SeedIndex { bases: &seeds.bases, offsets: &seeds.offsets, fingerprints: &[], positions: &[] };
        let mut filled = vec![0_u16; buckets];
        entries(&mut |hash, position| {
            let bucket = bucket(hash, buckets);
            let rank = filled[bucket];
            if rank < sizes[bucket] {
                filled[bucket] += 1;
                let at = index.at(bucket).0 as usize + usize::from(rank);
                seeds.fingerprints[at] = fingerprint(hash);
                seeds.positions[at] = position;
            }
        });
        seeds
    }
}
