//! Reports as columns of Arrow, to stand beside the columns of a table that was scanned: nested as in the report's JSON, one
//! row an output; or flat as in the CSV report, one row a match.

use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int64Array, ListArray, RecordBatch, StringArray, StructArray, UInt32Array,
    new_null_array,
};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::take::take;
use nagalm::Report;
use nagalm::report::{Match, MeaningFindings, SealedFindings, Span, WorkShare};
use serde::Serialize;
use serde_arrow::ArrayBuilder;

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
    static SCHEMAS: [OnceLock<SchemaRef>; 2] = [OnceLock::new(), OnceLock::new()];
    let made = SCHEMAS[form as usize].get_or_init(|| {
        let mut columns = match form {
            Form::Nested => {
                report_columns().into_iter().filter(|c| NESTED.contains(&c.name().as_str())).collect()
            }
            Form::Flat => flat_columns(),
        };
        columns.push(Field::new(ERROR, DataType::Utf8, true));
        Arc::new(Schema::new(columns))
    });
    Arc::clone(made)
}

/// The rows as columns of [`schema`], and for each row of these the number of the row that it is from. Linear in the reports.
///
/// # Errors
/// More than a batch can hold (2 GiB of passages).
pub fn columns(rows: &[Row], form: Form) -> Result<(RecordBatch, Vec<u64>), ArrowError> {
    match form {
        Form::Nested => Ok((nested(rows)?, (0..).take(rows.len()).collect())),
        Form::Flat => flat(rows),
    }
}

/// Most outputs repeat nothing. Only what others have of their own is taken field by field; their lists are then stretched, with
/// nothing copied, to have empty places for the rest.
fn nested(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let schema = schema(Form::Nested);
    let fields: Vec<FieldRef> =
        schema.fields().iter().filter(|field| OF_SOME.contains(&field.name().as_str())).cloned().collect();
    let mut builder = ArrayBuilder::from_arrow(&fields).map_err(failed)?;
    for report in rows.iter().filter_map(Row::report).filter(|report| !is_empty(report)) {
        builder.push(Nested::of(report)).map_err(failed)?;
    }
    let made = builder.to_record_batch().map_err(failed)?;
    let reports = || rows.iter().map(Row::report);
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        columns.push(match field.name().as_str() {
            ERROR => Arc::new(rows.iter().map(Row::error).collect::<StringArray>()),
            TEXT_SHA256 => {
                let hashes = reports().map(|report| report?.text_sha256.as_deref());
                Arc::new(hashes.collect::<StringArray>())
            }
            COVERAGE => Arc::new(coverage(field, reports())?),
            COMPLETE => Arc::new(reports().map(|report| Some(report?.complete)).collect::<BooleanArray>()),
            name => match made.column_by_name(name) {
                Some(column) => stretched(column, rows)?,
                None => return Err(ArrowError::SchemaError(format!("{name} is made nowhere"))),
            },
        });
    }
    RecordBatch::try_new(schema, columns)
}

/// A column of what the reports that are not empty have, as one of all rows.
fn stretched(made: &ArrayRef, rows: &[Row]) -> Result<ArrayRef, ArrowError> {
    let mut next = 0..made.len();
    let place = |row: &Row| row.report().filter(|report| !is_empty(report)).and_then(|_| next.next());
    let places: Vec<Option<usize>> = rows.iter().map(place).collect();
    let Some(list) = made.as_list_opt::<i32>() else {
        if made.null_count() == made.len() {
            return Ok(new_null_array(made.data_type(), rows.len()));
        }
        let places = places.into_iter().map(|place| place.and_then(|place| u32::try_from(place).ok()));
        return take(made, &UInt32Array::from_iter(places), None);
    };
    let DataType::List(item) = list.data_type() else {
        return Err(ArrowError::SchemaError("a list is no list".into()));
    };
    let lengths =
        places.iter().map(|place| place.map_or(0, |place| list.value_length(place).max(0) as usize));
    let nulls = NullBuffer::from_iter(rows.iter().map(|row| row.report().is_some()));
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, Arc::clone(list.values()), Some(nulls))?))
}

/// Whether a report has nothing but what is written for each row.
fn is_empty(report: &Report) -> bool {
    report.complete
        && report.matches.is_empty()
        && report.works.is_empty()
        && report.sealed.is_none()
        && report.meaning.is_none()
}

fn coverage<'a>(
    field: &Field,
    reports: impl Iterator<Item = Option<&'a Report>> + Clone,
) -> Result<StructArray, ArrowError> {
    let DataType::Struct(fields) = field.data_type() else {
        return Err(ArrowError::SchemaError("coverage is no record".into()));
    };
    let number = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let matched: Int64Array =
        reports.clone().map(|report| report.map(|report| number(report.coverage.matched))).collect();
    let total: Int64Array =
        reports.map(|report| report.map(|report| number(report.coverage.total))).collect();
    let nulls = total.nulls().cloned();
    StructArray::try_new(fields.clone(), vec![Arc::new(matched), Arc::new(total)], nulls)
}

fn flat(rows: &[Row]) -> Result<(RecordBatch, Vec<u64>), ArrowError> {
    let schema = schema(Form::Flat);
    let own: Vec<FieldRef> = schema.fields()[..schema.fields().len() - 1].to_vec();
    let mut builder = ArrayBuilder::from_arrow(&own).map_err(failed)?;
    let (mut errors, mut from): (Vec<Option<&str>>, Vec<u64>) = (Vec::new(), Vec::new());
    for (number, row) in (0..).zip(rows) {
        let count = match row.report() {
            Some(report) => {
                let flat = TableRow::of(report);
                builder.extend(&flat).map_err(failed)?;
                flat.len()
            }
            None => {
                builder.push(Nothing {}).map_err(failed)?;
                1
            }
        };
        from.extend(std::iter::repeat_n(number, count));
        errors.extend(std::iter::repeat_n(row.error(), count));
    }
    let mut columns = builder.to_arrow().map_err(failed)?;
    columns.push(Arc::new(StringArray::from(errors)));
    Ok((RecordBatch::try_new(schema, columns)?, from))
}

fn failed(why: serde_arrow::Error) -> ArrowError {
    ArrowError::ExternalError(Box::new(why))
}

const ERROR: &str = "error";

const TEXT_SHA256: &str = "text_sha256";
const COMPLETE: &str = "complete";
const COVERAGE: &str = "coverage";

/// What of a report stands in its columns: what all reports of a scan share is left to whoever wants to write it once.
const NESTED: [&str; 8] =
    [COMPLETE, "not_searched", TEXT_SHA256, COVERAGE, "matches", "works", "sealed", "meaning"];
/// Those of them of which outputs without matches have none.
const OF_SOME: [&str; 5] = ["not_searched", "matches", "works", "sealed", "meaning"];

#[derive(Serialize)]
struct Nested<'a> {
    not_searched: &'a [Span],
    matches: &'a [Match],
    works: &'a [WorkShare],
    sealed: Option<&'a SealedFindings>,
    meaning: Option<&'a MeaningFindings>,
}

impl<'a> Nested<'a> {
    fn of(report: &'a Report) -> Self {
        Self {
            not_searched: &report.not_searched,
            matches: &report.matches,
            works: &report.works,
            sealed: report.sealed.as_ref(),
            meaning: report.meaning.as_ref(),
        }
    }
}

/// A row all of whose columns are null.
#[derive(Serialize)]
struct Nothing {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

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
        let coverage = batch.column_by_name("coverage").unwrap();
        assert!(coverage.is_null(1) && coverage.is_valid(3));
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
