//! Memory for an index, made or read; or a file's own pages.
//!
//! Look-ups hit it at random places, so that with pages of 4 KiB nearly every one also misses the processor's table of
//! pages; where the system lends large pages, the index asks for them.

use std::ops::Deref;

/// Memory of a fixed length, from a multiple of eight bytes; zeroed, unless it is a file's.
pub(crate) enum Memory {
    #[cfg(all(feature = "store", unix))]
    Pages(memmap2::MmapMut, usize),
    Heap(Vec<u64>, usize),
    /// A file, from a byte on that is a multiple of eight.
    #[cfg(feature = "store")]
    File(memmap2::Mmap, usize),
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

    /// A copy of `bytes`.
    pub(crate) fn copied(bytes: &[u8]) -> Self {
        let mut memory = Self::zeroed(bytes.len());
        memory.make_mut().copy_from_slice(bytes);
        memory
    }

    /// The same, to be written; nothing of a file.
    pub(super) fn make_mut(&mut self) -> &mut [u8] {
        match self {
            #[cfg(all(feature = "store", unix))]
            Self::Pages(pages, len) => &mut pages[..*len],
            Self::Heap(words, len) => &mut bytemuck::cast_slice_mut(words)[..*len],
            #[cfg(feature = "store")]
            Self::File(..) => &mut [],
        }
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
            #[cfg(feature = "store")]
            Self::File(map, start) => &map[*start..],
        }
    }
}

impl AsRef<[u8]> for Memory {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
