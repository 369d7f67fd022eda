//! Sums of products in WebAssembly with 128-bit vectors.
//!
//! The one instruction that multiplies and adds takes eight numbers of 16 bits. So queries are widened once, in the order in which
//! half bytes lie in such numbers; and half bytes that lie in the middle of one stay there: what is 16 or 256 times too much is added up
//! by itself, and divided when all is added.

use std::arch::wasm32::*;

use super::wasm::{WIDTH, load, store};
use super::{BLOCK, HalfBytes, Query, Signed};

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
