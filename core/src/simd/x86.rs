//! Kernels for the larger vectors of x86-64 processors.

use std::arch::x86_64::*;

use super::plain::pack;
use super::{
    Alphabet, BLOCK, BLOCK_WORDS, Fours, HalfBytes, Kernel, LINE, Line, Masks, PLACES, QUERIES, Signed, TILE,
    TILES, Task, WORDS, x86_products as products,
};

/// AVX2 and BMI: processors since about 2013.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// The kernel, where the processor has it.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
    }

    #[inline]
    pub(super) fn dispatch<T: Task>(self, task: T) -> T::Answer {
        #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
        fn run<T: Task>(kernel: Avx2, task: T) -> T::Answer {
            task.run(kernel)
        }
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { run(self, task) }
    }
}

impl Kernel for Avx2 {
    type Query = Signed;

    #[inline(always)]
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32 {
        // SAFETY: there is a value of this type only where `detect` found the features; the loads stay in the arrays.
        unsafe {
            let half = |at: usize| {
                let a = _mm256_loadu_si256(a.as_ptr().add(at).cast());
                let b = _mm256_loadu_si256(b.as_ptr().add(at).cast());
                _mm256_cmpeq_epi16(a, b)
            };
            // Packing works in each half of the register by itself: the quarters come out as 0 2 1 3.
            let packed = _mm256_packs_epi16(half(0), half(WORDS / 2));
            let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
            _mm256_movemask_epi8(ordered).cast_unsigned()
        }
    }

    #[inline(always)]
    fn weigh(self, worth: &[u8; WORDS], full: u32, less: u32, off: u8) -> u32 {
        // SAFETY: there is a value of this type only where `detect` found the features; the load stays in the array.
        unsafe {
            let worth = _mm256_loadu_si256(worth.as_ptr().cast());
            let rest = _mm256_subs_epu8(worth, _mm256_set1_epi8(off.cast_signed()));
            let zero = _mm256_setzero_si256();
            let full = _mm256_sad_epu8(_mm256_and_si256(worth, spread(full)), zero);
            let less = _mm256_sad_epu8(_mm256_and_si256(rest, spread(less)), zero);
            sum(_mm256_add_epi64(full, less))
        }
    }

    #[inline(always)]
    fn select_under(self, line: &[u32; LINE], mask: u32, wanted: u32, to: &mut [u32; LINE]) -> usize {
        let mut equal = 0;
        for half in [0, LINE / 2] {
            // SAFETY: there is a value of this type only where `detect` found the features; the load stays in the array.
            unsafe {
                let entries = _mm256_loadu_si256(line.as_ptr().add(half).cast());
                let under = _mm256_and_si256(entries, _mm256_set1_epi32(mask.cast_signed()));
                let equals = _mm256_cmpeq_epi32(under, _mm256_set1_epi32(wanted.cast_signed()));
                equal |= _mm256_movemask_ps(_mm256_castsi256_ps(equals)).cast_unsigned() << half;
            }
        }
        pack(line, equal, to)
    }

