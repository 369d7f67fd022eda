//! What a processor does to many numbers at once. The one room with `unsafe`, each block with its reason, and each
//! kernel with a twin in plain Rust ([`plain`]) that says the same on any machine.
//!
//! A [`Task`] is written once against the operations of a [`Kernel`]; [`dispatch`] runs it with the best kernel that
//! this processor has, compiled for it as a whole.
#![allow(unsafe_code)] // Reason: instructions of the processor are foreign functions to Rust.

#[cfg(any(test, feature = "self-test"))]
mod agree;
#[cfg(any(test, feature = "self-test"))]
mod agree_products;
mod limit;
mod plain;
mod products;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm_products;
#[cfg(target_arch = "x86_64")]
mod x86;
#[cfg(target_arch = "x86_64")]
mod x86_products;

#[cfg(feature = "self-test")]
pub use agree::all_kernels_say_the_same;
pub use limit::InstructionSet;
pub(crate) use products::{Fours, HalfBytes, Line, QUERIES, Query, Signed, TILE, TILES, WIDE};

/// Words that a kernel compares at once.
pub(crate) const WORDS: usize = 32;
/// Words of 64 bits that a kernel looks at in different places at once.
pub(crate) const PLACES: usize = 8;
/// Numbers of 32 bits in a cache line.
pub(crate) const LINE: usize = 16;

/// Bytes of text that a kernel takes at once.
pub(crate) const BLOCK: usize = 64;

/// Where the bytes of a block stand in it, and where the next byte does.
pub(crate) const PLACES_OF_BLOCK: [u8; BLOCK + 1] = {
    let mut places = [0; BLOCK + 1];
    let mut k = 0;
    while k <= BLOCK {
        places[k] = k as u8;
        k += 1;
    }
    places
};

/// Words that may begin and end in a block.
pub(crate) const BLOCK_WORDS: usize = BLOCK / 2;

/// How words become tokens: by the classes of their letters.
pub(crate) struct Alphabet {
    /// What the letters map to.
    pub(crate) classes: [u8; 26],
    /// The class that says nothing behind another letter.
    pub(crate) silent: u8,
    /// Of the first and the second eight classes.
    pub(crate) multipliers: [u64; 2],
}

impl Alphabet {
    /// Classes that are hashed at once.
    pub(crate) const AT_ONCE: usize = 16;

    /// Masks of the first so many of eight bytes: of 0 for the first entries, then of 1, 2, …, at last of all.
    const FIRST: [u64; Self::AT_ONCE + 9] = {
        let mut masks = [0; Self::AT_ONCE + 9];
        let mut count = 1;
        while count <= Self::AT_ONCE {
            masks[8 + count] = if count < 8 { (1 << (8 * count)) - 1 } else { u64::MAX };
            count += 1;
        }
        masks
    };

    /// Mixes the first `count` of sixteen classes into `state`. Each half is multiplied and the products are added: of
    /// the sum the upper bits tell words apart (multilinear hashing: Lemire, Kaser, Computer Journal 57, 2014).
    #[inline(always)]
    pub(crate) fn mixed(&self, state: u64, classes: &[u8; Self::AT_ONCE], count: usize) -> u64 {
        let both = u128::from_le_bytes(*classes);
        let (low, high) = (both as u64 & Self::FIRST[count + 8], (both >> 64) as u64 & Self::FIRST[count]);
        let [first, second] = self.multipliers;
        (low ^ state).wrapping_mul(first).wrapping_add(high.wrapping_mul(second))
    }

    /// The token that classes were mixed to.
    #[inline(always)]
    pub(crate) fn token(state: u64) -> u16 {
        (state >> 48) as u16
    }
}

/// What the bytes of a block are: a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Masks {
    /// ASCII letters and digits.
    pub(crate) letters: u64,
    /// Apostrophes and grave accents, which say nothing.
    pub(crate) ignored: u64,
    pub(crate) hyphens: u64,
    /// Not ASCII.
    pub(crate) other: u64,
}

/// All bits of eight bytes but the top ones.
const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// The kernel for what is done so seldom that it matters little.
pub(crate) const PLAIN: plain::Plain = plain::Plain;

/// Operations on many numbers at once. All kernels give the same answers.
pub(crate) trait Kernel: Copy {
    /// Whether many queries are best multiplied with many rows as [`dot_tiles`](Self::dot_tiles) does it.
    const TILED: bool = false;

    /// A query as it is best multiplied with many rows, one after the other.
    type Query: Query;

    /// Bit `k` is set where `a[k]` equals `b[k]`.
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32;

    /// The sum of `worth` under the bits of `full`, and of what is left of it beyond `off` under those of `less`.
    fn weigh(self, worth: &[u8; WORDS], full: u32, less: u32, off: u8) -> u32;

