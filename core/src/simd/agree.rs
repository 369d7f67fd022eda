//! Whether all kernels say the same: a test, and for machines on which no tests run, a function.

use super::*;

/// Numbers without a pattern (SplitMix64: Steele, Lea, Flood 2014).
pub(super) fn numbers(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

const ALPHABET: Alphabet = Alphabet {
    classes: *b"abktefghiiktmnofkrsetuuxiz",
    silent: b'h',
    multipliers: [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03],
};

/// What all operations of a kernel say of one block; of what is packed only the part that counts.
type Answers = (
    Masks,
    (u64, u64, u64, u8),
    [Vec<u8>; 2],
    [u32; 3],
    [Vec<u32>; 2],
    Vec<(u32, u64)>,
    [[i32; 32]; 2],
    (i32, usize),
);

fn answers(kernel: impl Kernel, block: &[u8; BLOCK], mask: u64) -> Answers {
    let (mut lower, mut classes, mut packed) = ([0; BLOCK], [0; BLOCK], [0; BLOCK]);
    let masks = kernel.classify(block, &mut lower);
    let letters = masks.letters & mask;
    // Some words go on from the block before.
    let starts = letters & !(letters << 1) & !(mask >> 63);
    let extracted = kernel.extract(starts, letters);
    let mut before = block[7] | 0x60;
    kernel.compress(&lower, letters, &mut packed);
    let count = letters.count_ones() as usize;
    let kept = kernel.classes(&packed, extracted, &mut before, count, &ALPHABET, &mut classes);
    let classes = classes[..kept.count_ones() as usize].to_vec();
    let mut placed = [0; BLOCK_WORDS];
    kernel.places(starts, &std::array::from_fn(|k| 2 * k as u8), 1000, &mut placed);
    let placed = placed[..starts.count_ones() as usize].to_vec();
    kernel.compress(block, mask, &mut packed);
    let packed = packed[..mask.count_ones() as usize].to_vec();
    let words = std::array::from_fn(|k| u16::from(block[k]));
    let others = std::array::from_fn(|k| u16::from(block[k + 32]));
    let line = std::array::from_fn(|k| u32::from(block[k]) << 8 | k as u32);
    let (worth, _) = block.as_chunks();
    let (eights, _) = block.as_chunks();
    let longs: Vec<u64> = eights.iter().map(|eight| u64::from_le_bytes(*eight)).collect();
    // Some beyond the last.
    let places = std::array::from_fn(|k| u64::from(block[k + 8] % 11));
    let wanted = std::array::from_fn(|k| longs[k] & 0x0101 << (mask >> (5 * k) & 7));
    let numbers = [
        kernel.equal(&words, &others),
        kernel.weigh(&worth[0], mask as u32, (mask >> 32) as u32, block[9]),
        kernel.covers(&longs, &places, &wanted).into(),
    ];
    let mut selected = [0; LINE];
    let count = kernel.select_under(&line, 0x7f00, u32::from(block[5] & 0x7f) << 8, &mut selected);
    let (mut which, mut chosen) = ([0; PLACES], [0; PLACES]);
    kernel.choose(&wanted, mask as u8, 7, &mut which, &mut chosen);
    let chosen = (0..(mask as u8).count_ones() as usize).map(|k| (which[k], chosen[k])).collect();
    let scores = std::array::from_fn(|k| i32::from(block[k]) << 4);
    let carried = kernel.carried::<32>(&scores, (mask & 0xfff) as i32, (mask >> 12 & 0x3ff) as i32);
    let shifted = kernel.shifted(&scores, i64::from(block[11] % 80) - 40);
    (
        masks,
        (extracted, kept, kernel.present(&block.map(|byte| byte & 0x83)), before),
        [classes, packed],
        numbers,
        [selected[..count].to_vec(), placed],
        chosen,
        [carried, shifted],
        kernel.highest(&scores),
    )
}

/// Gives blocks of all kinds to every kernel that there is here.
///
/// # Panics
/// Where one says something else than plain Rust.
pub fn all_kernels_say_the_same(rounds: u32) {
    agree_products::all_kernels_say_the_same(u64::from(rounds / 50).max(20));
    let mut next = numbers(1);
    for round in 0..rounds {
        let bytes: &[u8] = match round % 4 {
            0 => b"aahhkcqszz09 -'`AZ@[{/:hH",
            1 => b"the quick brown Fox, don't!",
            2 => b"abcdefgiklmnoprstuvxyzabcdefgiklmnoprstuvxyzabcdefgiklmnoprstuvxyz ",
            _ => &[],
        };
        let block: [u8; BLOCK] = std::array::from_fn(|_| match bytes {
            [] => next() as u8,
            bytes => bytes[next() as usize % bytes.len()],
        });
        let mask = if round % 3 == 0 { u64::MAX } else { next() };
        let expected = answers(PLAIN, &block, mask);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(kernel) = x86::Avx2::detect() {
                assert_eq!(answers(kernel, &block, mask), expected, "AVX2 {block:?} {mask:#x}");
            }
            if let Some(kernel) = x86::Avx512::detect() {
                assert_eq!(answers(kernel, &block, mask), expected, "AVX-512 {block:?} {mask:#x}");
            }
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        assert_eq!(answers(wasm::Simd128, &block, mask), expected, "128-bit {block:?} {mask:#x}");
        let _ = expected;
    }
}

#[cfg(test)]
#[test]
fn they_do() {
    all_kernels_say_the_same(20_000);
}
