//! Memory for an index. Look-ups hit it at random places, so that with pages of 4 KiB nearly every one also misses
//! the processor's table of pages; where the system lends large pages, the index asks for them.

use std::ops::{Deref, DerefMut};

/// Zeroed memory of a fixed length, from a multiple of eight bytes.
pub(super) enum Memory {
    #[cfg(all(feature = "store", unix))]
    Pages(memmap2::MmapMut, usize),
    Heap(Vec<u64>, usize),
}

impl Memory {
    pub(super) fn zeroed(len: usize) -> Self {
        #[cfg(all(feature = "store", unix))]
        if len >= LARGE
            && let Ok(pages) = memmap2::MmapMut::map_anon(len.next_multiple_of(LARGE))
        {
            // Only a wish: a system without large pages refuses it, and all goes on as before.
            #[cfg(target_os = "linux")]
            let _ = pages.advise(memmap2::Advice::HugePage);
            return Self::Pages(pages, len);
        }
        Self::Heap(vec![0; len.div_ceil(8)], len)
    }
}

/// Bytes of a large page on most systems.
#[cfg(all(feature = "store", unix))]
const LARGE: usize = 2 << 20;

impl Deref for Memory {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            #[cfg(all(feature = "store", unix))]
            Self::Pages(pages, len) => &pages[..*len],
            Self::Heap(words, len) => &bytemuck::cast_slice(words)[..*len],
        }
    }
}

impl DerefMut for Memory {
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            #[cfg(all(feature = "store", unix))]
            Self::Pages(pages, len) => &mut pages[..*len],
            Self::Heap(words, len) => &mut bytemuck::cast_slice_mut(words)[..*len],
        }
    }
}