    /// Packs those numbers of `line` whose bits under `mask` are `wanted` to the beginning of `to`, and gives how many
    /// they are; what lies behind them may be anything.
    fn select_under(self, line: &[u32; LINE], mask: u32, wanted: u32, to: &mut [u32; LINE]) -> usize;

    /// Bit `k` is set where there is a `words[places[k]]` and it has all the bits of `wanted[k]`.
    #[inline(always)]
    fn covers(self, words: &[u64], places: &[u64; PLACES], wanted: &[u64; PLACES]) -> u8 {
        let holds =
            |k: usize| words.get(places[k] as usize).is_some_and(|word| word & wanted[k] == wanted[k]);
        (0..PLACES).fold(0, |mask, k| mask | u8::from(holds(k)) << k)
    }

    /// Bit `k` is set where `bytes[k]` is not zero.
    #[inline(always)]
    fn present(self, bytes: &[u8; BLOCK]) -> u64 {
        let eights = bytes.as_chunks::<8>().0.iter().enumerate();
        eights.fold(0, |mask, (k, eight)| {
            let eight = u64::from_le_bytes(*eight);
            // The top bit of each byte that is not zero, then all of them side by side.
            let tops = (((eight & LOW) + LOW) | eight) & !LOW;
            mask | (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56 << (8 * k)
        })
    }

    /// Packs those numbers whose bits are set in `mask` to the beginning of `chosen`, and which they are, counted from
    /// `first`, to that of `which`; what lies behind them may be anything.
    #[inline(always)]
    fn choose(
        self,
        numbers: &[u64; PLACES],
        mask: u8,
        first: u32,
        which: &mut [u32; PLACES],
        chosen: &mut [u64; PLACES],
    ) {
        let mut filled = 0;
        for (k, &number) in (0..).zip(numbers) {
            (which[filled % PLACES], chosen[filled % PLACES]) = (first + k, number);
            filled += usize::from(mask >> k & 1 == 1);
        }
    }

    /// Of each place of a row the best of the numbers to its left, less `first` for the next one and `more` for each
    /// that is further away; zero where that is less. `N` is a multiple of [`LINE`].
    #[inline(always)]
    fn carried<const N: usize>(self, row: &[i32; N], first: i32, more: i32) -> [i32; N] {
        let mut best = 0;
        row.map(|number| {
            let left = best;
            best = (best - more).max(number - first).max(0);
            left
        })
    }

    /// A row as it stands over another whose places lie `by` further right; zeros come from beyond its ends. `N` is a
    /// multiple of [`LINE`].
    #[inline(always)]
    fn shifted<const N: usize>(self, row: &[i32; N], by: i64) -> [i32; N] {
        let mut padded = [[0; N]; 3];
        padded[1] = *row;
        let from = (N as i64 + by.clamp(-(N as i64), N as i64)) as usize;
        padded.as_flattened()[from..].first_chunk().copied().unwrap_or([0; N])
    }

    /// The highest number of a row, and its first place. `N` is a multiple of [`LINE`].
    #[inline(always)]
    fn highest<const N: usize>(self, row: &[i32; N]) -> (i32, usize) {
        let highest = row.iter().fold(i32::MIN, |highest, &number| highest.max(number));
        (highest, row.iter().position(|&number| number == highest).unwrap_or(0))
    }

    /// Says what the bytes of a block are; `lower` gets them, letters in lower case and other bytes anyhow.
    fn classify(self, block: &[u8; BLOCK], lower: &mut [u8; BLOCK]) -> Masks;

    /// Packs to the beginning of `packed` what `alphabet` says of the first `count` of the lower-case `letters`, digits as
    /// they are; but where no word starts, nothing of a class that is that of the letter before it, or `silent`. The class
    /// of the letter before the first is `before`, which gets that of the last. Gives a mask of the letters that were
    /// packed; what lies behind them may be anything.
    fn classes(
        self,
        letters: &[u8; BLOCK],
        starts: u64,
        before: &mut u8,
        count: usize,
        alphabet: &Alphabet,
        packed: &mut [u8; BLOCK],
    ) -> u64;

    /// The bits of `bits` under those of `mask`, side by side.
    #[inline(always)]
    fn extract(self, bits: u64, mask: u64) -> u64 {
        let mut rest = bits & mask;
        let mut extracted = 0;
        while rest != 0 {
            let below = (1_u64 << rest.trailing_zeros()) - 1;
            extracted |= 1 << (mask & below).count_ones();
            rest &= rest - 1;
        }
        extracted
    }

    /// Writes what `places` says of each bit of `mask`, and `behind` more, to the beginning of `to`; what lies behind
    /// may be anything. No more than [`BLOCK_WORDS`] bits are set.
    #[inline(always)]
    fn places(self, mut mask: u64, places: &[u8; BLOCK + 1], behind: u32, to: &mut [u32; BLOCK_WORDS]) {
        for to in to.iter_mut().take(mask.count_ones() as usize) {
            *to = behind + u32::from(places[mask.trailing_zeros() as usize % BLOCK]);
            mask &= mask.wrapping_sub(1);
        }
    }

    /// Packs the bytes under `mask` to the beginning of `to`; what lies behind them may be anything.
    fn compress(self, bytes: &[u8; BLOCK], mask: u64, to: &mut [u8; BLOCK]);

    /// The sum of the products of half bytes with whole ones, over as many blocks as both have.
    fn dot_half_bytes(self, halves: &[HalfBytes], query: &[Self::Query]) -> i32;

    /// The sum of the products of bytes, of which upper and lower halves are given, with others.
    #[inline(always)]
    fn dot_bytes(self, high: &[HalfBytes], low: &[HalfBytes], query: &[Self::Query]) -> i32 {
        16 * self.dot_half_bytes(high, query) + self.dot_half_bytes(low, query)
    }

    /// The sum of the products of two rows of numbers, added up in the one order that `products` describes, so that it is
    /// the same to the last bit everywhere. What one row has more than the other counts nothing.
    #[inline(always)]
    fn dot_floats(self, a: &[f32], b: &[f32]) -> f32 {
        products::dot_floats(a, b)
    }

    /// Lays rows side by side, as [`dot_tile`](Self::dot_tile) wants them: of each row four bytes, then four more of each. A
    /// row's bytes are made of their upper and lower halves.
    #[inline(always)]
    fn lay_tile(self, high: &[&[HalfBytes]; TILE], low: &[&[HalfBytes]; TILE], tile: &mut [Line]) {
        products::lay_tile(high, low, tile);
    }

    /// The sums of the products of some tiles of rows with some queries, each begun with the row's number in `start`, and masks
    /// of those that reach `least`; where none does, the sums may be anything.
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

    /// Multiplies and adds as many bytes as the processor can, in registers alone, `rounds` times; gives how many that
    /// were, and something of the result. For benchmarks: what no search can exceed.
    #[inline(always)]
    fn multiply_add(self, rounds: u64) -> (u64, i32) {
        products::multiply_add(rounds)
    }
}

/// Work to be done with whatever kernel there is. `run` must be `#[inline(always)]`, and so must all that it calls in
/// its inner loops: only then is it compiled for the kernel's processor.
pub(crate) trait Task {
    /// What the work gives.
    type Answer;

