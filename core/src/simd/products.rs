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

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "x86_64")]
    use super::super::x86;
    use super::super::{Kernel, PLAIN};
    use super::*;

    /// Numbers without a pattern (SplitMix64: Steele, Lea, Flood 2014).
    fn numbers(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }

    struct Case {
        high: Vec<Vec<HalfBytes>>,
        low: Vec<Vec<HalfBytes>>,
        query: Vec<Signed>,
        fours: Vec<Fours>,
        floats: [Vec<f32>; 2],
        start: [i32; TILES * TILE],
        least: [i32; QUERIES],
    }

    fn case(next: &mut impl FnMut() -> u64, round: u64) -> Case {
        let blocks = 1 + round as usize % 5;
        // The extremes, too: sums must not overflow on the way.
        let mut byte = |other: u64| match round % 4 {
            0 => 0xff,
            1 => 0x80,
            _ => (next() ^ other) as u8,
        };
        let mut rows =
            || (0..TILE).map(|_| (0..blocks).map(|_| std::array::from_fn(|_| byte(0))).collect()).collect();
        let (high, low) = (rows(), rows());
        let query = (0..blocks).map(|_| Signed(std::array::from_fn(|_| byte(1).cast_signed()))).collect();
        let fours = (0..blocks * (WIDE / 4))
            .map(|_| std::array::from_fn(|_| i32::from_le_bytes(std::array::from_fn(|_| byte(2)))))
            .collect();
        let len = next() as usize % 200;
        let mut floats = || (0..len).map(|_| (next() as i32) as f32 / 1e9).collect();
        let floats = [floats(), floats()];
        let start = std::array::from_fn(|_| (next() % 10_000) as i32);
        let least = std::array::from_fn(|_| next() as i32 >> (next() % 31));
        Case { high, low, query, fours, floats, start, least }
    }

    type Answers = (Vec<[i32; 2]>, u32, Vec<[u8; BLOCK]>, [u64; QUERIES], Vec<[i32; TILES * TILE]>);

    fn answers(kernel: impl Kernel, case: &Case) -> Answers {
        let rows = case.high.iter().zip(&case.low);
        let dots = rows
            .map(|(high, low)| {
                [kernel.dot_half_bytes(high, &case.query), kernel.dot_bytes(high, low, &case.query)]
            })
            .collect();
        let float = kernel.dot_floats(&case.floats[0], &case.floats[1]).to_bits();
        let mut tile = vec![Line([0; BLOCK]); case.query.len() * (WIDE / 4)];
        kernel.lay_tile(
            &std::array::from_fn(|row| &*case.high[row]),
            &std::array::from_fn(|row| &*case.low[row]),
            &mut tile,
        );
        let mut sums = [[0; TILES * TILE]; QUERIES];
        let tiles = [&*tile; TILES];
        let masks = kernel.dot_tiles(tiles, &case.fours, &case.start, &case.least, &mut sums);
        let reached = (0..QUERIES).filter(|&query| masks[query] != 0).map(|query| sums[query]).collect();
        (dots, float, tile.iter().map(|line| line.0).collect(), masks, reached)
    }

    #[test]
    fn all_kernels_say_the_same() {
        let mut next = numbers(7);
        for round in 0..400 {
            let case = case(&mut next, round);
            let expected = answers(PLAIN, &case);
            #[cfg(target_arch = "x86_64")]
            {
                if let Some(kernel) = x86::Avx2::detect() {
                    assert!(answers(kernel, &case) == expected, "AVX2, round {round}");
                }
                if let Some(kernel) = x86::Avx512::detect() {
                    assert!(answers(kernel, &case) == expected, "AVX-512, round {round}");
                }
            }
            let _ = expected;
        }
    }

    #[test]
    fn the_plain_one_is_right() {
        let mut next = numbers(8);
        for round in 0..50 {
            let case = case(&mut next, round);
            let (dots, _, tile, masks, sums) = answers(PLAIN, &case);
            for row in 0..TILE {
                let (mut dot, mut whole) = (0, 0);
                for (block, Signed(query)) in case.query.iter().enumerate() {
                    for k in 0..WIDE {
                        let half = |rows: &[Vec<HalfBytes>]| {
                            let byte = rows[row][block][k % BLOCK];
                            if k < BLOCK { byte & 15 } else { byte >> 4 }
                        };
                        dot += i32::from(half(&case.high)) * i32::from(query[k]);
                        let byte = 16 * half(&case.high) + half(&case.low);
                        whole += i32::from(byte) * i32::from(query[k]);
                        let at = block * WIDE + k;
                        assert_eq!(tile[at / 4][4 * row + at % 4], byte);
                    }
                }
                assert_eq!(dots[row], [dot, whole]);
            }
            let mut sums = sums.iter();
            for query in 0..QUERIES {
                let all: Vec<i64> = (0..TILES * TILE)
                    .map(|row| {
                        let products = tile.iter().zip(&case.fours).flat_map(|(line, fours)| {
                            let four = fours[query].to_le_bytes();
                            (0..4).map(move |k| {
                                i64::from(line[4 * (row % TILE) + k]) * i64::from(four[k].cast_signed())
                            })
                        });
                        products.sum::<i64>() + i64::from(case.start[row])
                    })
                    .collect();
                let reached = |row: usize| all[row] >= i64::from(case.least[query]);
                let mask = (0..TILES * TILE).fold(0, |mask, row| mask | u64::from(reached(row)) << row);
                assert_eq!(masks[query], mask);
                if mask != 0 {
                    assert!(sums.next().unwrap().iter().map(|&sum| i64::from(sum)).eq(all));
                }
            }
        }
    }
}
