//! A kernel for WebAssembly with 128-bit vectors. Which instructions there are is settled when it is compiled: nothing is
//! detected, and all but loads and stores are safe functions.

use std::arch::wasm32::*;

use super::plain::pack;
use super::wasm_products::{self as products, Widened};
use super::{
    Alphabet, BLOCK, BLOCK_WORDS, Fours, HalfBytes, Kernel, LINE, Line, Masks, PLACES, QUERIES, TILE, TILES,
    WORDS,
};

/// WebAssembly's fixed-width vectors: browsers since about 2021.
#[derive(Clone, Copy)]
pub(super) struct Simd128;

/// Bytes of a vector.
pub(super) const WIDTH: usize = 16;

/// For each mask of eight bits, the places of those that are set, side by side; then anything.
const PACKED: [[u8; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut bit, mut filled) = (0, 0);
        while bit < 8 {
            if mask >> bit & 1 == 1 {
                table[mask][filled] = bit as u8;
                filled += 1;
            }
            bit += 1;
        }
        mask += 1;
    }
    table
};

impl Kernel for Simd128 {
    const TILED: bool = true;

    type Query = Widened;

    #[inline(always)]
    fn dot_half_bytes(self, halves: &[HalfBytes], query: &[Widened]) -> i32 {
        products::dot_half_bytes(halves, query)
    }

    #[inline(always)]
    fn dot_floats(self, a: &[f32], b: &[f32]) -> f32 {
        products::dot_floats(a, b)
    }

    #[inline(always)]
    fn lay_tile(self, high: &[&[HalfBytes]; TILE], low: &[&[HalfBytes]; TILE], tile: &mut [Line]) {
        products::lay_tile(high, low, tile);
    }

    #[inline(always)]
    fn dot_tiles(
        self,
        tiles: [&[Line]; TILES],
        queries: &[Fours],
        start: &[i32; TILES * TILE],
        least: &[i32; QUERIES],
        sums: &mut [[i32; TILES * TILE]; QUERIES],
    ) -> [u64; QUERIES] {
        products::dot_tiles(tiles, queries, start, least, sums)
    }

    #[inline(always)]
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32 {
        let mut equal = 0;
        for half in 0..2 {
            let eight = |at: usize| i16x8_eq(load(a, at), load(b, at));
            let both = i8x16_narrow_i16x8(eight(16 * half), eight(16 * half + 8));
            equal |= u32::from(i8x16_bitmask(both)) << (WIDTH * half);
        }
        equal
    }

    #[inline(always)]
    fn weigh(self, worth: &[u8; WORDS], full: u32, less: u32, off: u8) -> u32 {
        let mut sum = u32x4_splat(0);
        for half in 0..2 {
            let worth = load(worth, WIDTH * half);
            let rest = u8x16_sub_sat(worth, u8x16_splat(off));
            let under = |numbers: v128, mask: u32| v128_and(numbers, spread((mask >> (WIDTH * half)) as u16));
            for numbers in [under(worth, full), under(rest, less)] {
                let pairs = u16x8_extadd_pairwise_u8x16(numbers);
                sum = u32x4_add(sum, u32x4_extadd_pairwise_u16x8(pairs));
            }
        }
        u32x4_extract_lane::<0>(sum)
            + u32x4_extract_lane::<1>(sum)
            + u32x4_extract_lane::<2>(sum)
            + u32x4_extract_lane::<3>(sum)
    }

    #[inline(always)]
    fn select_under(self, line: &[u32; LINE], mask: u32, wanted: u32, to: &mut [u32; LINE]) -> usize {
        let (mask, wanted) = (u32x4_splat(mask), u32x4_splat(wanted));
        let four = |at: usize| u32x4_eq(v128_and(load(line, at), mask), wanted);
        let eight = |at: usize| i16x8_narrow_i32x4(four(at), four(at + 4));
        pack(line, i8x16_bitmask(i8x16_narrow_i16x8(eight(0), eight(8))).into(), to)
    }

    #[inline(always)]
    fn present(self, bytes: &[u8; BLOCK]) -> u64 {
        (0..BLOCK / WIDTH).fold(0, |mask, k| {
            let some = u8x16_ne(load(bytes, WIDTH * k), u8x16_splat(0));
            mask | u64::from(u8x16_bitmask(some)) << (WIDTH * k)
        })
    }

