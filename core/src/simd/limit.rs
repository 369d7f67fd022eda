//! Which of the processor's instructions are used: the best it has, or, to test and measure the others, fewer.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

#[cfg(target_arch = "x86_64")]
use super::x86;
use super::{Kernel, Task, dispatch};

/// The most that [`InstructionSet::limit`] allowed.
static LIMIT: AtomicU8 = AtomicU8::new(InstructionSet::Avx512 as u8);

/// What instructions for many numbers at once a processor has. Scans use the best there are; which these are never
/// changes a report, only how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum InstructionSet {
    /// What every processor of the target has.
    Plain,
    /// AVX2 and BMI: x86-64 since about 2013.
    Avx2,
    /// AVX-512 with byte permutations: Intel since Ice Lake, AMD since Zen 4.
    Avx512,
}

impl InstructionSet {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Avx2, Self::Avx512];

    /// What is used now: the best that the processor has and [`limit`](Self::limit) allows.
    #[must_use]
    pub fn used() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if Self::Avx512.allowed() && x86::Avx512::detect().is_some() {
                return Self::Avx512;
            }
            if Self::Avx2.allowed() && x86::Avx2::detect().is_some() {
                return Self::Avx2;
            }
        }
        Self::Plain
    }

    /// Lets this process, all its threads and scanners, use no more than these from now on, for tests and
    /// measurements of what other processors do. `Avx512` lifts the limit.
    pub fn limit(self) {
        LIMIT.store(self as u8, Relaxed);
    }

    /// Multiplies bytes and adds up the products in registers alone, and gives how many that were and something of the
    /// result. For measurements: what no search for neighbours can exceed.
    #[must_use]
    pub fn multiply_add(rounds: u64) -> (u64, i32) {
        dispatch(Busy(rounds))
    }

    /// Whether the limit allows them, whatever the processor has.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    pub(super) fn allowed(self) -> bool {
        self as u8 <= LIMIT.load(Relaxed)
    }
}

struct Busy(u64);

impl Task for Busy {
    type Answer = (u64, i32);

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> (u64, i32) {
        kernel.multiply_add(self.0)
    }
}
