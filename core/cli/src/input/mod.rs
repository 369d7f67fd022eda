//! What goes in: files, folders and standard input, taken apart into records.
//!
//! A reader thread cuts the input into chunks of raw records ([`feed`]); whoever receives them turns each into a work
//! ([`works`]) or an output ([`outputs`]) on all cores. A record that cannot be read is a record too: it carries its
//! place and what is wrong, so that nothing is ever left out without a word.

mod array;
mod csv;
pub(crate) mod feed;
mod lines;
pub(crate) mod outputs;
mod parquet;
mod record;
mod source;
mod text;
pub(crate) mod works;

pub(crate) use lines::{Line, bounded_line};
pub(crate) use record::{Place, Problem, Record};
pub(crate) use source::{Stdin, resolve};

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The works that `nagalm register` would take from the file at `path`, with what is wrong with rows that hold none. Lines, rows
/// and texts have at most `max_record` bytes; reading ends soon after `most` records.
///
/// # Errors
/// A file that is not there, and one whose name says of no kind that is read.
pub fn works_in(
    path: &Path,
    max_record: usize,
    most: usize,
) -> anyhow::Result<Vec<Result<nagalm::Work, String>>> {
    let records = records_in(path, works::text_name, max_record, most)?;
    let taken = |record: Record| {
        let place = record.place.clone();
        works::work(record, false).map_err(|problem| format!("{place}: {}", problem.message))
    };
    Ok(records.into_iter().map(taken).collect())
}

/// The same for the outputs that `nagalm scan` would take.
///
/// # Errors
/// As [`works_in`].
pub fn outputs_in(
    path: &Path,
    max_record: usize,
    most: usize,
) -> anyhow::Result<Vec<Result<nagalm::Output, String>>> {
    let records = records_in(path, outputs::text_name, max_record, most)?;
    let taken = |record| match outputs::output(record) {
        Ok((_, output)) => Ok(output),
        Err((place, problem)) => Err(format!("{place}: {}", problem.message)),
    };
    Ok(records.into_iter().map(taken).collect())
}

/// The works in the rows of a batch, with what is wrong with rows that hold none.
///
/// # Errors
/// A column of a type that JSON cannot say.
pub(crate) fn works_in_batch(
    batch: &arrow_array::RecordBatch,
) -> Result<Vec<Result<nagalm::Work, Problem>>, arrow_schema::ArrowError> {
    let json = parquet::json_lines(batch)?;
    let lines = json.split(|&b| b == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(|line| record::parse_object(line).and_then(works::from_fields)).collect())
}

fn records_in(
    path: &Path,
    text_name: fn(&Path) -> String,
    max_record: usize,
    most: usize,
) -> anyhow::Result<Vec<Record>> {
    let sources = resolve(&[path.to_path_buf()], Stdin::Lines, text_name)?;
    let records: Arc<Mutex<Vec<Record>>> = Arc::default();
    let taken = Arc::clone(&records);
    let take = move |chunk: Vec<Record>| {
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.extend(chunk);
        if taken.len() < most { Ok(()) } else { Err(feed::Closed) }
    };
    feed::read_all(sources, max_record, Arc::default(), Box::new(take));
    let mut records = records.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *records))
}
