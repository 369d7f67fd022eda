//! `.json` files: an array of objects, read item by item, or objects one after the other.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;

use super::feed::{Feed, Stop};
use super::lines::{open, skip_byte_order_mark};
use super::record::{Content, without_position};

pub(super) fn read_file(path: &Path, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let mut reader = open(path, feed)?;
    skip_byte_order_mark(&mut reader)?;
    read(reader, file, feed)
}

fn read(mut reader: impl BufRead, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let is_array = first_byte(&mut reader)? == Some(b'[');
    let limit = feed.max_record;
    let budget = Rc::new(Cell::new(limit));
    // The buffer lies outside the bound: serde_json takes single bytes.
    let reader = BufReader::with_capacity(1 << 16, Bounded { reader, budget: Rc::clone(&budget) });
    let mut items = Items { file, feed, budget, limit, number: 0, closed: false };
    let mut json = serde_json::Deserializer::from_reader(reader);
    let result = if is_array {
        (&mut items).deserialize(&mut json).and_then(|()| json.end())
    } else {
        json.into_iter::<Value>().try_for_each(|value| items.take(value?))
    };
    let (number, closed) = (items.number + 1, items.closed);
    match result {
        Ok(()) => Ok(()),
        Err(_) if closed => Err(Stop::Closed),
        Err(e) => {
            let (kind, why) = if e.is_eof() {
                ("cut off", "the file ends in the middle of it; is the file complete?".to_owned())
            } else if e.is_io() {
                ("too long", std::io::Error::from(e).to_string())
            } else {
                ("not JSON", format!("{} (line {}, column {})", without_position(&e), e.line(), e.column()))
            };
            let message = format!("{why}; nothing was read from here on");
            Ok(feed.refuse(file, Some(number), kind, message)?)
        }
    }
}

fn first_byte(reader: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        if let Some(&byte) = buffer.iter().find(|b| !b.is_ascii_whitespace()) {
            return Ok(Some(byte));
        }
        let blank = buffer.len();
        reader.consume(blank);
    }
}

/// Takes the items of an array as they come, so that the array is never in memory as a whole.
struct Items<'a> {
    file: &'a Arc<str>,
    feed: &'a mut Feed,
    budget: Rc<Cell<usize>>,
    limit: usize,
    number: u64,
    closed: bool,
}

impl Items<'_> {
    fn take(&mut self, value: Value) -> serde_json::Result<()> {
        self.number += 1;
        let size = self.limit.saturating_sub(self.budget.replace(self.limit));
        let number = Some(self.number);
        let pushed = match value {
            Value::Object(fields) => self.feed.push(self.file, number, size, Content::Fields(fields)),
            _ => self.feed.refuse(self.file, number, "not an object", "this item is not a JSON object"),
        };
        pushed.map_err(|_| {
            self.closed = true;
            serde_json::Error::custom("the receiver is gone")
        })
    }
}

impl<'de> DeserializeSeed<'de> for &mut Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(value) = items.next_element::<Value>()? {
            self.take(value).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// Fails once a single item has used up the budget, which whoever takes an item fills up again. Shared by the
/// formats whose readers would otherwise hold a row of any length.
pub(super) struct Bounded<R> {
    pub(super) reader: R,
    pub(super) budget: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.budget.get();
        if left == 0 && !buffer.is_empty() {
            return Err(std::io::Error::other(
                "one row or item is longer than --max-line allows (is a quotation mark missing?)",
            ));
        }
        let allowed = buffer.len().min(left);
        let count = self.reader.read(&mut buffer[..allowed])?;
        self.budget.set(left - count);
        Ok(count)
    }
}
