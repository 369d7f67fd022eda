//! Looks at every row, and misses none: the bytes say which rows could be among the best, however wrong they are, and these are
//! compared in full precision.
//!
//! Queries go together: some tiles of rows, laid side by side once, are multiplied with all of them.

use std::cmp::Reverse;

use super::codes::{Codes, Query};
use crate::simd::Query as ReadyQuery;
use crate::simd::{BLOCK, Fours, HalfBytes, Kernel, Line, QUERIES, Signed, TILE, TILES, Task, WIDE};

/// Points of the tiles that are multiplied at once.
const POINTS: usize = TILES * TILE;
/// Below so many queries, laying rows side by side costs more than it saves.
const FEW: usize = 4;

/// For each query the points that could be among the `k` best that are wanted, with their sums and what they are granted, best
/// first.
pub(super) struct Scan<'a, W> {
    pub(super) codes: Codes<'a>,
    /// Of each point how far its bytes are from it, in grades.
    pub(super) granted: &'a [u8],
    pub(super) queries: &'a [&'a Query],
    pub(super) k: usize,
    pub(super) wanted: W,
}

/// The best of one query so far.
struct Best<'a> {
    found: Vec<(i32, u32)>,
    /// What a sum must reach.
    least: i32,
    room: usize,
    k: usize,
    /// What a row is granted for each grade.
    weight: i32,
    bound: i32,
    granted: &'a [u8],
    /// The least that each of those found can be.
    sure: Vec<i32>,
}

impl<'a> Best<'a> {
    fn new(k: usize, query: &Query, weight: i32, granted: &'a [u8]) -> Self {
        // Twice: the row that is thought to be the k-th best may be worse, and another better.
        let bound = 2 * query.bound_of_sum();
        let room = (2 * k).max(64);
        Self { found: Vec::new(), least: i32::MIN, room, k, weight, bound, granted, sure: Vec::new() }
    }

    #[inline(always)]
    fn add(&mut self, sum: i32, point: u32) {
        if sum >= self.least {
            self.found.push((sum, point));
            if self.found.len() >= self.room {
                self.drop_worst();
                self.room = self.room.max(2 * self.found.len());
            }
        }
    }

    fn drop_worst(&mut self) {
        if self.found.len() > self.k {
            let grades = |point: u32| i32::from(self.granted[point as usize]);
            self.sure.clear();
            self.sure.extend(self.found.iter().map(|&(sum, point)| sum - 2 * self.weight * grades(point)));
            let (_, kth, _) = self.sure.select_nth_unstable_by_key(self.k - 1, |&sure| Reverse(sure));
            self.least = self.least.max(*kth - self.bound);
            self.found.retain(|&(sum, _)| sum >= self.least);
        }
    }

    fn finish(mut self) -> Vec<(i32, u32)> {
        self.drop_worst();
        self.found.sort_unstable_by_key(|&(sum, point)| (Reverse(sum), point));
        self.found
    }
}

impl<W: Fn(u32) -> bool> Task for Scan<'_, W> {
    type Answer = Vec<Vec<(i32, u32)>>;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> Self::Answer {
        // Those that are multiplied at once grant the same: what the one that grants most does.
        let mut best: Vec<Best<'_>> = Vec::with_capacity(self.queries.len());
        for queries in self.queries.chunks(QUERIES) {
            let weight = queries.iter().fold(0, |weight, query| weight.max(query.weight));
            best.extend(queries.iter().map(|query| Best::new(self.k, query, weight, self.granted)));
        }
        if !K::TILED || self.queries.len() < FEW {
            let mut rooms: Vec<Vec<K::Query>> = Vec::new();
            rooms.resize_with(self.queries.len(), Vec::new);
            let ready: Vec<&[K::Query]> = self
                .queries
                .iter()
                .zip(&mut rooms)
                .map(|(query, room)| <K::Query as ReadyQuery>::ready(&query.signed, room))
                .collect();
            for point in 0..self.granted.len() as u32 {
                if !(self.wanted)(point) {
                    continue;
                }
                let granted = i32::from(self.granted[point as usize]);
                for (query, best) in ready.iter().zip(&mut best) {
                    let sum = self.codes.dot(kernel, query, point) + best.weight * granted;
                    best.add(sum, point);
                }
            }
        } else {
            self.tiles(kernel, &mut best);
        }
        best.into_iter().map(Best::finish).collect()
    }
}

impl<W: Fn(u32) -> bool> Scan<'_, W> {
    #[inline(always)]
    fn tiles<K: Kernel>(&self, kernel: K, best: &mut [Best<'_>]) {
        let steps = self.codes.blocks() * (WIDE / 4);
        let mut tiles = vec![Line([0; BLOCK]); TILES * steps];
        // One behind the other, as `dot_tiles` asks for them.
        let groups = self.queries.chunks(QUERIES);
        let queries: Vec<Fours> = groups.flat_map(|queries| side_by_side(queries, steps)).collect();
        let mut sums = [[0; POINTS]; QUERIES];
        // Where there are fewer queries, nothing reaches what is asked of the others.
        let mut least = vec![[i32::MAX; QUERIES]; self.queries.len().div_ceil(QUERIES)];
        for (least, best) in least.as_flattened_mut().iter_mut().zip(&*best) {
            *least = best.least;
        }
        for first in (0..self.granted.len() as u32).step_by(POINTS) {
            let count = POINTS.min(self.granted.len() - first as usize) as u32;
            let wanted = (0..count).fold(0, |mask, k| mask | u64::from((self.wanted)(first + k)) << k);
            if wanted == 0 {
                continue;
            }
            for (at, tile) in tiles.chunks_exact_mut(steps).enumerate() {
                // Points behind the last: again the last.
                let point = |k: usize| first + ((at * TILE + k) as u32).min(count - 1);
                let high: [&[HalfBytes]; TILE] = std::array::from_fn(|k| self.codes.high(point(k)));
                let low: [&[HalfBytes]; TILE] = std::array::from_fn(|k| self.codes.low(point(k)));
                kernel.lay_tile(&high, &low, tile);
            }
            let mut granted = [0; POINTS];
            for (to, &granted) in granted.iter_mut().zip(&self.granted[first as usize..]) {
                *to = i32::from(granted);
            }
            let tiles = std::array::from_fn(|k| &tiles[k * steps..][..steps]);
            for ((queries, best), least) in
                queries.chunks_exact(steps).zip(best.chunks_mut(QUERIES)).zip(&mut least)
            {
                let weight = best.first().map_or(0, |best| best.weight);
                let mut start = [0; POINTS];
                for k in 0..POINTS {
                    start[k] = weight * granted[k];
                }
                let masks = kernel.dot_tiles(tiles, queries, &start, least, &mut sums);
                for (k, best) in best.iter_mut().enumerate() {
                    let mut mask = masks[k] & wanted;
                    if mask != 0 {
                        while mask != 0 {
                            let point = mask.trailing_zeros();
                            best.add(sums[k][point as usize], first + point);
                            mask &= mask - 1;
                        }
                        least[k] = best.least;
                    }
                }
            }
        }
    }
}

/// Queries as [`Kernel::dot_tiles`] wants them.
fn side_by_side(queries: &[&Query], steps: usize) -> Vec<Fours> {
    let mut fours = vec![[0; QUERIES]; steps];
    for (k, query) in queries.iter().enumerate() {
        let bytes = query.signed.iter().flat_map(|Signed(block)| block.as_chunks::<4>().0);
        for (to, four) in fours.iter_mut().zip(bytes) {
            to[k] = i32::from_le_bytes(four.map(i8::cast_unsigned));
        }
    }
    fours
}
