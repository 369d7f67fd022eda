//! Sums of products in WebAssembly with 128-bit vectors.
//!
//! The one instruction that multiplies and adds takes eight numbers of 16 bits. So queries are widened once, in the order in which
//! half bytes lie in such numbers; and half bytes that lie in the middle of one stay there: what is 16 or 256 times too much is added up
//! by itself, and divided when all is added.

use std::arch::wasm32::*;

use super::wasm::{WIDTH, load, store};
use super::{BLOCK, Fours, HalfBytes, Line, QUERIES, Query, Signed, TILE, TILES, WIDE};

/// Numbers of 16 bits in a vector.
const EIGHT: usize = WIDTH / 2;
/// Vectors of half bytes in a block.
const PARTS: usize = BLOCK / WIDTH;

/// A block of a query: for each vector of half bytes the numbers that belong to the lowest four bits of its 16-bit numbers, to the
/// next four, and so on.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Widened([[[i16; EIGHT]; 4]; PARTS]);

impl Query for Widened {
    #[inline(always)]
    fn ready<'a>(query: &'a [Signed], room: &'a mut Vec<Self>) -> &'a [Self] {
        room.clear();
        room.extend(query.iter().map(|Signed(numbers)| {
            let mut widened = [[[0; EIGHT]; 4]; PARTS];
            for (part, fours) in widened.iter_mut().enumerate() {
                for (half, at) in [WIDTH * part, BLOCK + WIDTH * part].into_iter().enumerate() {
                    let bytes = load(numbers, at);
                    store(i16x8_shr(i16x8_shl(bytes, 8), 8), &mut fours[half], 0);
                    store(i16x8_shr(bytes, 8), &mut fours[2 + half], 0);
                }
            }
            Self(widened)
        }));
        room
    }

    #[inline(always)]
    fn again<'a>(_: &'a [Signed], room: &'a [Self]) -> &'a [Self] {
        room
    }
}

#[inline(always)]
pub(super) fn dot_half_bytes(halves: &[HalfBytes], query: &[Widened]) -> i32 {
    let zero = i32x4_splat(0);
    // Of the lowest four bits, the next, and so on; none can overflow: 4096 dimensions * 15 * 128 * 256 / 4 < 2^29.
    let (mut first, mut second, mut third, mut fourth) = (zero, zero, zero, zero);
    for (halves, Widened(query)) in halves.iter().zip(query) {
        for (part, fours) in query.iter().enumerate() {
            let bytes = load(halves, WIDTH * part);
            let times = |numbers, four: usize| i32x4_dot_i16x8(numbers, load(&fours[four], 0));
            first = i32x4_add(first, times(v128_and(bytes, u16x8_splat(0x000f)), 0));
            second = i32x4_add(second, times(v128_and(bytes, u16x8_splat(0x00f0)), 1));
            third = i32x4_add(third, times(v128_and(bytes, u16x8_splat(0x0f00)), 2));
            fourth = i32x4_add(fourth, times(u16x8_shr(bytes, 12), 3));
        }
    }
    let once = i32x4_add(first, fourth);
    added(i32x4_add(once, i32x4_add(i32x4_shr(second, 4), i32x4_shr(third, 8))))
}

/// The sum of four numbers.
#[inline(always)]
fn added(sums: v128) -> i32 {
    let two = i32x4_add(sums, i32x4_shuffle::<2, 3, 0, 1>(sums, sums));
    i32x4_extract_lane::<0>(i32x4_add(two, i32x4_shuffle::<1, 0, 3, 2>(two, two)))
}

/// Steps, of four dimensions each, whose queries are widened at once.
const STEPS: usize = WIDE / 4;
/// Vectors of bytes in a line: in each, four bytes of four rows.
const FOURS: usize = BLOCK / WIDTH;

