//! From named fields, as a row or an object of another language has them, to works and outputs: the same that the verbs take
//! of JSON lines and tables.

use std::fmt::Display;

use arrow_array::RecordBatch;
use nagalm::{Output, Work};
use serde_json::{Map, Value};

use crate::input::{outputs, works, works_in_batch};

/// The work that the fields are.
///
/// # Errors
/// What is wrong with them, in one sentence.
pub fn work(fields: Map<String, Value>) -> Result<Work, String> {
    works::from_fields(fields).map_err(|problem| problem.message)
}

/// The works in the rows of a batch.
///
/// # Errors
/// A column of a type that cannot be read; for each row what is wrong with it.
pub fn works_of(batch: &RecordBatch) -> Result<Vec<Result<Work, String>>, String> {
    let works = works_in_batch(batch).map_err(|e| e.to_string())?;
    Ok(works.into_iter().map(|work| work.map_err(|problem| problem.message)).collect())
}

/// The output that the fields are; without an `id` it is called after its place. A field that has the name of one of the
/// report's own goes under `input_NAME`.
///
/// # Errors
/// What is wrong with them, in one sentence.
pub fn output(fields: Map<String, Value>, place: &impl Display) -> Result<Output, String> {
    outputs::from_fields(fields, place).map_err(|problem| problem.message)
}

/// Under which name a field goes whose own name is the report's.
pub fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    nagalm::report::free_name(name, is_taken)
}
