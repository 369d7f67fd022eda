//! Tables with a header line: `.csv` and `.tsv`, whatever separates their columns.

use std::cell::Cell;
use std::io::BufRead;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use csv::{ByteRecord, ReaderBuilder};
use serde_json::{Map, Value};

use super::array::Bounded;
use super::feed::{Feed, Stop};
use super::lines::{open, skip_byte_order_mark};
use super::record::{Content, Problem, utf8};

pub(super) fn read_file(path: &Path, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let mut reader = open(path, feed)?;
    skip_byte_order_mark(&mut reader)?;
    read(reader, file, feed)
}

fn read(mut reader: impl BufRead, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let separator = separator(reader.fill_buf()?);
    let limit = feed.max_record;
    let budget = Rc::new(Cell::new(limit));
    let bounded = Bounded { reader, budget: Rc::clone(&budget) };
    // Rows of another length are refused one by one, below, rather than ending the file.
    let mut table = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(bounded);
    let columns: Vec<_> = match table.byte_headers().map_err(csv_error)?.iter().map(column).collect() {
        Ok(columns) => columns,
        Err(Problem { kind, message }) => {
            return Ok(feed.refuse(file, Some(1), kind, format!("in the header: {message}"))?);
        }
    };
    if let Some(wrong) = wrong_columns(&columns) {
        return Ok(feed.refuse(file, Some(1), "columns", wrong)?);
    }
    let mut record = ByteRecord::new();
    loop {
        match table.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(e) => {
                let line = Some(table.position().line());
                let message = format!("{}; nothing was read from here on", csv_error(e));
                return Ok(feed.refuse(file, line, "unreadable", message)?);
            }
        }
        budget.set(limit);
        let line = record.position().map(|p| p.line());
        let content = fields(&columns, &record).map_or_else(Content::Refused, Content::Fields);
        feed.push(file, line, record.as_slice().len(), content)?;
    }
}

fn csv_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => e,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

/// The separator that stands most often in the first line: spreadsheets write `;` where a comma is the decimal sign.
fn separator(buffer: &[u8]) -> u8 {
    let header = buffer.split(|&b| b == b'\n').next().unwrap_or_default();
    let count = |separator: u8| header.iter().filter(|&&b| b == separator).count();
    let (semicolons, tabs, commas) = (count(b';'), count(b'\t'), count(b','));
    if tabs > commas.max(semicolons) {
        b'\t'
    } else if semicolons > commas {
        b';'
    } else {
        b','
    }
}

fn column(name: &[u8]) -> Result<String, Problem> {
    Ok(utf8(name)?.trim().to_owned())
}

/// What makes a header unusable, if anything does.
pub(super) fn wrong_columns(columns: &[String]) -> Option<String> {
    for (i, name) in columns.iter().enumerate() {
        if columns[..i].contains(name) {
            return Some(format!("two columns are called {name:?}; nothing was read from this file"));
        }
    }
    if !columns.iter().any(|c| c == "text") {
        let there = columns.join(", ");
        return Some(format!("no column is called \"text\" (there are: {there}); nothing was read from it"));
    }
    None
}

fn fields(columns: &[String], record: &ByteRecord) -> Result<Map<String, Value>, Problem> {
    if record.len() != columns.len() {
        let message = format!("the row has {} fields, the header {}", record.len(), columns.len());
        return Err(Problem::new("columns", message));
    }
    let mut fields = Map::new();
    for (name, value) in columns.iter().zip(record) {
        let value = utf8(value).map_err(|p| Problem::new(p.kind, format!("column {name}: {}", p.message)))?;
        // An empty cell is how a table leaves a field out; an empty text is still an (empty) text.
        if !value.is_empty() || name == "text" {
            fields.insert(name.clone(), Value::String(value.to_owned()));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_seen_in_the_header() {
        assert_eq!(separator(b"work_id,title,text\na;b;c;d"), b',');
        assert_eq!(separator(b"work_id;title;text\na,b,c,d,e"), b';');
        assert_eq!(separator(b"work_id\ttitle\ttext"), b'\t');
        assert_eq!(separator(b"text\n"), b',');
    }

    #[test]
    fn headers_that_cannot_work_are_told() {
        let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        assert!(wrong_columns(&names(&["id", "text"])).is_none());
        assert!(wrong_columns(&names(&["id", "lyrics"])).unwrap().contains("lyrics"));
        assert!(wrong_columns(&names(&["text", "text"])).unwrap().contains("two columns"));
    }
}
