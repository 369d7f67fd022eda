//! Reports as columns of Arrow, to stand beside the columns of a table that was scanned: nested as in the report's JSON, one
//! row an output; or flat as in the CSV report, one row a match.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_json::ReaderBuilder;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use nagalm::Report;
use nagalm::report::{Coverage, Match, SealedFindings, Span, WorkShare};
use serde::Serialize;

use crate::output::table::{TableRow, flat_columns, report_columns};

/// What became of one row.
#[derive(Debug)]
pub enum Row {
    /// It has no text.
    Null,
    /// It could not be scanned; why.
    Failed(String),
    /// It was.
    Scanned(Box<Report>),
}

impl Row {
    fn report(&self) -> Option<&Report> {
        match self {
            Self::Scanned(report) => Some(report),
            Self::Null | Self::Failed(_) => None,
        }
    }

    fn error(&self) -> Option<&str> {
        match self {
            Self::Failed(why) => Some(why),
            Self::Null | Self::Scanned(_) => None,
        }
    }
}

/// Whether a report is one row or as many as it has matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One row an output, its matches nested.
    Nested,
    /// One row a match, and one for an output without any.
    Flat,
}

/// What a report's own columns are in this form, `error` the last of them: why a row could not be scanned, else null.
#[must_use]
pub fn schema(form: Form) -> SchemaRef {
    let mut columns = match form {
        Form::Nested => {
            report_columns().into_iter().filter(|c| NESTED.contains(&c.name().as_str())).collect()
        }
        Form::Flat => flat_columns(),
    };
    columns.push(Field::new(ERROR, DataType::Utf8, true));
    Arc::new(Schema::new(columns))
}

/// The rows as columns of [`schema`], and for each row of these the number of the row that it is from. Linear in the reports.
///
/// # Errors
/// More than a batch can hold (2 GiB of passages).
pub fn columns(rows: &[Row], form: Form) -> Result<(RecordBatch, Vec<u64>), ArrowError> {
    let schema = schema(form);
    let own = Arc::new(Schema::new(schema.fields()[..schema.fields().len() - 1].to_vec()));
    let room = match form {
        Form::Nested => rows.len(),
        Form::Flat => rows.iter().map(|row| row.report().map_or(1, found)).sum(),
    };
    let mut decoder = ReaderBuilder::new(own).with_batch_size(room.max(1)).build_decoder()?;
    let mut errors: Vec<Option<&str>> = Vec::with_capacity(rows.len());
    let mut from = Vec::with_capacity(rows.len());
    for (number, row) in (0..).zip(rows) {
        let before = from.len();
        match (form, row.report()) {
            (Form::Nested, report) => {
                decoder.serialize(std::slice::from_ref(&Nested::of(report)))?;
                from.push(number);
            }
            (Form::Flat, Some(report)) => {
                let flat = TableRow::of(report);
                decoder.serialize(&flat)?;
                from.extend(std::iter::repeat_n(number, flat.len()));
            }
            (Form::Flat, None) => {
                decoder.serialize(std::slice::from_ref(&Nothing {}))?;
                from.push(number);
            }
        }
        errors.extend(std::iter::repeat_n(row.error(), from.len() - before));
    }
    let mut columns: Vec<ArrayRef> = match decoder.flush()? {
        Some(batch) => batch.columns().to_vec(),
        None => return Ok((RecordBatch::new_empty(schema), from)),
    };
    columns.push(Arc::new(StringArray::from(errors)));
    Ok((RecordBatch::try_new(schema, columns)?, from))
}

/// How many rows a report has where each match has one.
fn found(report: &Report) -> usize {
    let leads = report.sealed.as_ref().map_or(0, |sealed| sealed.leads.len());
    (report.match_count() + leads).max(1)
}

const ERROR: &str = "error";

/// What of a report stands in its columns: what all reports of a scan share is left to whoever wants to write it once.
const NESTED: [&str; 7] =
    ["complete", "not_searched", "text_sha256", "coverage", "matches", "works", "sealed"];

#[derive(Default, Serialize)]
struct Nested<'a> {
    complete: Option<bool>,
    not_searched: Option<&'a [Span]>,
    text_sha256: Option<&'a str>,
    coverage: Option<Coverage>,
    matches: Option<&'a [Match]>,
    works: Option<&'a [WorkShare]>,
    sealed: Option<&'a SealedFindings>,
}

impl<'a> Nested<'a> {
    fn of(report: Option<&'a Report>) -> Self {
        report.map_or_else(Self::default, |report| Self {
            complete: Some(report.complete),
            not_searched: Some(&report.not_searched),
            text_sha256: report.text_sha256.as_deref(),
            coverage: Some(report.coverage),
            matches: Some(&report.matches),
            works: Some(&report.works),
            sealed: report.sealed.as_ref(),
        })
    }
}

/// A row all of whose columns are null.
#[derive(Serialize)]
struct Nothing {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use arrow_array::{Array, cast::AsArray};

    fn rows() -> Vec<Row> {
        let two = {
            let mut report = fixtures::report();
            report.matches.push(report.matches[0].clone());
            report
        };
        vec![
            Row::Scanned(Box::new(two)),
            Row::Null,
            Row::Failed("too long".into()),
            Row::Scanned(Box::new(fixtures::empty())),
            Row::Scanned(Box::new(fixtures::sealed())),
        ]
    }

    #[test]
    fn nested_is_one_row_an_output() {
        let (batch, from) = columns(&rows(), Form::Nested).unwrap();
        assert_eq!(from, [0, 1, 2, 3, 4]);
        let matches = batch.column_by_name("matches").unwrap().as_list::<i32>();
        assert_eq!((matches.value_length(0), matches.value_length(3)), (2, 0));
        assert!(matches.is_null(1) && matches.is_null(2) && !matches.is_null(3));
        let errors = batch.column_by_name("error").unwrap().as_string::<i32>();
        assert_eq!(errors.iter().flatten().collect::<Vec<_>>(), ["too long"]);
        assert!(batch.column_by_name("sealed").unwrap().is_valid(4));
    }

    #[test]
    fn flat_is_one_row_a_match() {
        let (batch, from) = columns(&rows(), Form::Flat).unwrap();
        // The sealed registry's report has a match and a lead.
        assert_eq!(from, [0, 0, 1, 2, 3, 4, 4]);
        assert_eq!(batch.num_rows(), from.len());
        let kinds = batch.column_by_name("kind").unwrap().as_string::<i32>();
        assert_eq!(
            kinds.iter().flatten().collect::<Vec<_>>(),
            ["near-verbatim", "near-verbatim", "sealed", "sealed-lead"]
        );
    }

    #[test]
    fn no_rows_are_no_rows() {
        for form in [Form::Nested, Form::Flat] {
            assert_eq!(columns(&[], form).unwrap().0.schema(), schema(form));
        }
    }

    #[test]
    fn every_flat_column_is_one_of_the_csv_report() {
        let report = fixtures::report();
        let row = serde_json::to_value(&TableRow::of(&report)[0]).unwrap();
        for column in flat_columns() {
            assert!(row.get(column.name()).is_some(), "{}", column.name());
        }
    }
}
