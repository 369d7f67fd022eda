//! What only the processor's own instructions can do. The one room with `unsafe`, each block with its reason, and
//! each with a twin in plain Rust for other machines.
#![allow(unsafe_code)] // Reason: instructions of the processor are foreign functions to Rust.

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
