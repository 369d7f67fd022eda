//! Records sorted into parts by a few bits of a hash, so that what is then done to one part stays in the processor's
//! cache: a table of a hundred megabytes is filled a few hundred kilobytes at a time (radix partitioning: Manegold,
//! Boncz and Kersten 2002).
//!
//! The texts come in pieces, each sorted by itself and on any core; a part is what all pieces hold of it, in their
//! order. So the result is the same however many cores there are.

use super::seeds::HASHED;

/// Bits of a hash that say the part.
const BITS: u32 = 10;
/// Parts that records are sorted into: few enough that a piece is sorted in one pass, many enough that a part of a full
/// segment stays in the second level of the cache.
pub(super) const PARTS: usize = 1 << BITS;

/// The part of a hash: parts ascend as hashes do.
#[inline(always)]
pub(super) fn part_of(hash: u64) -> u16 {
    (hash >> (u64::BITS - BITS)) as u16
}

/// The gram of one part, in eight bytes: of its hash what the part does not say, and where it begins.
///
/// Of a hash only [`HASHED`](super::seeds::HASHED) upper bits are kept, and nothing else of it is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gram(u64);

/// Bits that say where a gram begins.
const PLACE_BITS: u32 = u64::BITS - (HASHED - BITS);

impl Gram {
    /// `place`: the number of the word at which it begins, or of the two words, as the caller has it.
    #[inline(always)]
    pub(super) fn new(hash: u64, place: u32) -> Self {
        Self(hash << BITS & !PLACE | u64::from(place))
    }

    /// Its hash, if it is one of this part: the bits that count, and zeros.
    #[inline(always)]
    pub(super) fn hash(self, part: usize) -> u64 {
        (part as u64) << (u64::BITS - BITS) | (self.0 & !PLACE) >> BITS
    }

    #[inline(always)]
    pub(super) fn place(self) -> u32 {
        (self.0 & PLACE) as u32
    }

    /// Of each record that was sorted its gram.
    pub(super) fn all(records: &[u64]) -> impl ExactSizeIterator<Item = Self> {
        records.iter().map(|&record| Self(record))
    }

    /// As a record that can be sorted.
    #[inline(always)]
    pub(super) fn record(self) -> u64 {
        self.0
    }

    /// The same so many places on.
    #[inline(always)]
    pub(super) fn moved(self, places: u32) -> Self {
        Self(self.0 + u64::from(places))
    }

    /// Whether both are of one gram, if they are of one part.
    #[inline(always)]
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.0 & !PLACE == other.0 & !PLACE
    }
}

const PLACE: u64 = (1 << PLACE_BITS) - 1;

/// Parts grams that come often from others: a counting filter (Fan, Cao, Almeida, Broder 2000) over one part.
#[derive(Default)]
pub(super) struct Crowd {
    counts: Vec<u8>,
    /// Grams that come more often than asked for, in ascending order, and a few others.
    pub(super) grams: Vec<Gram>,
}

impl Crowd {
    /// Takes those of `grams` that come more than `most` times, and some that share a counter with others; the rest
    /// stays, in its order. Linear, but for sorting what is taken.
    pub(super) fn part(&mut self, grams: &mut Vec<Gram>, most: u8) {
        let Self { counts, grams: taken } = self;
        // Four counters for each gram: few share one by chance.
        let bits = (4 * grams.len()).next_power_of_two().ilog2().max(4);
        let counter = |gram: Gram| (gram.0 >> (u64::BITS - bits)) as usize;
        counts.clear();
        counts.resize(1 << bits, 0);
        for &gram in &*grams {
            let count = &mut counts[counter(gram)];
            *count = count.saturating_add(1);
        }
        taken.resize(taken.len().max(grams.len()), Gram::default());
        let (mut left, mut crowd) = (0, 0);
        for at in 0..grams.len() {
            // Without a branch: which are common follows no pattern.
            let gram = grams[at];
            let is_many = counts[counter(gram)] > most;
            grams[left] = gram;
            taken[crowd] = gram;
            left += usize::from(!is_many);
            crowd += usize::from(is_many);
        }
        grams.truncate(left);
        taken.truncate(crowd);
        taken.sort_unstable();
    }

