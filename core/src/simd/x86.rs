//! Kernels for the larger vectors of x86-64 processors.

use std::arch::x86_64::*;

use super::{BYTES, Kernel, Task, WORDS};

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
    fn equal_to(self, bytes: &[u8; BYTES], wanted: u8) -> u32 {
        // SAFETY: there is a value of this type only where `detect` found the features; the load stays in the array.
        unsafe {
            let bytes = _mm256_loadu_si256(bytes.as_ptr().cast());
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(wanted.cast_signed())))
                .cast_unsigned()
        }
    }
}

/// AVX-512 with byte permutations: Intel since Ice Lake, AMD since Zen 4.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// The kernel, where the processor has it.
    #[inline]
    pub(super) fn detect() -> Option<Self> {
        let found = Avx2::detect().is_some()
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2");
        found.then_some(Self(()))
    }

    #[inline]
    pub(super) fn dispatch<T: Task>(self, task: T) -> T::Answer {
        #[target_feature(
            enable = "avx2,bmi1,bmi2,lzcnt,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2"
        )]
        fn run<T: Task>(kernel: Avx512, task: T) -> T::Answer {
            task.run(kernel)
        }
        // SAFETY: there is a value of this type only where `detect` found the features.
        unsafe { run(self, task) }
    }
}

impl Kernel for Avx512 {
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
    fn equal_to(self, bytes: &[u8; BYTES], wanted: u8) -> u32 {
        // SAFETY: there is a value of this type only where `detect` found the features; the load stays in the array.
        unsafe {
            let bytes = _mm256_loadu_si256(bytes.as_ptr().cast());
            _mm256_cmpeq_epi8_mask(bytes, _mm256_set1_epi8(wanted.cast_signed()))
        }
    }
}
