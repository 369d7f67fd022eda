//! Arrow in, Arrow out, by the PyCapsule interface: no library of Python is needed for it, and all of them speak it.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader, UInt64Array};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use nagalm::Scanner;
use nagalm_cli::columns::{self, Form, Row};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use rayon::prelude::*;

use crate::runtime::{on_all_cores, released};
use crate::value;
use crate::works::{arrow, is_table};

/// Rows that one thread scans before it takes more; they become a batch of the result.
const SLICE_ROWS: usize = 256;
/// Bytes of text that are scanned before signals (Ctrl-C) are looked for.
const ROUND_BYTES: usize = 32 << 20;

/// A table of Arrow. Whatever reads the Arrow PyCapsule interface takes it, as often as you like: ``pyarrow.table(t)``,
/// ``polars.DataFrame(t)``, ``pandas.DataFrame.from_arrow(t)``; DuckDB queries it by the name of its variable.
#[pyclass(frozen, module = "nagalm")]
pub struct ArrowTable {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl ArrowTable {
    pub(crate) fn of(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self { schema, batches }
    }
}

#[pymethods]
impl ArrowTable {
    /// The table as a stream; `requested_schema` is not heeded, as the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let batches: Vec<_> = self.batches.iter().cloned().map(Ok).collect();
        let reader: Box<dyn RecordBatchReader + Send> =
            Box::new(RecordBatchIterator::new(batches, Arc::clone(&self.schema)));
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), c"arrow_array_stream")
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(&*self.schema).map_err(|e| arrow(&e))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// The table as one of pyarrow, which must be installed. Nothing is copied.
    fn to_pyarrow<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        this.py().import("pyarrow")?.getattr("table")?.call1((this,))
    }

    /// How many rows there are.
    #[getter]
    fn num_rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The columns' names, in their order.
    #[getter]
    fn column_names(&self) -> Vec<String> {
        self.schema.fields().iter().map(|field| field.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.num_rows()
    }

    fn __repr__(&self) -> String {
        format!("<nagalm.ArrowTable {} rows: {}>", self.num_rows(), self.column_names().join(", "))
    }
}

/// Scans the texts of one column of a table; its columns come back with the report's beside them.
pub(crate) fn scan(
    py: Python<'_>,
    scanner: &Scanner,
    table: &Bound<'_, PyAny>,
    text: &str,
    explode: bool,
) -> PyResult<ArrowTable> {
    if !is_table(table)? {
        let message =
            format!("a table is wanted, something with __arrow_c_stream__, not {}", value::type_name(table));
        return Err(PyTypeError::new_err(message));
    }
    let mut reader = RecordBatchStreamReader::from_pyarrow_bound(table)?;
    let form = if explode { Form::Flat } else { Form::Nested };
    let input = reader.schema();
    let column = text_column(&input, text)?;
    let schema = joined(&input, form);
    let mut batches = Vec::new();
    while let Some(batch) = released(py, || reader.next()) {
        let batch = batch.map_err(|e| arrow(&e))?;
        let texts = Texts::of(batch.column(column)).map_err(|e| arrow(&e))?;
        let mut start = 0;
        while start < batch.num_rows() {
            let mut end = start;
            let mut bytes = 0;
            while end < batch.num_rows() && bytes < ROUND_BYTES {
                bytes += texts.length(end);
                end += 1;
            }
            let scanned =
                on_all_cores(py, || scan_round(scanner, &batch, &texts, start..end, &schema, form))?;
            batches.extend(scanned.map_err(|e| arrow(&e))?);
            start = end;
            py.check_signals()?;
        }
    }
    Ok(ArrowTable { schema, batches })
}

/// The place of a column of texts.
pub(crate) fn text_column(input: &Schema, text: &str) -> PyResult<usize> {
    let Some((column, field)) = input.column_with_name(text) else {
        let names: Vec<_> = input.fields().iter().map(|field| field.name().as_str()).collect();
        return Err(PyKeyError::new_err(format!("there is no column {text:?} among {names:?}")));
    };
    if !is_text(field.data_type()) {
        let message = format!("the column {text:?} holds {}, not text", field.data_type());
        return Err(PyTypeError::new_err(message));
    }
    Ok(column)
}

