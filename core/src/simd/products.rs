//! Sums of products: how alike two vectors are. In plain Rust, the twin of all other kernels.
//!
//! Those of whole numbers are exact, in whatever order they are added. Those of `f32` are not, so there is one order, for all
//! processors: product `i` is added to lane `i % 64`, one after the other, and never in one step with the multiplication; then the
//! upper half of the lanes is added to the lower one, until one is left.

use wide::{i16x8, i32x4};

use super::BLOCK;

/// Dimensions whose halves of a byte lie in one [`HalfBytes`].
pub(crate) const WIDE: usize = 2 * BLOCK;
/// Rows that lie side by side in a tile.
pub(crate) const TILE: usize = BLOCK / 4;
/// Tiles and queries that are multiplied at once: as many sums as 32 registers hold, beside what is multiplied.
pub(crate) const TILES: usize = 4;
pub(crate) const QUERIES: usize = 6;

/// Numbers below 16 for [`WIDE`] dimensions: in the lower half of byte `j` that of dimension `j`, in the upper half that
/// of dimension `j + 64`.
pub(crate) type HalfBytes = [u8; BLOCK];

/// Signed numbers for [`WIDE`] dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Signed(pub(crate) [i8; WIDE]);

/// A query made ready for a kernel's products.
pub(crate) trait Query: Sized {
    /// The query made ready, in `room` where it takes any.
    fn ready<'a>(query: &'a [Signed], room: &'a mut Vec<Self>) -> &'a [Self];

    /// The same, where `room` holds what was made before.
    fn again<'a>(query: &'a [Signed], room: &'a [Self]) -> &'a [Self];
}

impl Query for Signed {
    #[inline(always)]
    fn ready<'a>(query: &'a [Self], _: &'a mut Vec<Self>) -> &'a [Self] {
        query
    }

    #[inline(always)]
    fn again<'a>(query: &'a [Self], _: &'a [Self]) -> &'a [Self] {
        query
    }
}

/// Four bytes of each row of a tile.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Line(pub(crate) [u8; BLOCK]);

/// Four signed bytes of each of some queries, as numbers whose lowest byte is the first.
pub(crate) type Fours = [i32; QUERIES];

#[inline(always)]
pub(super) fn dot_half_bytes(halves: &[HalfBytes], query: &[Signed]) -> i32 {
    let low = i16x8::splat(15);
    let mut sums = i32x4::splat(0);
    for (halves, Signed(query)) in halves.iter().zip(query) {
        let (first, second) = query.split_at(BLOCK);
        let (first, second) = (first.as_chunks::<16>().0, second.as_chunks::<16>().0);
        for ((halves, first), second) in halves.as_chunks::<16>().0.iter().zip(first).zip(second) {
            // Bytes as the lower and upper parts of numbers of 16 bits, of which every processor multiplies and adds many.
            let halves: i16x8 = bytemuck::cast(*halves);
            let (first, second): (i16x8, i16x8) = (bytemuck::cast(*first), bytemuck::cast(*second));
            let uppers: i16x8 = halves >> 4_i32;
            sums += (halves & low).dot(lower_bytes(first));
            sums += (uppers & low).dot(lower_bytes(second));
            sums += (upper_bytes(halves) & low).dot(upper_bytes(first));
            sums += (upper_bytes(uppers) & low).dot(upper_bytes(second));
        }
    }
    sums.reduce_add()
}

#[inline(always)]
fn lower_bytes(numbers: i16x8) -> i16x8 {
    upper_bytes(numbers << 8_i32)
}

#[inline(always)]
fn upper_bytes(numbers: i16x8) -> i16x8 {
    numbers >> 8_i32
}

/// Lanes of a sum of `f32`.
const LANES: usize = 64;

#[inline(always)]
pub(super) fn dot_floats(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let len = a.len().min(b.len());
    let (a, a_rest) = a[..len].as_chunks::<LANES>();
    let (b, b_rest) = b[..len].as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for k in 0..LANES {
            lanes[k] += a[k] * b[k];
        }
    }
    for ((lane, a), b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane += a * b;
    }
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        for k in 0..count {
            lanes[k] += lanes[k + count];
        }
    }
    lanes[0]
}

#[inline(always)]
pub(super) fn lay_tile(high: &[&[HalfBytes]; TILE], low: &[&[HalfBytes]; TILE], tile: &mut [Line]) {
    let (tile, _) = tile.as_chunks_mut::<{ WIDE / 4 }>();
    for row in 0..TILE {
        for ((tile, high), low) in tile.iter_mut().zip(high[row]).zip(low[row]) {
            for k in 0..BLOCK {
                tile[k / 4].0[4 * row + k % 4] = (high[k] & 15) << 4 | low[k] & 15;
                tile[(k + BLOCK) / 4].0[4 * row + k % 4] = high[k] & 0xf0 | low[k] >> 4;
            }
        }
    }
}

#[inline(always)]
pub(super) fn dot_tiles(
    tiles: [&[Line]; TILES],
    queries: &[Fours],
    start: &[i32; TILES * TILE],
    least: &[i32; QUERIES],
    sums: &mut [[i32; TILES * TILE]; QUERIES],
) -> [u64; QUERIES] {
    let mut masks = [0; QUERIES];
    for (k, ((&least, sums), mask)) in least.iter().zip(sums).zip(&mut masks).enumerate() {
        *sums = *start;
        let (parts, _) = sums.as_chunks_mut::<TILE>();
        for (tile, sums) in tiles.iter().zip(parts) {
            for (Line(bytes), fours) in tile.iter().zip(queries) {
                let four = fours[k].to_le_bytes().map(u8::cast_signed);
                for row in 0..TILE {
                    for k in 0..4 {
                        sums[row] += i32::from(bytes[4 * row + k]) * i32::from(four[k]);
                    }
                }
            }
        }
        for (k, &sum) in sums.iter().enumerate() {
            *mask |= u64::from(sum >= least) << k;
        }
    }
    masks
}

#[inline(always)]
pub(super) fn multiply_add(rounds: u64) -> (u64, i32) {
    let mut sums = [0_i32; 32];
    let numbers: [i16; 64] = std::array::from_fn(|k| k as i16);
    for round in 0..rounds {
        for k in 0..32 {
            let factor = round as i16 & 0xff;
            sums[k] = sums[k]
                .wrapping_add(i32::from(numbers[2 * k]) * i32::from(factor))
                .wrapping_add(i32::from(numbers[2 * k + 1]) * i32::from(factor));
        }
    }
    (rounds * 64, sums.iter().fold(0, |sum, &lane| sum ^ lane))
}
