//! Python's objects as works: tables by way of Arrow, everything else item by item.

use arrow_array::RecordBatch;
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_pyarrow::FromPyArrow;
use arrow_schema::ArrowError;
use nagalm::Work;
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyIterator, PyString};

use crate::runtime::released;
use crate::{errors, value};

/// Works that are taken at once, and bytes of their texts.
const MOST_WORKS: usize = 4096;
const MOST_BYTES: usize = 16 << 20;

/// Where works come from.
pub(crate) enum Source<'py> {
    Table(RecordBatchStreamReader),
    Items(Bound<'py, PyIterator>),
}

/// A work, or why a row is none.
pub(crate) type Row = Result<Work, String>;

impl<'py> Source<'py> {
    /// A table (whatever has `__arrow_c_stream__`), or an iterable of mappings and dataclasses.
    pub(crate) fn new(works: &Bound<'py, PyAny>) -> PyResult<Self> {
        if is_table(works)? {
            return Ok(Self::Table(RecordBatchStreamReader::from_pyarrow_bound(works)?));
        }
        if works.is_instance_of::<PyDict>()
            || works.is_instance_of::<PyString>()
            || works.is_instance_of::<PyBytes>()
        {
            return Err(PyTypeError::new_err(format!(
                "works come as a table or an iterable of mappings; this is one {}: put it in a list",
                value::type_name(works)
            )));
        }
        Ok(Self::Items(works.try_iter()?))
    }

    /// The next works; none where there are no more.
    pub(crate) fn next(&mut self, py: Python<'py>) -> PyResult<Vec<Row>> {
        match self {
            Self::Table(reader) => loop {
                match released(py, || reader.next().map(|batch| batch.map(|batch| rows(&batch)))) {
                    None => return Ok(Vec::new()),
                    Some(batch) => {
                        let rows = batch.map_err(|e| arrow(&e))?.map_err(errors::input)?;
                        if !rows.is_empty() {
                            return Ok(rows);
                        }
                    }
                }
            },
            Self::Items(items) => {
                let (mut rows, mut bytes) = (Vec::new(), 0);
                while rows.len() < MOST_WORKS && bytes < MOST_BYTES {
                    let Some(item) = items.next().transpose()? else { break };
                    let row = nagalm_cli::fields::work(value::fields(&item)?);
                    bytes += row.as_ref().map_or(0, |work| work.text.len());
                    rows.push(row);
                }
                Ok(rows)
            }
        }
    }
}

/// What is wrong with a stream of Arrow.
pub(crate) fn arrow(error: &ArrowError) -> PyErr {
    errors::input(format!("the table cannot be read: {error}"))
}

/// Whether an object is a table by the PyCapsule interface.
pub(crate) fn is_table(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    object.hasattr(intern!(object.py(), "__arrow_c_stream__"))
}

/// The works of a batch. Columns that pandas makes of its index are none of theirs.
fn rows(batch: &RecordBatch) -> Result<Vec<Row>, String> {
    let schema = batch.schema();
    let kept: Vec<usize> = (0..batch.num_columns())
        .filter(|&column| !schema.field(column).name().starts_with("__index_level_"))
        .collect();
    let batch = batch.project(&kept).map_err(|e| e.to_string())?;
    nagalm_cli::fields::works_of(&batch)
}
