//! Sums of products: how alike two vectors are. In plain Rust, the twin of all other kernels.
//!
//! Those of whole numbers are exact, in whatever order they are added. Those of `f32` are not, so there is one order, for all
//! processors: product `i` is added to lane `i % 64`, one after the other, and never in one step with the multiplication; then the
//! upper half of the lanes is added to the lower one, until one is left.

use super::BLOCK;

/// Dimensions whose halves of a byte lie in one [`HalfBytes`].
pub(crate) const WIDE: usize = 2 * BLOCK;
/// Rows that lie side by side in a tile.
pub(crate) const TILE: usize = BLOCK / 4;
/// Queries that two tiles are multiplied with at once: as many sums as 32 registers hold, beside what is multiplied.
pub(crate) const QUERIES: usize = 12;

/// Numbers below 16 for [`WIDE`] dimensions: in the lower half of byte `j` that of dimension `j`, in the upper half that
/// of dimension `j + 64`.
pub(crate) type HalfBytes = [u8; BLOCK];

/// Signed numbers for [`WIDE`] dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Signed(pub(crate) [i8; WIDE]);

#[inline(always)]
pub(super) fn dot_half_bytes(halves: &[HalfBytes], query: &[Signed]) -> i32 {
    let mut sum = 0;
    for (halves, Signed(query)) in halves.iter().zip(query) {
        for k in 0..BLOCK {
            sum += i32::from(halves[k] & 15) * i32::from(query[k])
                + i32::from(halves[k] >> 4) * i32::from(query[k + BLOCK]);
        }
    }
    sum
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
pub(super) fn lay_tile(high: &[&[HalfBytes]; TILE], low: &[&[HalfBytes]; TILE], tile: &mut [[u8; BLOCK]]) {
    let (tile, _) = tile.as_chunks_mut::<{ WIDE / 4 }>();
    for row in 0..TILE {
        for ((tile, high), low) in tile.iter_mut().zip(high[row]).zip(low[row]) {
            for k in 0..BLOCK {
                tile[k / 4][4 * row + k % 4] = (high[k] & 15) << 4 | low[k] & 15;
                tile[(k + BLOCK) / 4][4 * row + k % 4] = high[k] & 0xf0 | low[k] >> 4;
            }
        }
    }
}

#[inline(always)]
pub(super) fn dot_tiles(
    tiles: [&[[u8; BLOCK]]; 2],
    queries: &[&[Signed]; QUERIES],
    granted: &[i32; 2 * TILE],
    least: &[(i32, i32); QUERIES],
    sums: &mut [[i32; 2 * TILE]; QUERIES],
) -> [u32; QUERIES] {
    let mut masks = [0; QUERIES];
    for (((query, &(weight, least)), sums), mask) in queries.iter().zip(least).zip(sums).zip(&mut masks) {
        let (halves, _) = sums.as_chunks_mut::<TILE>();
        for (tile, sums) in tiles.iter().zip(halves) {
            *sums = [0; TILE];
            let fours = query.iter().flat_map(|Signed(block)| block.as_chunks::<4>().0);
            for (bytes, four) in tile.iter().zip(fours) {
                for row in 0..TILE {
                    for k in 0..4 {
                        sums[row] += i32::from(bytes[4 * row + k]) * i32::from(four[k]);
                    }
                }
            }
        }
        for k in 0..2 * TILE {
            sums[k] += weight * granted[k];
            *mask |= u32::from(sums[k] >= least) << k;
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
