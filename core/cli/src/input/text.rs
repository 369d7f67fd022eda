//! Plain texts: one file, one text; and standard input, which may be one too.

use std::fs::File;
use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use super::feed::{Feed, Stop};
use super::lines;
use super::record::Content;
use super::source::Stdin;

pub(super) fn read_file(path: &Path, name: String, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let reader = feed.counted(File::open(path)?);
    whole(reader, name, file, feed)
}

pub(super) fn read_stdin(kind: Stdin, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let mut reader = std::io::stdin().lock();
    let start = reader.fill_buf()?;
    let looks_like_json = start.iter().find(|b| !b.is_ascii_whitespace()).is_none_or(|&b| b == b'{');
    if kind == Stdin::Lines || looks_like_json {
        lines::read(reader, file, feed)
    } else {
        whole(reader, file.to_string(), file, feed)
    }
}

fn whole(reader: impl std::io::Read, name: String, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    match lines::bounded_whole(reader, feed.max_record)? {
        Ok(mut bytes) => {
            if bytes.starts_with(b"\xEF\xBB\xBF") {
                bytes.drain(..3);
            }
            let size = bytes.len();
            Ok(feed.push(file, None, size, Content::Text { name, bytes })?)
        }
        Err(length) => {
            let message = lines::too_long("text", length, feed.max_record);
            Ok(feed.refuse(file, None, "too long", message)?)
        }
    }
}