    /// Does it.
    fn run<K: Kernel>(self, kernel: K) -> Self::Answer;
}

/// Runs a task with the best kernel of this processor that [`InstructionSet::limit`] allows.
#[inline]
pub(crate) fn dispatch<T: Task>(task: T) -> T::Answer {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(kernel) = InstructionSet::Avx512.allowed().then(x86::Avx512::detect).flatten() {
            return kernel.dispatch(task);
        }
        if let Some(kernel) = InstructionSet::Avx2.allowed().then(x86::Avx2::detect).flatten() {
            return kernel.dispatch(task);
        }
    }
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return task.run(wasm::Simd128);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    task.run(PLAIN)
}

/// Asks the processor to bring the cache line of `slice[index]` near; nothing where there is no such element or no
/// such instruction. Never changes a result.
#[inline(always)]
pub(crate) fn prefetch<T>(slice: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(element) = slice.get(index) {
        // SAFETY: every x86-64 processor has this instruction (SSE); it reads no memory that a program could see,
        // and the address is that of a live element anyway.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, index);
}

/// The same, only into the second cache: for more lines at once than the first one waits for.
#[inline(always)]
pub(crate) fn prefetch_many<T>(slice: &[T], from: usize, count: usize) {
    #[cfg(target_arch = "x86_64")]
    for element in slice.get(from..from + count).unwrap_or_default() {
        // SAFETY: as above.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(element).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, from, count);
}

/// Brings elements near where [`prefetch`] cannot: WebAssembly has no instruction that asks for memory. So they are read; what is
/// read and not used is waited for by nobody, either: the processor goes on, and many such lines are on their way at once. Worth it
/// where most of the time is waiting, as in a walk; a scan gains nothing by it. Elsewhere this does nothing.
#[inline(always)]
pub(crate) fn read_ahead<T>(slice: &[T], from: usize, count: usize) {
    #[cfg(target_arch = "wasm32")]
    for element in slice.get(from..from + count).unwrap_or_default() {
        // SAFETY: it is the first byte of a live element, which has one; what is read there is not looked at, so that it may be
        // anything.
        unsafe {
            const { assert!(size_of::<T>() > 0) };
            std::ptr::from_ref(element).cast::<std::mem::MaybeUninit<u8>>().read_volatile();
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (slice, from, count);
}
