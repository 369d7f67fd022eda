//! The room in which files are mapped.
#![allow(unsafe_code)] // Reason: the contents of a mapped file may change under a program.

/// Maps a segment's file, to be read.
pub(super) fn map(file: &std::fs::File) -> std::io::Result<memmap2::Mmap> {
    // SAFETY: nobody of this library writes to a segment once it has its name, and who asks for mapping was told that
    // nobody else may (`OpenOptions::mapped`). What is read is only ever taken for bytes and whole numbers, of which
    // every value is valid; numbers that lead elsewhere are checked where they are used, against the bounds of slices
    // whose lengths are not read from the file again.
    let map = unsafe { memmap2::Mmap::map(file)? };
    // Look-ups hit any page: what lies beside it on the disk is not wanted. Only a wish.
    #[cfg(unix)]
    let _ = map.advise(memmap2::Advice::Random);
    Ok(map)
}