#[inline(always)]
pub(super) fn lay_tile(high: &[&[HalfBytes]; TILE], low: &[&[HalfBytes]; TILE], tile: &mut [Line]) {
    let (tile, _) = tile.as_chunks_mut::<STEPS>();
    let low_bits = u8x16_splat(15);
    for row in 0..TILE {
        for ((tile, high), low) in tile.iter_mut().zip(high[row]).zip(low[row]) {
            for part in 0..PARTS {
                let (high, low) = (load(high, WIDTH * part), load(low, WIDTH * part));
                let lifted = u8x16_shl(v128_and(high, low_bits), 4);
                let first = v128_or(lifted, v128_and(low, low_bits));
                let second = v128_or(v128_andnot(high, low_bits), u8x16_shr(low, 4));
                let mut put = |bytes: v128, step: usize| {
                    let mut fours = [[0_u8; 4]; 4];
                    store(bytes, fours.as_flattened_mut(), 0);
                    for (line, four) in tile[step..].iter_mut().zip(fours) {
                        line.0[4 * row..][..4].copy_from_slice(&four);
                    }
                };
                put(first, 4 * part);
                put(second, STEPS / 2 + 4 * part);
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
    // Of each row two sums, of the first and the second two bytes of each step.
    let mut all = [[[[0_i32; 8]; QUERIES]; FOURS]; TILES];
    for (number, queries) in queries.chunks(STEPS).enumerate() {
        let mut widened = [[[0_i16; EIGHT]; QUERIES]; STEPS];
        for (to, fours) in widened.iter_mut().zip(queries) {
            for (to, &four) in to.iter_mut().zip(fours) {
                store(i16x8_extend_low_i8x16(i32x4_splat(four)), to, 0);
            }
        }
        for (tile, all) in tiles.iter().zip(&mut all) {
            let lines = tile.get(number * STEPS..).unwrap_or_default();
            for (part, all) in all.iter_mut().enumerate() {
                // As many sums as sixteen registers hold, beside what is multiplied.
                let mut lanes = all.map(|sums| [load(&sums, 0), load(&sums, 4)]);
                for ((Line(line), widened), _) in lines.iter().zip(&widened).zip(queries) {
                    let bytes = load(line, WIDTH * part);
                    let (two, others) = (u16x8_extend_low_u8x16(bytes), u16x8_extend_high_u8x16(bytes));
                    for (lanes, query) in lanes.iter_mut().zip(widened) {
                        let query = load(query, 0);
                        lanes[0] = i32x4_add(lanes[0], i32x4_dot_i16x8(two, query));
                        lanes[1] = i32x4_add(lanes[1], i32x4_dot_i16x8(others, query));
                    }
                }
                for (sums, lanes) in all.iter_mut().zip(lanes) {
                    store(lanes[0], sums, 0);
                    store(lanes[1], sums, 4);
                }
            }
        }
    }
    let mut masks = [0; QUERIES];
    for (k, (mask, sums)) in masks.iter_mut().zip(sums).enumerate() {
        let least = i32x4_splat(least[k]);
        for (tile, all) in all.iter().enumerate() {
            for (part, all) in all.iter().enumerate() {
                let (two, others) = (load(&all[k], 0), load(&all[k], 4));
                let firsts = i32x4_shuffle::<0, 2, 4, 6>(two, others);
                let seconds = i32x4_shuffle::<1, 3, 5, 7>(two, others);
                let at = tile * TILE + 4 * part;
                let sum = i32x4_add(load(start, at), i32x4_add(firsts, seconds));
                *mask |= u64::from(i32x4_bitmask(i32x4_ge(sum, least))) << at;
                store(sum, sums, at);
            }
        }
    }
    masks
}

/// Lanes of a sum of `f32`, as `products` has them.
const LANES: usize = 64;
/// Lanes that are added up at once: in eight vectors, beside what is multiplied.
const SOME: usize = LANES / 2;

#[inline(always)]
pub(super) fn dot_floats(a: &[f32], b: &[f32]) -> f32 {
    let len = a.len().min(b.len());
    let (a, b) = (&a[..len], &b[..len]);
    let whole = len / LANES * LANES;
    let mut lanes = [0.0; LANES];
    for (part, lanes) in lanes.as_chunks_mut::<SOME>().0.iter_mut().enumerate() {
        let mut sums = [f32x4_splat(0.0); SOME / 4];
        for at in (part * SOME..whole).step_by(LANES) {
            for (k, sum) in sums.iter_mut().enumerate() {
                let product = f32x4_mul(load(a, at + 4 * k), load(b, at + 4 * k));
                *sum = f32x4_add(*sum, product);
            }
        }
        for (k, sum) in sums.into_iter().enumerate() {
            store(sum, lanes, 4 * k);
        }
    }
    for ((lane, a), b) in lanes.iter_mut().zip(&a[whole..]).zip(&b[whole..]) {
        *lane += a * b;
    }
    let mut count = LANES;
    while count > 4 {
        count /= 2;
        for at in (0..count).step_by(4) {
            let sum = f32x4_add(load(&lanes, at), load(&lanes, at + count));
            store(sum, &mut lanes, at);
        }
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}
