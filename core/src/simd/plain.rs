//! The kernel of every machine, and the twin that the others are held to.

use wide::{u8x32, u16x32, u32x8};

use super::{Alphabet, BLOCK, HalfBytes, Kernel, LINE, Masks, Signed, WORDS, products};

/// Plain Rust; `wide` uses what every processor of the target has.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Kernel for Plain {
    type Query = Signed;

    #[inline(always)]
    fn dot_half_bytes(self, halves: &[HalfBytes], query: &[Signed]) -> i32 {
        products::dot_half_bytes(halves, query)
    }

    #[inline(always)]
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32 {
        u16x32::from(*a).simd_eq(u16x32::from(*b)).to_bitmask()
    }

    #[inline(always)]
    fn weigh(self, worth: &[u8; WORDS], full: u32, less: u32, off: u8) -> u32 {
        let under = |mask: u32, k: usize| (mask >> k & 1) as u8;
        let sum = |(k, &worth): (usize, &u8)| {
            u32::from(worth * under(full, k)) + u32::from(worth.saturating_sub(off) * under(less, k))
        };
        worth.iter().enumerate().map(sum).sum()
    }

    #[inline(always)]
    fn select_under(self, line: &[u32; LINE], mask: u32, wanted: u32, to: &mut [u32; LINE]) -> usize {
        let (halves, _) = line.as_chunks::<8>();
        let equal = |half: usize| {
            let under = u32x8::from(halves[half]) & u32x8::splat(mask);
            under.simd_eq(u32x8::splat(wanted)).to_bitmask()
        };
        pack(line, equal(0) | equal(1) << 8, to)
    }

    #[inline(always)]
    fn classify(self, block: &[u8; BLOCK], lower: &mut [u8; BLOCK]) -> Masks {
        let mut masks = Masks { letters: 0, ignored: 0, hyphens: 0, other: 0 };
        for (half, (block, lower)) in
            block.as_chunks::<32>().0.iter().zip(lower.as_chunks_mut::<32>().0).enumerate()
        {
            let bytes = u8x32::from(*block);
            // Of what becomes a letter thereby, only capitals were none before.
            let small = bytes | u8x32::splat(0x20);
            let within = |low: u8, high: u8, bytes: u8x32| {
                (bytes - u8x32::splat(low)).simd_le(u8x32::splat(high - low))
            };
            let is = |byte: u8| bytes.simd_eq(u8x32::splat(byte));
            let mask = |bytes: u8x32| u64::from(bytes.to_bitmask()) << (32 * half);
            masks.letters |= mask(within(b'a', b'z', small) | within(b'0', b'9', bytes));
            masks.ignored |= mask(is(b'\'') | is(b'`'));
            masks.hyphens |= mask(is(b'-'));
            masks.other |= mask(bytes);
            *lower = small.to_array();
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
        let mut kept = 0;
        let mut filled = 0;
        for (k, &letter) in letters.iter().enumerate().take(count) {
            let index = usize::from(letter.wrapping_sub(b'a'));
            let class = alphabet.classes.get(index).copied().unwrap_or(letter);
            // Without a branch: which letters are skipped follows no pattern that a processor could learn.
            let keep = (starts >> k & 1 == 1) | (class != *before) & (class != alphabet.silent);
            kept |= u64::from(keep) << k;
            packed[filled % BLOCK] = class;
            filled += usize::from(keep);
            *before = class;
        }
        kept
    }

    #[inline(always)]
    fn compress(self, bytes: &[u8; BLOCK], mask: u64, to: &mut [u8; BLOCK]) {
        let mut filled = 0;
        for (k, &byte) in bytes.iter().enumerate() {
            to[filled % BLOCK] = byte;
            filled += (mask >> k & 1) as usize;
        }
    }
}

/// Packs the numbers under the bits of `mask` to the beginning of `to`, and gives how many they are.
#[inline(always)]
pub(super) fn pack(line: &[u32; LINE], mut mask: u32, to: &mut [u32; LINE]) -> usize {
    let count = mask.count_ones() as usize;
    for to in to.iter_mut().take(count) {
        *to = line[mask.trailing_zeros() as usize % LINE];
        mask &= mask.wrapping_sub(1);
    }
    count
}
