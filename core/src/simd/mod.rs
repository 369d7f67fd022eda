//! What a processor does to many numbers at once. The one room with `unsafe`, each block with its reason, and each
//! kernel with a twin in plain Rust ([`plain`]) that says the same on any machine.
//!
//! A [`Task`] is written once against the operations of a [`Kernel`]; [`dispatch`] runs it with the best kernel that
//! this processor has, compiled for it as a whole.
#![allow(unsafe_code)] // Reason: instructions of the processor are foreign functions to Rust.

mod plain;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Words that a kernel compares at once.
pub(crate) const WORDS: usize = 32;
/// Bytes that a kernel compares at once.
pub(crate) const BYTES: usize = 32;

/// The kernel for what is done so seldom that it matters little.
pub(crate) const PLAIN: plain::Plain = plain::Plain;

/// Operations on many numbers at once. All kernels give the same answers.
pub(crate) trait Kernel: Copy {
    /// Bit `k` is set where `a[k]` equals `b[k]`.
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32;

    /// Bit `k` is set where `bytes[k]` is `wanted`.
    fn equal_to(self, bytes: &[u8; BYTES], wanted: u8) -> u32;
}

/// Work to be done with whatever kernel there is. `run` must be `#[inline(always)]`, and so must all that it calls in
/// its inner loops: only then is it compiled for the kernel's processor.
pub(crate) trait Task {
    /// What the work gives.
    type Answer;

    /// Does it.
    fn run<K: Kernel>(self, kernel: K) -> Self::Answer;
}

/// Runs a task with the best kernel of this processor.
#[inline]
pub(crate) fn dispatch<T: Task>(task: T) -> T::Answer {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(kernel) = x86::Avx512::detect() {
            return kernel.dispatch(task);
        }
        if let Some(kernel) = x86::Avx2::detect() {
            return kernel.dispatch(task);
        }
    }
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