    /// The grams taken, those of one gram together, by where they begin.
    pub(super) fn groups(&self) -> impl Iterator<Item = &[Gram]> {
        self.grams.chunk_by(Gram::is_like)
    }
}

/// The records of one piece, sorted by their parts; within a part they stand in the order in which they came. Whatever
/// they are, each is eight bytes, so that one sort can have the memory of the one before.
#[derive(Default)]
pub(super) struct Parts {
    records: Vec<u64>,
    ends: Vec<u32>,
}

impl Parts {
    /// Sorts records, of each of which the part is given. Linear.
    pub(super) fn new(records: &[u64], parts: &[u16]) -> Self {
        let mut sorted = Self::default();
        sorted.sort(records, parts);
        sorted
    }

    /// Sorts records in place of what was here before, in the same memory: a fresh page costs as much as ten
    /// records.
    pub(super) fn sort(&mut self, records: &[u64], parts: &[u16]) {
        let Self { records: sorted, ends } = self;
        ends.clear();
        ends.resize(PARTS, 0);
        for &part in parts {
            ends[usize::from(part) % PARTS] += 1;
        }
        let mut next = 0;
        for end in &mut *ends {
            next += std::mem::replace(end, next);
        }
        // What are the parts' beginnings now, end where the parts do when all records are placed. What lies in the
        // memory does not matter.
        sorted.resize(records.len(), 0);
        for (&record, &part) in records.iter().zip(parts) {
            let next = &mut ends[usize::from(part) % PARTS];
            sorted[*next as usize] = record;
            *next += 1;
        }
    }

    pub(super) fn part(&self, part: usize) -> &[u64] {
        let start = if part == 0 { 0 } else { self.ends[part - 1] };
        &self.records[start as usize..self.ends[part] as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

/// Sorts each piece again, on all cores where there are more. `state` is made once for each core, for buffers.
pub(super) fn sort_pieces<S>(
    pieces: &mut [Parts],
    state: impl Fn() -> S + Sync + Send,
    each: impl Fn(&mut S, usize, &mut Parts) + Sync + Send,
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
        let hash = |place: u32| mix(u64::from(place / 3)) >> (u64::BITS - HASHED) << (u64::BITS - HASHED);
        let grams: Vec<u64> = (0..5000).map(|place| Gram::new(hash(place), place).record()).collect();
        let numbers: Vec<u16> = (0..5000).map(|place| part_of(hash(place))).collect();
        let parts = Parts::new(&grams, &numbers);
        let mut expected: Vec<u32> = (0..5000).collect();
        expected.sort_by_key(|&place| part_of(hash(place)));
        let sorted = || (0..PARTS).flat_map(|part| Gram::all(parts.part(part)).map(move |gram| (part, gram)));
        assert_eq!(sorted().map(|(_, gram)| gram.place()).collect::<Vec<_>>(), expected);
        assert!(sorted().all(|(part, gram)| gram.hash(part) == hash(gram.place())));
    }

    #[test]
    fn what_comes_often_is_parted_from_the_rest() {
        // Each of a thousand twice, and seven of them five times.
        let of = |place: u32| mix(u64::from(if place < 2000 { place / 2 } else { place % 7 }));
        let mut grams: Vec<Gram> = (0..2021).map(|place| Gram::new(of(place), place)).collect();
        let mut crowd = Crowd::default();
        crowd.part(&mut grams, 2);
        let many: Vec<usize> = crowd.groups().map(<[Gram]>::len).filter(|&len| len > 2).collect();
        assert_eq!(many, [5; 7]);
        assert_eq!(grams.len() + crowd.grams.len(), 2021);
        assert!(crowd.grams.len() < 1000 && grams.is_sorted_by_key(|gram| gram.place()), "{}", grams.len());
    }
}
