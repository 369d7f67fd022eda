//! The works' texts: in memory, or left in the segment's file and read one at a time. The file stays open, so that
//! a snapshot reads on undisturbed when a later compaction removes the file's name.

use std::borrow::Cow;

use super::memory::Memory;
use crate::error::{Error, Result};

/// Where the texts of a segment lie.
pub(super) enum Texts {
    Memory(Blocks),
    /// The file itself.
    #[cfg(feature = "store")]
    File(std::fs::File, std::path::PathBuf),
}

impl Texts {
    /// Reads `len` bytes at `offset` of the file.
    pub(super) fn read(&self, offset: u64, len: usize) -> Result<Cow<'_, [u8]>> {
        match self {
            Self::Memory(blocks) => blocks
                .read(offset as usize, len)
                .map(Cow::Borrowed)
                .ok_or_else(|| Error::corrupt("a text lies outside its segment")),
            #[cfg(feature = "store")]
            Self::File(file, path) => {
                let mut text = vec![0; len];
                read_exact_at(file, &mut text, offset)
                    .map_err(|e| Error::io("read a work's text from", path, e))?;
                Ok(Cow::Owned(text))
            }
        }
    }
}

/// The beginning of a file, in memory: blocks that are never moved as more is written. What is written at once lies in
/// one block.
#[derive(Default)]
pub(crate) struct Blocks {
    /// With the place of the first byte of each, and the number of those that are used.
    blocks: Vec<(usize, usize, Memory)>,
}

/// Bytes of a block, unless one text has more: as many as were written before, within these bounds.
const SMALLEST_BLOCK: usize = 1 << 16;
const LARGEST_BLOCK: usize = 1 << 23;

impl Blocks {
    fn read(&self, offset: usize, len: usize) -> Option<&[u8]> {
        let last = self.blocks.partition_point(|&(start, ..)| start <= offset).checked_sub(1)?;
        let (start, used, block) = &self.blocks[last];
        block[..*used].get(offset - start..(offset - start).checked_add(len)?)
    }
}

impl std::io::Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let has_room = |&(_, used, ref block): &(usize, usize, Memory)| block.len() - used >= bytes.len();
        if !self.blocks.last().is_some_and(has_room) {
            let start = self.blocks.last().map_or(0, |(start, used, _)| start + used);
            let len = start.clamp(SMALLEST_BLOCK, LARGEST_BLOCK).max(bytes.len());
            self.blocks.push((start, 0, Memory::zeroed(len)));
        }
        if let Some((_, used, block)) = self.blocks.last_mut() {
            block.make_mut()[*used..*used + bytes.len()].copy_from_slice(bytes);
            *used += bytes.len();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Opens a segment file: reads everything but the texts, or maps it.
#[cfg(feature = "store")]
pub(super) fn open(path: &std::path::Path, mapped: bool) -> Result<(super::Layout, Texts)> {
    use super::file::Footer;
    use super::layout::TEXT_START;
    let failed = |e| Error::io("read the segment", path, e);
    let file = std::fs::File::open(path).map_err(failed)?;
    let len = file.metadata().map_err(failed)?.len();
    let truncated = || Error::corrupt(format!("{} is truncated: {len} bytes are no segment", path.display()));
    let mut head = [0; TEXT_START as usize];
    let mut tail = [0; Footer::TAIL_LEN];
    let tail_start =
        len.checked_sub(tail.len() as u64).filter(|&start| start >= TEXT_START).ok_or_else(truncated)?;
    read_exact_at(&file, &mut head, 0).map_err(failed)?;
    read_exact_at(&file, &mut tail, tail_start).map_err(failed)?;
    let footer = Footer::parse(&head, &tail, len)?;
    let start = footer.index_start();
    let index = if mapped {
        super::map::map(&file, start, len).map_err(|e| Error::io("map the segment", path, e))?
    } else {
        // `parse` made sure that the index lies within the file, so what is allocated is no more than the file holds.
        let mut index = Memory::zeroed((len - start) as usize);
        read_parts(&file, index.make_mut(), start).map_err(failed)?;
        index
    };
    let layout = super::Layout::from_index(&head, &footer, index, !mapped)?;
    Ok((layout, Texts::File(file, path.to_path_buf())))
}

/// Bytes that one core reads at once.
#[cfg(feature = "store")]
const READ: usize = 8 << 20;

/// Reads a long stretch of a file on all cores: most of the time goes into copying, and into the pages that are copied
/// to.
#[cfg(feature = "store")]
fn read_parts(file: &std::fs::File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    let read =
        |(part, buffer): (usize, &mut [u8])| read_exact_at(file, buffer, offset + (part * READ) as u64);
    #[cfg(feature = "parallel")]
    {
        use rayon::prelude::*;
        buffer.par_chunks_mut(READ).enumerate().try_for_each(read)
    }
    #[cfg(not(feature = "parallel"))]
    buffer.chunks_mut(READ).enumerate().try_for_each(read)
}

#[cfg(all(feature = "store", unix))]
fn read_exact_at(file: &std::fs::File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(all(feature = "store", windows))]
fn read_exact_at(file: &std::fs::File, mut buffer: &mut [u8], mut offset: u64) -> std::io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[read..];
        offset += read as u64;
    }
    Ok(())
}
