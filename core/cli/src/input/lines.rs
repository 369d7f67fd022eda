//! Lines of bounded length from a file, plain or gzipped.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::feed::{Feed, Stop};
use super::record::Content;

const BUFFER: usize = 1 << 18;

/// Opens `path`; a name that ends in `.gz` is unpacked on the way.
pub(super) fn open(path: &Path, feed: &Feed) -> std::io::Result<Box<dyn BufRead>> {
    let file = feed.counted(File::open(path)?);
    Ok(if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
        Box::new(BufReader::with_capacity(BUFFER, flate2::bufread::MultiGzDecoder::new(BufReader::new(file))))
    } else {
        Box::new(BufReader::with_capacity(BUFFER, file))
    })
}

pub(super) fn read_file(path: &Path, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let reader = open(path, feed)?;
    read(reader, file, feed)
}

/// JSON lines: each line that is not blank is a record.
pub(super) fn read(mut reader: impl BufRead, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    skip_byte_order_mark(&mut reader)?;
    let mut number = 0;
    loop {
        let mut line = Vec::new();
        number += 1;
        match bounded_line(&mut reader, feed.max_record, &mut line)? {
            Line::End => return Ok(()),
            Line::Whole if line.iter().all(u8::is_ascii_whitespace) => {}
            Line::Whole => {
                let size = line.len();
                feed.push(file, Some(number), size, Content::Json(line))?;
            }
            Line::TooLong(bytes) => {
                feed.refuse(file, Some(number), "too long", too_long("line", bytes, feed.max_record))?;
            }
        }
    }
}

/// The message for what is beyond `--max-line`.
pub(super) fn too_long(what: &str, bytes: u64, limit: usize) -> String {
    format!("the {what} has {bytes} bytes, more than the {limit} that --max-line allows")
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Whole,
    /// A line beyond the limit, with its length; none of it was kept.
    TooLong(u64),
    End,
}

/// Reads one line without its line feed into `line`, which never grows beyond `limit` and a buffer.
pub(crate) fn bounded_line(
    reader: &mut impl BufRead,
    limit: usize,
    line: &mut Vec<u8>,
) -> std::io::Result<Line> {
    let mut length = 0_u64;
    loop {
        let buffer = match reader.fill_buf() {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let found = memchr::memchr(b'\n', buffer);
        let part = &buffer[..found.unwrap_or(buffer.len())];
        let at_end = buffer.is_empty();
        let used = part.len() + usize::from(found.is_some());
        length += part.len() as u64;
        if length <= limit as u64 {
            line.extend_from_slice(part);
        } else if !line.is_empty() {
            *line = Vec::new();
        }
        reader.consume(used);
        if found.is_some() || at_end {
            return Ok(match length {
                0 if at_end => Line::End,
                _ if length > limit as u64 => Line::TooLong(length),
                _ => Line::Whole,
            });
        }
    }
}

/// Spreadsheets put a byte order mark before the first column's name, where it would become part of the name.
pub(super) fn skip_byte_order_mark(reader: &mut impl BufRead) -> std::io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xEF\xBB\xBF") {
        reader.consume(3);
    }
    Ok(())
}

/// All of `reader`, or its length where that is beyond `limit`.
pub(super) fn bounded_whole(mut reader: impl Read, limit: usize) -> std::io::Result<Result<Vec<u8>, u64>> {
    let mut bytes = Vec::new();
    let read = reader.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes)? as u64;
    if read <= limit as u64 {
        return Ok(Ok(bytes));
    }
    drop(bytes);
    Ok(Err(read + std::io::copy(&mut reader, &mut std::io::sink())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_passed_over_and_the_next_is_whole() {
        let text = format!("one\n{}\nthree\n\nlast", "x".repeat(100));
        let mut reader = BufReader::with_capacity(7, text.as_bytes());
        let mut seen = Vec::new();
        loop {
            let mut line = Vec::new();
            let outcome = bounded_line(&mut reader, 10, &mut line).unwrap();
            if outcome == Line::End {
                break;
            }
            assert!(line.len() <= 10);
            seen.push((outcome, String::from_utf8(line).unwrap()));
        }
        assert_eq!(
            seen,
            [
                (Line::Whole, "one".to_owned()),
                (Line::TooLong(100), String::new()),
                (Line::Whole, "three".to_owned()),
                (Line::Whole, String::new()),
                (Line::Whole, "last".to_owned()),
            ]
        );
    }

    #[test]
    fn a_whole_text_is_bounded_too() {
        assert_eq!(bounded_whole(&b"abc"[..], 3).unwrap(), Ok(b"abc".to_vec()));
        assert_eq!(bounded_whole(&b"abcdef"[..], 3).unwrap(), Err(6));
    }
}