    #[inline(always)]
    fn choose(
        self,
        numbers: &[u64; PLACES],
        mask: u8,
        first: u32,
        which: &mut [u32; PLACES],
        chosen: &mut [u64; PLACES],
    ) {
        // Mostly there are few.
        let mut mask = mask;
        for (which, chosen) in which.iter_mut().zip(chosen).take(mask.count_ones() as usize) {
            let k = mask.trailing_zeros();
            (*which, *chosen) = (first + k, numbers[k as usize % PLACES]);
            mask &= mask.wrapping_sub(1);
        }
    }

    #[inline(always)]
    fn carried<const N: usize>(self, row: &[i32; N], first: i32, more: i32) -> [i32; N] {
        let zero = i32x4_splat(0);
        let further = i32x4_mul(i32x4(1, 2, 3, 4), i32x4_splat(more));
        let (once, twice) = (i32x4_splat(more), i32x4_splat(2 * more));
        let mut before = zero;
        let mut left = [0; N];
        for at in (0..N).step_by(4) {
            let mut best = i32x4_max(i32x4_sub(load(row, at), i32x4_splat(first)), zero);
            // By doubling: each place knows the best of so many to its left, itself included.
            best = i32x4_max(best, i32x4_sub(i32x4_shuffle::<3, 4, 5, 6>(zero, best), once));
            best = i32x4_max(best, i32x4_sub(i32x4_shuffle::<2, 3, 4, 5>(zero, best), twice));
            let last = i32x4_shuffle::<3, 3, 3, 3>(before, before);
            best = i32x4_max(best, i32x4_sub(last, further));
            store(i32x4_shuffle::<3, 4, 5, 6>(before, best), &mut left, at);
            before = best;
        }
        left
    }

    #[inline(always)]
    fn shifted<const N: usize>(self, row: &[i32; N], by: i64) -> [i32; N] {
        let by = by.clamp(-(N as i64), N as i64) as isize;
        let mut shifted = [0; N];
        for at in (0..N).step_by(4) {
            let from = at.wrapping_add_signed(by);
            if from <= N - 4 {
                store(load(row, from), &mut shifted, at);
            } else {
                for (k, shifted) in shifted[at..at + 4].iter_mut().enumerate() {
                    *shifted = row.get(from.wrapping_add(k)).copied().unwrap_or(0);
                }
            }
        }
        shifted
    }

    #[inline(always)]
    fn highest<const N: usize>(self, row: &[i32; N]) -> (i32, usize) {
        let fours = || (0..N).step_by(4);
        let best = fours().fold(i32x4_splat(i32::MIN), |best, at| i32x4_max(best, load(row, at)));
        let best = i32x4_max(best, i32x4_shuffle::<2, 3, 0, 1>(best, best));
        let best = i32x4_max(best, i32x4_shuffle::<1, 0, 3, 2>(best, best));
        let places = fours()
            .fold(0, |places, at| places | u64::from(i32x4_bitmask(i32x4_eq(load(row, at), best))) << at);
        (i32x4_extract_lane::<0>(best), places.trailing_zeros() as usize)
    }

    #[inline(always)]
    fn classify(self, block: &[u8; BLOCK], lower: &mut [u8; BLOCK]) -> Masks {
        let mut masks = Masks { letters: 0, ignored: 0, hyphens: 0, other: 0 };
        for at in (0..BLOCK).step_by(WIDTH) {
            let bytes = load(block, at);
            // Of what becomes a letter thereby, only capitals were none before.
            let small = v128_or(bytes, u8x16_splat(0x20));
            let within = |low: u8, high: u8, bytes: v128| {
                u8x16_le(u8x16_sub(bytes, u8x16_splat(low)), u8x16_splat(high - low))
            };
            let is = |byte: u8| u8x16_eq(bytes, u8x16_splat(byte));
            let mask = |bytes: v128| u64::from(u8x16_bitmask(bytes)) << at;
            masks.letters |= mask(v128_or(within(b'a', b'z', small), within(b'0', b'9', bytes)));
            masks.ignored |= mask(v128_or(is(b'\''), is(b'`')));
            masks.hyphens |= mask(is(b'-'));
            masks.other |= mask(bytes);
            store(small, lower, at);
        }
        masks
    }

