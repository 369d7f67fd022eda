//! The room in which files are mapped.
#![allow(unsafe_code)] // Reason: the contents of a mapped file may change under a program.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};

use super::memory::Memory;

/// Maps an index file of `len` bytes, to be read from byte `start` on.
pub(crate) fn map(file: &File, start: u64, len: u64) -> Result<Memory> {
    let start = usize::try_from(start).ok().filter(|start| start.is_multiple_of(8));
    let start = start.ok_or_else(|| Error::other("it begins where no number can"))?;
    // SAFETY: nobody of this library writes to an index file once it has its name, and who asks for mapping was told that
    // nobody else may (`OpenOptions::mapped`). What is read is only ever taken for bytes and whole numbers, of which
    // every value is valid; numbers that lead elsewhere are checked where they are used, against the bounds of slices
    // whose lengths are not read from the file again.
    let map = unsafe { memmap2::Mmap::map(file)? };
    if map.len() as u64 != len || map.len() < start {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    // Look-ups hit any page: what lies beside it on the disk is not wanted. Only a wish.
    #[cfg(unix)]
    let _ = map.advise(memmap2::Advice::Random);
    Ok(Memory::File(map, start))
}
