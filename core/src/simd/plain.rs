//! The kernel of every machine, and the twin that the others are held to.

use wide::{u8x32, u16x32};

use super::{BYTES, Kernel, WORDS};

/// Plain Rust; `wide` uses what every processor of the target has.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Kernel for Plain {
    #[inline(always)]
    fn equal(self, a: &[u16; WORDS], b: &[u16; WORDS]) -> u32 {
        u16x32::from(*a).simd_eq(u16x32::from(*b)).to_bitmask()
    }

    #[inline(always)]
    fn equal_to(self, bytes: &[u8; BYTES], wanted: u8) -> u32 {
        u8x32::from(*bytes).simd_eq(u8x32::splat(wanted)).to_bitmask()
    }
}