    #[inline(always)]
    fn classes(
        self,
        letters: &[u8; BLOCK],
        starts: u64,
        before: &mut u8,
        count: usize,
        alphabet: &Alphabet,
        packed: &mut [u8; BLOCK],
    ) -> u64 {
        let mut table = [0; 2 * WIDTH];
        table[..26].copy_from_slice(&alphabet.classes);
        let (first, second) = (load(&table, 0), load(&table, WIDTH));
        let mut classes = [0; BLOCK];
        let mut previous = u8x16_splat(*before);
        let mut says = 0;
        for at in (0..count.min(BLOCK)).step_by(WIDTH) {
            let letter = load(letters, at);
            let index = u8x16_sub(letter, u8x16_splat(b'a'));
            // What lies beyond a table is zero in it.
            let looked_up = v128_or(
                u8x16_swizzle(first, index),
                u8x16_swizzle(second, u8x16_sub(index, u8x16_splat(WIDTH as u8))),
            );
            let class = v128_bitselect(looked_up, letter, u8x16_lt(index, u8x16_splat(26)));
            let behind = u8x16_shuffle::<15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30>(
                previous, class,
            );
            let new = v128_and(u8x16_ne(class, behind), u8x16_ne(class, u8x16_splat(alphabet.silent)));
            says |= u64::from(u8x16_bitmask(new)) << at;
            store(class, &mut classes, at);
            previous = class;
        }
        let all = if count >= BLOCK { u64::MAX } else { (1 << count) - 1 };
        let kept = all & (starts | says);
        self.compress(&classes, kept, packed);
        if let Some(last) = count.checked_sub(1) {
            *before = classes[last % BLOCK];
        }
        kept
    }

    #[inline(always)]
    fn places(self, mask: u64, places: &[u8; BLOCK + 1], behind: u32, to: &mut [u32; BLOCK_WORDS]) {
        let mut mask = mask;
        for to in to.iter_mut().take(mask.count_ones() as usize) {
            *to = behind + u32::from(places[mask.trailing_zeros() as usize % BLOCK]);
            mask &= mask.wrapping_sub(1);
        }
    }

    #[inline(always)]
    fn compress(self, bytes: &[u8; BLOCK], mask: u64, to: &mut [u8; BLOCK]) {
        let mut filled = 0;
        for (k, mask) in mask.to_le_bytes().into_iter().enumerate() {
            let places = u64::from_le_bytes(PACKED[usize::from(mask)]);
            let (eights, _) = bytes.as_chunks::<8>();
            let eight = u64x2_splat(u64::from_le_bytes(eights[k]));
            let chosen = u8x16_swizzle(eight, u64x2_splat(places));
            // No more than eight of each before: it ends within the block.
            let filling = (filled % (BLOCK - 7)).min(BLOCK - 8);
            to[filling..filling + 8].copy_from_slice(&u64x2_extract_lane::<0>(chosen).to_le_bytes());
            filled += mask.count_ones() as usize;
        }
    }
}

/// A vector of some numbers, from one on.
#[inline(always)]
pub(super) fn load<T: bytemuck::Pod>(numbers: &[T], from: usize) -> v128 {
    let numbers = &numbers[from..from + WIDTH / size_of::<T>()];
    // SAFETY: the slice is as long as a vector; any place may be loaded from, aligned or not.
    unsafe { v128_load(numbers.as_ptr().cast()) }
}

/// Writes a vector over some numbers, from one on.
#[inline(always)]
pub(super) fn store<T: bytemuck::Pod>(vector: v128, numbers: &mut [T], from: usize) {
    let numbers = &mut numbers[from..from + WIDTH / size_of::<T>()];
    // SAFETY: the slice is as long as a vector, any place may be stored to, and any bytes are such numbers.
    unsafe { v128_store(numbers.as_mut_ptr().cast(), vector) }
}

/// A byte of ones for each bit that is set.
#[inline(always)]
fn spread(mask: u16) -> v128 {
    let single = u64x2_splat(0x8040_2010_0804_0201);
    let bytes = u8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    u8x16_eq(v128_and(u8x16_swizzle(u16x8_splat(mask), bytes), single), single)
}
