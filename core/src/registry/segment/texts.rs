//! The works' texts: in memory, or left in the segment's file and read one at a time. The file stays open, so that
//! a snapshot reads on undisturbed when a later compaction removes the file's name.

use std::borrow::Cow;

#[cfg(feature = "store")]
use super::layout::TEXT_START;
#[cfg(feature = "store")]
use super::memory::Memory;
use crate::error::{Error, Result};

/// Where the texts of a segment lie.
pub(super) enum Texts {
    Memory(Held),
    /// The file itself.
    #[cfg(feature = "store")]
    File(std::fs::File, std::path::PathBuf),
}

/// A text, as it was found.
pub(super) enum Text<'a> {
    /// Nobody else has had it since it was written.
    Held(&'a str),
    #[cfg(feature = "store")]
    Read(Vec<u8>),
}

impl Texts {
    /// The text in a slot. In a file it has `len` bytes and begins `start` bytes behind the first text.
    pub(super) fn read(&self, slot: u32, start: u64, len: usize) -> Result<Text<'_>> {
        match self {
            Self::Memory(Held(texts)) => match texts.get(slot as usize) {
                Some(text) => Ok(Text::Held(text)),
                None => Err(Error::corrupt(format!("there is no text of {len} bytes at byte {start}"))),
            },
            #[cfg(feature = "store")]
            Self::File(file, path) => {
                let mut text = vec![0; len];
                read_exact_at(file, &mut text, TEXT_START + start)
                    .map_err(|e| Error::io("read a work's text from", path, e))?;
                Ok(Text::Read(text))
            }
        }
    }
}

/// Texts as they came, by slot, none of them copied.
#[derive(Default)]
pub(crate) struct Held(Vec<Box<str>>);

/// Where a builder's texts go.
pub(crate) trait Sink {
    /// Takes the first bytes of a segment's file.
    fn begin(&mut self, header: &[u8]) -> std::io::Result<()>;

    /// Takes the next text.
    fn take(&mut self, text: Cow<'_, str>) -> std::io::Result<()>;
}

impl<W: std::io::Write> Sink for W {
    fn begin(&mut self, header: &[u8]) -> std::io::Result<()> {
        self.write_all(header)
    }

    fn take(&mut self, text: Cow<'_, str>) -> std::io::Result<()> {
        self.write_all(text.as_bytes())
    }
}

impl Sink for Held {
    fn begin(&mut self, _: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

    fn take(&mut self, text: Cow<'_, str>) -> std::io::Result<()> {
        self.0.push(text.into_owned().into_boxed_str());
        Ok(())
    }
}

/// Opens a segment file: reads everything but the texts, or maps it.
#[cfg(feature = "store")]
pub(super) fn open(path: &std::path::Path, mapped: bool) -> Result<(super::Layout, Texts)> {
    use super::file::Footer;
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
