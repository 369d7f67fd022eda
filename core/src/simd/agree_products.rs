//! Whether all kernels say the same of sums of products, and plain Rust the right thing.

use super::agree::numbers;
use super::products::*;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::wasm;
#[cfg(target_arch = "x86_64")]
use super::x86;
use super::{BLOCK, Kernel, PLAIN};

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

fn answers<K: Kernel>(kernel: K, case: &Case) -> Answers {
    let rows = case.high.iter().zip(&case.low);
    let mut room = Vec::new();
    // Once more: what was made ready before must leave no trace.
    K::Query::ready(&[case.query[0]; 7], &mut room);
    K::Query::ready(&case.query, &mut room);
    let query = K::Query::again(&case.query, &room);
    let dots = rows
        .map(|(high, low)| [kernel.dot_half_bytes(high, query), kernel.dot_bytes(high, low, query)])
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

/// Gives rows and queries of all kinds to every kernel that there is here.
pub(super) fn all_kernels_say_the_same(rounds: u64) {
    let mut next = numbers(7);
    for round in 0..rounds {
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
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        assert!(answers(wasm::Simd128, &case) == expected, "128-bit, round {round}");
        let _ = expected;
    }
}

#[cfg(test)]
#[test]
fn they_do() {
    all_kernels_say_the_same(400);
}

#[cfg(test)]
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
