//! The works' texts: in memory, or left in the segment's file and read one at a time. The file stays open, so that
//! a snapshot reads on undisturbed when a later compaction removes the file's name.

use std::borrow::Cow;

#[cfg(feature = "store")]
use super::layout::{ALIGNED, TEXT_START};
#[cfg(feature = "store")]
use super::memory::Memory;
use crate::error::{Error, Result};

/// Where the texts of a segment lie.
pub(super) enum Texts {
    Memory(Held),
    /// The segment itself.
    #[cfg(feature = "store")]
    Whole(Source),
}

/// Where the bytes of a whole segment are.
#[cfg(feature = "store")]
pub(super) enum Source {
    /// In a file, which stays open.
    File(std::fs::File, std::path::PathBuf),
    /// In memory, as a file would have them.
    Bytes(Vec<u8>),
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
            Self::Whole(source) => {
                let mut text = vec![0; len];
                source.read(&mut text, TEXT_START + start, "read a work's text from")?;
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

#[cfg(feature = "store")]
impl Source {
    pub(super) fn open(path: &std::path::Path) -> Result<Self> {
        let file = std::fs::File::open(path).map_err(|e| Error::io("read the segment", path, e))?;
        Ok(Self::File(file, path.to_path_buf()))
    }

    fn len(&self) -> Result<u64> {
        match self {
            Self::File(file, path) => {
                let metadata = file.metadata().map_err(|e| Error::io("read the segment", path, e))?;
                Ok(metadata.len())
            }
            Self::Bytes(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Fills `buffer` with what stands from byte `offset` on; `doing` is said where that fails.
    fn read(&self, buffer: &mut [u8], offset: u64, doing: &str) -> Result<()> {
        match self {
            Self::File(file, path) => {
                // A text is short: no cores are called together for it.
                let read = if buffer.len() > READ { read_parts } else { read_exact_at };
                read(file, buffer, offset).map_err(|e| Error::io(doing, path, e))
            }
            Self::Bytes(bytes) => {
                let from = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
                match from.and_then(|from| from.get(..buffer.len())) {
                    Some(found) => buffer.copy_from_slice(found),
                    None => return Err(Error::corrupt("the segment is truncated")),
                }
                Ok(())
            }
        }
    }
}

/// Opens a segment: reads everything but the texts, or maps it. Checks all of it, if it is wanted so: of what is mapped it
/// is not, and bytes in memory are never mapped.
#[cfg(feature = "store")]
pub(super) fn open(source: Source, mapped: bool, all: bool) -> Result<(super::Layout, Texts)> {
    use super::file::Footer;
    let doing = "read the segment";
    let len = source.len()?;
    let mut head = [0; TEXT_START as usize];
    let mut tail = [0; Footer::TAIL_LEN];
    let tail_start = len
        .checked_sub(tail.len() as u64)
        .filter(|&start| start >= TEXT_START)
        .ok_or_else(|| Error::corrupt(format!("{len} bytes are no segment: it is truncated")))?;
    source.read(&mut head, 0, doing)?;
    source.read(&mut tail, tail_start, doing)?;
    let footer = Footer::parse(&head, &tail, len)?;
    let (texts_end, start) = (footer.texts_end(), footer.index_start());
    let mut gap = [0; ALIGNED as usize];
    let gap = &mut gap[..(start - texts_end) as usize];
    source.read(gap, texts_end, doing)?;
    if gap.iter().any(|&byte| byte != 0) {
        return Err(Error::corrupt("the segment is damaged: bytes between the texts and the index"));
    }
    let index = match &source {
        Source::File(file, path) if mapped => {
            super::map::map(file, start, len).map_err(|e| Error::io("map the segment", path, e))?
        }
        source => {
            // `parse` made sure that the index lies within the file: no more is allocated than the file holds.
            let mut index = Memory::zeroed((len - start) as usize);
            source.read(index.make_mut(), start, doing)?;
            index
        }
    };
    let layout = super::Layout::from_index(&head, &footer, index, all)?;
    Ok((layout, Texts::Whole(source)))
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