    #[inline(always)]
    fn classify(self, block: &[u8; BLOCK], lower: &mut [u8; BLOCK]) -> Masks {
        let mut masks = Masks { letters: 0, ignored: 0, hyphens: 0, other: 0 };
        for half in [0, BLOCK / 2] {
            // SAFETY: there is a value of this type only where `detect` found the features; load and store stay in
            // the arrays.
            unsafe {
                let bytes = _mm256_loadu_si256(block.as_ptr().add(half).cast());
                // Of what becomes a letter thereby, only capitals were none before.
                let small = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
                let within = |low: u8, high: u8, bytes| {
                    let above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(low.cast_signed()));
                    let most = _mm256_set1_epi8((high - low).cast_signed());
                    _mm256_cmpeq_epi8(_mm256_min_epu8(above, most), above)
                };
                let is = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
                let mask = |bytes| u64::from(_mm256_movemask_epi8(bytes).cast_unsigned()) << half;
                masks.letters |= mask(_mm256_or_si256(within(b'a', b'z', small), within(b'0', b'9', bytes)));
                masks.ignored |= mask(_mm256_or_si256(is(b'\''), is(b'`')));
                masks.hyphens |= mask(is(b'-'));
                masks.other |= mask(bytes);
                _mm256_storeu_si256(lower.as_mut_ptr().add(half).cast(), small);
            }
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
        let mut table = [0; 32];
        table[..26].copy_from_slice(&alphabet.classes);
        let mut classes = [0_u8; BLOCK];
        // One byte in front, so that the byte before each is a load one byte earlier.
        let mut shifted = [0_u8; BLOCK + 1];
        shifted[0] = *before;
        let mut skipped = 0;
        for half in [0, BLOCK / 2] {
            // SAFETY: there is a value of this type only where `detect` found the features; all loads and stores stay
            // in the arrays.
            unsafe {
                let letter = _mm256_loadu_si256(letters.as_ptr().add(half).cast());
                // A shuffle looks at four bits of an index and gives zero where its top bit is set: two tables of 16.
                let index = _mm256_sub_epi8(letter, _mm256_set1_epi8(b'a'.cast_signed()));
                let tables = _mm256_loadu_si256(table.as_ptr().cast());
                let first = _mm256_permute2x128_si256::<0x00>(tables, tables);
                let second = _mm256_permute2x128_si256::<0x11>(tables, tables);
                let mapped = _mm256_or_si256(
                    _mm256_shuffle_epi8(first, _mm256_add_epi8(index, _mm256_set1_epi8(0x70))),
                    _mm256_shuffle_epi8(second, _mm256_sub_epi8(index, _mm256_set1_epi8(16))),
                );
                let is_small = _mm256_cmpgt_epi8(letter, _mm256_set1_epi8((b'a' - 1).cast_signed()));
                let class = _mm256_blendv_epi8(letter, mapped, is_small);
                _mm256_storeu_si256(classes.as_mut_ptr().add(half).cast(), class);
                _mm256_storeu_si256(shifted.as_mut_ptr().add(half + 1).cast(), class);
                let previous = _mm256_loadu_si256(shifted.as_ptr().add(half).cast());
                let silent = _mm256_cmpeq_epi8(class, _mm256_set1_epi8(alphabet.silent.cast_signed()));
                let same = _mm256_or_si256(_mm256_cmpeq_epi8(class, previous), silent);
                skipped |= u64::from(_mm256_movemask_epi8(same).cast_unsigned()) << half;
            }
        }
        let all = if count >= BLOCK { u64::MAX } else { (1 << count) - 1 };
        let kept = (starts | !skipped) & all;
        self.compress(&classes, kept, packed);
        *before = shifted[count.min(BLOCK)];
        kept
    }

    #[inline(always)]
    fn extract(self, bits: u64, mask: u64) -> u64 {
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { _pext_u64(bits, mask) }
    }

    #[inline(always)]
    fn compress(self, bytes: &[u8; BLOCK], mask: u64, to: &mut [u8; BLOCK]) {
        let mut filled = 0;
        let (eights, _) = bytes.as_chunks::<8>();
        for (k, eight) in eights.iter().enumerate() {
            let mask = mask >> (8 * k) & 0xff;
            // SAFETY: there is a value of this type only where `detect` found the features.
            let packed = unsafe {
                // A byte of ones for each bit.
                let ones = _pdep_u64(mask, 0x0101_0101_0101_0101) * 0xff;
                _pext_u64(u64::from_le_bytes(*eight), ones)
            };
            to[filled..filled + 8].copy_from_slice(&packed.to_le_bytes());
            filled += mask.count_ones() as usize;
        }
    }

    #[inline(always)]
    fn dot_half_bytes(self, halves: &[HalfBytes], query: &[Signed]) -> i32 {
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { products::dot_half_bytes_avx2(halves, query) }
    }

    #[inline(always)]
    fn dot_bytes(self, high: &[HalfBytes], low: &[HalfBytes], query: &[Signed]) -> i32 {
        // SAFETY: as above.
        unsafe { products::dot_bytes_avx2(high, low, query) }
    }
}

/// AVX-512 with byte permutations and VNNI: Intel since Ice Lake, AMD since Zen 4.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// The kernel, where the processor has it.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let found = Avx2::detect().is_some()
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("avx512vnni");
        found.then_some(Self(()))
    }

    #[inline]
    pub(super) fn dispatch<T: Task>(self, task: T) -> T::Answer {
        #[target_feature(
            enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni"
        )]
        fn run<T: Task>(kernel: Avx512, task: T) -> T::Answer {
            task.run(kernel)
        }
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { run(self, task) }
    }
}

impl Kernel for Avx512 {
    const TILED: bool = true;

    type Query = Signed;

    #[inline(always)]
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32 {
        // SAFETY: there is a value of this type only where `detect` found the features; the loads stay in the arrays.
        unsafe {
            let a = _mm512_loadu_si512(a.as_ptr().cast());
            let b = _mm512_loadu_si512(b.as_ptr().cast());
            _mm512_cmpeq_epi16_mask(a, b)
        }
    }

