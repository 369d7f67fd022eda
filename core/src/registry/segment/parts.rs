//! Records sorted into parts by a few bits of a hash, so that what is then done to one part stays in the processor's
//! cache: a table of a hundred megabytes is filled a few hundred kilobytes at a time (radix partitioning: Manegold,
//! Boncz and Kersten 2002).
//!
//! The texts come in pieces, each sorted by itself and on any core; a part is what all pieces hold of it, in their
//! order. So the result is the same however many cores there are.

/// Bits of a hash that say the part.
const BITS: u32 = 10;
/// Parts that records are sorted into: few enough that a piece is sorted in one pass, many enough that a part of a full
/// segment stays in the second level of the cache.
pub(super) const PARTS: usize = 1 << BITS;

/// The part of a hash: parts ascend as hashes do.
#[inline(always)]
pub(super) fn part_of(hash: u64) -> usize {
    (hash >> (64 - BITS)) as usize
}

/// A gram's hash, and the word of the segment (or of a piece) at which it begins. Twelve bytes instead of sixteen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gram {
    high: u32,
    low: u32,
    pub(super) word: u32,
}

impl Gram {
    #[inline(always)]
    pub(super) fn new(hash: u64, word: u32) -> Self {
        Self { high: (hash >> 32) as u32, low: hash as u32, word }
    }

    #[inline(always)]
    pub(super) fn hash(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// The records of one piece, sorted by their parts; within a part they stand in the order in which they came.
#[derive(Default)]
pub(super) struct Parts<R> {
    records: Vec<R>,
    ends: Vec<u32>,
}

impl<R: Copy + Default> Parts<R> {
    /// Sorts records. Linear.
    pub(super) fn new(records: &[R], part: impl Fn(R) -> usize) -> Self {
        let mut parts = Self::default();
        parts.sort(records, part);
        parts
    }

    /// Sorts records in place of what was here before, in the same memory: a fresh page costs as much as ten
    /// records.
    pub(super) fn sort(&mut self, records: &[R], part: impl Fn(R) -> usize) {
        let Self { records: sorted, ends } = self;
        ends.clear();
        ends.resize(PARTS, 0);
        for &record in records {
            ends[part(record) % PARTS] += 1;
        }
        let mut next = 0;
        for end in &mut *ends {
            next += std::mem::replace(end, next);
        }
        // What are the parts' beginnings now, end where the parts do when all records are placed. What lies in the
        // memory does not matter.
        sorted.resize(records.len(), R::default());
        for &record in records {
            let next = &mut ends[part(record) % PARTS];
            sorted[*next as usize] = record;
            *next += 1;
        }
    }

    pub(super) fn part(&self, part: usize) -> &[R] {
        let start = if part == 0 { 0 } else { self.ends[part - 1] };
        &self.records[start as usize..self.ends[part] as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

/// Which of many records are of one hash: a hash table over a part.
#[derive(Default)]
pub(super) struct Groups {
    slots: Vec<u32>,
    first: Vec<u32>,
    counts: Vec<u32>,
}

impl Groups {
    /// Groups `grams`. Linear.
    pub(super) fn find(&mut self, grams: &[Gram]) {
        let Self { slots, first, counts } = self;
        let last = (grams.len() + grams.len() / 2 + 1).next_power_of_two() - 1;
        slots.clear();
        slots.resize(last + 1, 0);
        counts.clear();
        counts.resize(grams.len(), 0);
        first.clear();
        first.extend(grams.iter().enumerate().map(|(at, gram)| {
            let mut slot = gram.low as usize;
            let first = loop {
                slot &= last;
                match slots[slot] {
                    0 => {
                        slots[slot] = at as u32 + 1;
                        break at as u32;
                    }
                    held if grams[held as usize - 1].hash() == gram.hash() => break held - 1,
                    _ => slot += 1,
                }
            };
            counts[first as usize] += 1;
            first
        }));
    }

    /// The first gram with the hash of gram `at`; it stands for all of them.
    #[inline(always)]
    pub(super) fn first(&self, at: usize) -> usize {
        self.first[at] as usize
    }

    /// How many grams have the hash of gram `at`.
    #[inline(always)]
    pub(super) fn count(&self, at: usize) -> usize {
        self.counts[self.first(at)] as usize
    }
}

/// Sorts each piece again, on all cores where there are more. `state` is made once for each core, for buffers.
pub(super) fn sort_pieces<S, R: Send>(
    pieces: &mut [Parts<R>],
    state: impl Fn() -> S + Sync + Send,
    each: impl Fn(&mut S, usize, &mut Parts<R>) + Sync + Send,
) {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        pieces.par_iter_mut().enumerate().for_each_init(state, |state, (at, piece)| each(state, at, piece));
    }
    #[cfg(not(feature = "parallel"))]
    {
        let mut state = state();
        pieces.iter_mut().enumerate().for_each(|(at, piece)| each(&mut state, at, piece));
    }
}

/// Does something for each of so many, on all cores where there are more, and gives the results in order. `state` is
/// made once for each core, for buffers.
pub(super) fn in_parallel<S, T: Send>(
    count: usize,
    state: impl Fn() -> S + Sync + Send,
    each: impl Fn(&mut S, usize) -> T + Sync + Send,
) -> Vec<T> {
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        (0..count).into_par_iter().map_init(state, each).collect()
    }
    #[cfg(not(feature = "parallel"))]
    {
        let mut state = state();
        (0..count).map(|at| each(&mut state, at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::mix;

    #[test]
    fn parts_ascend_and_keep_the_order() {
        let grams: Vec<Gram> = (0..5000).map(|word| Gram::new(mix(u64::from(word / 3)), word)).collect();
        let parts = Parts::new(&grams, |gram| part_of(gram.hash()));
        let mut expected = grams.clone();
        expected.sort_by_key(|gram| part_of(gram.hash()));
        let sorted: Vec<Gram> = (0..PARTS).flat_map(|part| parts.part(part)).copied().collect();
        let words = |grams: &[Gram]| grams.iter().map(|gram| gram.word).collect::<Vec<_>>();
        assert_eq!(words(&sorted), words(&expected));
        let mut groups = Groups::default();
        groups.find(&grams);
        for at in 0..5000 {
            assert_eq!((groups.first(at), groups.count(at)), (at / 3 * 3, if at > 4997 { 2 } else { 3 }));
        }
    }
}