/// Some rows of the input and what was found in them, slice by slice.
fn scan_round(
    scanner: &Scanner,
    input: &RecordBatch,
    texts: &Texts,
    rows: Range<usize>,
    schema: &SchemaRef,
    form: Form,
) -> Result<Vec<RecordBatch>, ArrowError> {
    let end = rows.end;
    let starts: Vec<usize> = rows.step_by(SLICE_ROWS).collect();
    let slice = |start: usize| {
        let rows = start..end.min(start + SLICE_ROWS);
        let scanned = scan_rows(scanner, texts, rows.clone());
        let columns = columns::columns(&scanned, form)?;
        beside(schema, input.slice(start, rows.len()), columns)
    };
    starts.into_par_iter().map(slice).collect()
}

/// What becomes of each row. Those with a text are scanned in one go, with the same buffers.
fn scan_rows(scanner: &Scanner, texts: &Texts, rows: Range<usize>) -> Vec<Row> {
    let checked: Vec<Result<&str, Row>> = rows
        .map(|row| match texts.get(row).map(simdutf8::compat::from_utf8) {
            None => Err(Row::Null),
            Some(Err(e)) => Err(Row::Failed(format!("not UTF-8: {e}"))),
            Some(Ok(text)) => Ok(text),
        })
        .collect();
    let wanted: Vec<&str> = checked.iter().flatten().copied().collect();
    let row = |_: &&str, report: nagalm::Result<nagalm::Report>| match report {
        Ok(report) => Row::Scanned(Box::new(report)),
        Err(e) => Row::Failed(e.to_string()),
    };
    let mut scanned = scanner.scan_texts_with(&wanted, row).into_iter();
    checked
        .into_iter()
        .map(|checked| checked.map_or_else(|row| row, |_| scanned.next().unwrap_or(Row::Null)))
        .collect()
}

/// Input columns, one of them perhaps under another name, and the report's.
fn joined(input: &Schema, form: Form) -> SchemaRef {
    let own = columns::schema(form);
    let taken = |name: &str| own.column_with_name(name).is_some() || input.column_with_name(name).is_some();
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for field in input.fields() {
        if own.column_with_name(field.name()).is_some() {
            let free = nagalm_cli::fields::free_name(field.name(), taken);
            fields.push(Arc::new(field.as_ref().clone().with_name(free)));
        } else {
            fields.push(Arc::clone(field));
        }
    }
    fields.extend(own.fields().iter().cloned());
    Arc::new(Schema::new_with_metadata(fields, input.metadata().clone()))
}

/// Input rows, as often as they are wanted, beside what was found in them.
fn beside(
    schema: &SchemaRef,
    input: RecordBatch,
    (columns, from): (RecordBatch, Vec<u64>),
) -> Result<RecordBatch, ArrowError> {
    let same = from.len() == input.num_rows() && from.iter().zip(0..).all(|(&row, number)| row == number);
    let input =
        if same { input } else { arrow_select::take::take_record_batch(&input, &UInt64Array::from(from))? };
    let all: Vec<ArrayRef> = input.columns().iter().chain(columns.columns()).cloned().collect();
    RecordBatch::try_new(Arc::clone(schema), all)
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// A column of texts. Whoever made it may not have looked whether they are UTF-8.
pub(crate) struct Texts(ArrayRef);

impl Texts {
    pub(crate) fn of(column: &ArrayRef) -> Result<Self, ArrowError> {
        Ok(Self(match column.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Arc::clone(column),
            _ => arrow_cast::cast(column, &DataType::LargeUtf8)?,
        }))
    }

    /// The bytes of a row; none where it is null.
    pub(crate) fn get(&self, row: usize) -> Option<&[u8]> {
        if self.0.is_null(row) {
            return None;
        }
        match self.0.data_type() {
            DataType::Utf8 => Some(self.0.as_string::<i32>().value(row).as_bytes()),
            DataType::LargeUtf8 => Some(self.0.as_string::<i64>().value(row).as_bytes()),
            _ => Some(self.0.as_string_view().value(row).as_bytes()),
        }
    }

    fn length(&self, row: usize) -> usize {
        self.get(row).map_or(0, <[u8]>::len)
    }
}