    #[inline(always)]
    fn weigh(self, worth: &[u8; WORDS], full: u32, less: u32, off: u8) -> u32 {
        // SAFETY: there is a value of this type only where `detect` found the features; the load stays in the array.
        unsafe {
            let worth = _mm256_loadu_si256(worth.as_ptr().cast());
            let rest = _mm256_maskz_subs_epu8(less, worth, _mm256_set1_epi8(off.cast_signed()));
            let worth = _mm256_maskz_mov_epi8(full, worth);
            let zero = _mm256_setzero_si256();
            sum(_mm256_add_epi64(_mm256_sad_epu8(worth, zero), _mm256_sad_epu8(rest, zero)))
        }
    }

    #[inline(always)]
    fn select_under(self, line: &[u32; LINE], mask: u32, wanted: u32, to: &mut [u32; LINE]) -> usize {
        // SAFETY: there is a value of this type only where `detect` found the features; load and store stay in
        // the arrays.
        unsafe {
            let entries = _mm512_loadu_si512(line.as_ptr().cast());
            let under = _mm512_and_si512(entries, _mm512_set1_epi32(mask.cast_signed()));
            let equal = _mm512_cmpeq_epi32_mask(under, _mm512_set1_epi32(wanted.cast_signed()));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_maskz_compress_epi32(equal, entries));
            equal.count_ones() as usize
        }
    }

    #[inline(always)]
    fn present(self, bytes: &[u8; BLOCK]) -> u64 {
        // SAFETY: there is a value of this type only where `detect` found the features; the load stays in the array.
        unsafe {
            let bytes = _mm512_loadu_si512(bytes.as_ptr().cast());
            _mm512_test_epi8_mask(bytes, bytes)
        }
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
        // SAFETY: there is a value of this type only where `detect` found the features; load and stores stay in the
        // arrays.
        unsafe {
            let numbers = _mm512_loadu_si512(numbers.as_ptr().cast());
            _mm512_storeu_si512(chosen.as_mut_ptr().cast(), _mm512_maskz_compress_epi64(mask, numbers));
            let all = _mm256_add_epi32(
                _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7),
                _mm256_set1_epi32(first.cast_signed()),
            );
            _mm256_storeu_si256(which.as_mut_ptr().cast(), _mm256_maskz_compress_epi32(mask, all));
        }
    }

    #[inline(always)]
    fn carried<const N: usize>(self, row: &[i32; N], first: i32, more: i32) -> [i32; N] {
        let mut left = [0; N];
        // SAFETY: there is a value of this type only where `detect` found the features; loads and stores stay in the
        // chunks.
        unsafe {
            let zero = _mm512_setzero_si512();
            let places = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
            let further = _mm512_mullo_epi32(places, _mm512_set1_epi32(more));
            let mut before = zero;
            for (chunk, left) in row.as_chunks::<LINE>().0.iter().zip(left.as_chunks_mut::<LINE>().0) {
                let row = _mm512_loadu_si512(chunk.as_ptr().cast());
                let mut best = _mm512_max_epi32(_mm512_sub_epi32(row, _mm512_set1_epi32(first)), zero);
                // By doubling: each place knows the best of so many to its left, itself included.
                let known = _mm512_alignr_epi32::<15>(best, zero);
                best = _mm512_max_epi32(best, _mm512_sub_epi32(known, _mm512_set1_epi32(more)));
                let known = _mm512_alignr_epi32::<14>(best, zero);
                best = _mm512_max_epi32(best, _mm512_sub_epi32(known, _mm512_set1_epi32(2 * more)));
                let known = _mm512_alignr_epi32::<12>(best, zero);
                best = _mm512_max_epi32(best, _mm512_sub_epi32(known, _mm512_set1_epi32(4 * more)));
                let known = _mm512_alignr_epi32::<8>(best, zero);
                best = _mm512_max_epi32(best, _mm512_sub_epi32(known, _mm512_set1_epi32(8 * more)));
                let last = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), before);
                best = _mm512_max_epi32(best, _mm512_sub_epi32(last, further));
                _mm512_storeu_si512(left.as_mut_ptr().cast(), _mm512_alignr_epi32::<15>(best, before));
                before = best;
            }
        }
        left
    }

    #[inline(always)]
    fn shifted<const N: usize>(self, row: &[i32; N], by: i64) -> [i32; N] {
        let chunks = row.as_chunks::<LINE>().0;
        let by = by.clamp(-(N as i64), N as i64) as i32;
        let mut shifted = [0; N];
        // SAFETY: there is a value of this type only where `detect` found the features; loads and stores stay in the
        // chunks.
        unsafe {
            let places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            for (k, shifted) in shifted.as_chunks_mut::<LINE>().0.iter_mut().enumerate() {
                let mut taken = _mm512_setzero_si512();
                for (other, chunk) in chunks.iter().enumerate() {
                    // Where each number stands in this chunk: nowhere below zero or beyond its end.
                    let first = by + (k * LINE) as i32 - (other * LINE) as i32;
                    let from = _mm512_add_epi32(places, _mm512_set1_epi32(first));
                    let inside = _mm512_cmplt_epu32_mask(from, _mm512_set1_epi32(LINE as i32));
                    let row = _mm512_loadu_si512(chunk.as_ptr().cast());
                    taken = _mm512_mask_permutexvar_epi32(taken, inside, from, row);
                }
                _mm512_storeu_si512(shifted.as_mut_ptr().cast(), taken);
            }
        }
        shifted
    }

    #[inline(always)]
    fn highest<const N: usize>(self, row: &[i32; N]) -> (i32, usize) {
        let chunks = row.as_chunks::<LINE>().0;
        // SAFETY: there is a value of this type only where `detect` found the features; the loads stay in the chunks.
        unsafe {
            let mut highest = _mm512_set1_epi32(i32::MIN);
            for chunk in chunks {
                highest = _mm512_max_epi32(highest, _mm512_loadu_si512(chunk.as_ptr().cast()));
            }
            let highest = _mm512_reduce_max_epi32(highest);
            let mut places = 0;
            for (k, chunk) in chunks.iter().enumerate() {
                let row = _mm512_loadu_si512(chunk.as_ptr().cast());
                let equal = _mm512_cmpeq_epi32_mask(row, _mm512_set1_epi32(highest));
                places |= u64::from(equal) << (k * LINE);
            }
            (highest, places.trailing_zeros() as usize)
        }
    }

    #[inline(always)]
    fn covers(self, words: &[u64], places: &[u64; PLACES], wanted: &[u64; PLACES]) -> u8 {
        // SAFETY: there is a value of this type only where `detect` found the features; the loads stay in the arrays,
        // and only places below the length of the slice are read of it.
        unsafe {
            let places = _mm512_loadu_si512(places.as_ptr().cast());
            let wanted = _mm512_loadu_si512(wanted.as_ptr().cast());
            let there = _mm512_cmplt_epu64_mask(places, _mm512_set1_epi64(words.len() as i64));
            let none = _mm512_setzero_si512();
            let words = _mm512_mask_i64gather_epi64::<8>(none, there, places, words.as_ptr().cast());
            there & _mm512_cmpeq_epi64_mask(_mm512_and_si512(words, wanted), wanted)
        }
    }

    #[inline(always)]
    fn classify(self, block: &[u8; BLOCK], lower: &mut [u8; BLOCK]) -> Masks {
        // SAFETY: there is a value of this type only where `detect` found the features; load and store stay in the
        // arrays.
        unsafe {
            let bytes = _mm512_loadu_si512(block.as_ptr().cast());
            // Of what becomes a letter thereby, only capitals were none before.
            let small = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
            let within = |low: u8, high: u8, bytes| {
                let above = _mm512_sub_epi8(bytes, _mm512_set1_epi8(low.cast_signed()));
                _mm512_cmple_epu8_mask(above, _mm512_set1_epi8((high - low).cast_signed()))
            };
            let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()));
            _mm512_storeu_si512(lower.as_mut_ptr().cast(), small);
            Masks {
                letters: within(b'a', b'z', small) | within(b'0', b'9', bytes),
                ignored: is(b'\'') | is(b'`'),
                hyphens: is(b'-'),
                other: _mm512_movepi8_mask(bytes),
            }
        }
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
        /// The place before each.
        const BEFORE: [u8; BLOCK] = {
            let mut places = [0; BLOCK];
            let mut k = 1;
            while k < BLOCK {
                places[k] = k as u8 - 1;
                k += 1;
            }
            places
        };
        let all = if count >= BLOCK { u64::MAX } else { (1 << count) - 1 };
        // SAFETY: there is a value of this type only where `detect` found the features; the masked load reads the 26
        // bytes of the alphabet, all others and the store stay in the arrays.
        unsafe {
            let letter = _mm512_loadu_si512(letters.as_ptr().cast());
            let table = _mm512_maskz_loadu_epi8((1 << 26) - 1, alphabet.classes.as_ptr().cast());
            let index = _mm512_sub_epi8(letter, _mm512_set1_epi8(b'a'.cast_signed()));
            let small = _mm512_cmplt_epu8_mask(index, _mm512_set1_epi8(26));
            let class = _mm512_mask_permutexvar_epi8(letter, small, index, table);
            let places = _mm512_loadu_si512(BEFORE.as_ptr().cast());
            let first = _mm512_set1_epi8(before.cast_signed());
            let previous = _mm512_mask_permutexvar_epi8(first, !1, places, class);
            let says = _mm512_cmpneq_epi8_mask(class, previous)
                & _mm512_cmpneq_epi8_mask(class, _mm512_set1_epi8(alphabet.silent.cast_signed()));
            let kept = all & (starts | says);
            _mm512_storeu_si512(packed.as_mut_ptr().cast(), _mm512_maskz_compress_epi8(kept, class));
            let last = _mm512_set1_epi8((count as u8).wrapping_sub(1).cast_signed());
            let last = _mm_cvtsi128_si32(_mm512_castsi512_si128(_mm512_permutexvar_epi8(last, class)));
            *before = if count > 0 { last as u8 } else { *before };
            kept
        }
    }

    #[inline(always)]
    fn extract(self, bits: u64, mask: u64) -> u64 {
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { _pext_u64(bits, mask) }
    }

    #[inline(always)]
    fn places(self, mask: u64, places: &[u8; BLOCK + 1], behind: u32, to: &mut [u32; BLOCK_WORDS]) {
        // SAFETY: there is a value of this type only where `detect` found the features; loads and stores stay in the
        // arrays.
        unsafe {
            let places = _mm512_maskz_compress_epi8(mask, _mm512_loadu_si512(places.as_ptr().cast()));
            let behind = _mm512_set1_epi32(behind.cast_signed());
            let first = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_add_epi32(first, behind));
            // Mostly there are few.
            if mask.count_ones() > (BLOCK_WORDS / 2) as u32 {
                let second = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32::<1>(places));
                let to = to.as_mut_ptr().add(BLOCK_WORDS / 2);
                _mm512_storeu_si512(to.cast(), _mm512_add_epi32(second, behind));
            }
        }
    }

    #[inline(always)]
    fn compress(self, bytes: &[u8; BLOCK], mask: u64, to: &mut [u8; BLOCK]) {
        // SAFETY: there is a value of this type only where `detect` found the features; load and store stay in the
        // arrays.
        unsafe {
            let bytes = _mm512_loadu_si512(bytes.as_ptr().cast());
            _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_maskz_compress_epi8(mask, bytes));
        }
    }

    #[inline(always)]
    fn dot_half_bytes(self, halves: &[HalfBytes], query: &[Signed]) -> i32 {
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { products::dot_half_bytes_avx512(halves, query) }
    }

    #[inline(always)]
    fn dot_bytes(self, high: &[HalfBytes], low: &[HalfBytes], query: &[Signed]) -> i32 {
        // SAFETY: as above.
        unsafe { products::dot_bytes_avx512(high, low, query) }
    }

    #[inline(always)]
    fn dot_floats(self, a: &[f32], b: &[f32]) -> f32 {
        // SAFETY: as above.
        unsafe { products::dot_floats_avx512(a, b) }
    }

    #[inline(always)]
    fn lay_tile(self, high: &[&[HalfBytes]; TILE], low: &[&[HalfBytes]; TILE], tile: &mut [Line]) {
        // SAFETY: as above.
        unsafe { products::lay_tile_avx512(high, low, tile) }
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
        // SAFETY: as above.
        unsafe { products::dot_tiles_avx512(tiles, queries, start, least, sums) }
    }

    #[inline(always)]
    fn multiply_add(self, rounds: u64) -> (u64, i32) {
        // SAFETY: as above.
        unsafe { products::multiply_add_avx512(rounds) }
    }
}

// What follows are functions, not closures: intrinsics are not inlined into a closure that is called more than once.

/// A byte of ones for each bit that is set.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn spread(mask: u32) -> __m256i {
    // SAFETY: as the caller promises.
    unsafe {
        let bytes =
            _mm256_setr_epi64x(0, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303);
        let single = _mm256_set1_epi64x(0x8040_2010_0804_0201_u64.cast_signed());
        let bits = _mm256_shuffle_epi8(_mm256_set1_epi32(mask.cast_signed()), bytes);
        _mm256_cmpeq_epi8(_mm256_and_si256(bits, single), single)
    }
}

/// The sum of four numbers.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn sum(numbers: __m256i) -> u32 {
    // SAFETY: as the caller promises.
    unsafe {
        let two = _mm_add_epi64(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256::<1>(numbers));
        (_mm_cvtsi128_si64(two) + _mm_extract_epi64::<1>(two)) as u32
    }
}
