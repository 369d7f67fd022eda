//! The works' texts: in memory, or left in the segment's file and read one at a time. The file stays open, so that
//! a snapshot reads on undisturbed when a later compaction removes the file's name.

use crate::error::{Error, Result};

/// Where the texts of a segment lie.
pub(super) enum Texts {
    /// The file's first part, in memory.
    Memory(Vec<u8>),
    /// The file itself.
    #[cfg(feature = "store")]
    File(std::fs::File, std::path::PathBuf),
}

impl Texts {
    /// Reads `len` bytes at `offset` of the file.
    pub(super) fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let text = start.checked_add(len).and_then(|end| bytes.get(start..end));
                text.map(<[u8]>::to_vec).ok_or_else(|| Error::corrupt("a text lies outside its segment"))
            }
            #[cfg(feature = "store")]
            Self::File(file, path) => {
                let mut text = vec![0; len];
                read_exact_at(file, &mut text, offset)
                    .map_err(|e| Error::io("read a work's text from", path, e))?;
                Ok(text)
            }
        }
    }
}

/// Opens a segment file and reads everything but the texts.
#[cfg(feature = "store")]
pub(super) fn open(path: &std::path::Path) -> Result<(super::Layout, Texts)> {
    use super::layout::{Footer, TEXT_START};
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
    // `parse` made sure that the index lies within the file, so what is allocated is no more than the file holds.
    let mut index = super::memory::Memory::zeroed((len - footer.index_start()) as usize);
    read_exact_at(&file, &mut index, footer.index_start()).map_err(failed)?;
    let layout = super::Layout::from_index(&head, &footer, index)?;
    Ok((layout, Texts::File(file, path.to_path_buf())))
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
