//! The scanner: one text, many texts, a table of texts.

use nagalm::report::OffsetUnit;
use nagalm::{Output, Settings};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use serde_json::{Map, Value};

use crate::batch::ReportIterator;
use crate::errors::{self, raised};
use crate::registry::{Held, Pickled, Registry, origin};
use crate::report::Report;
use crate::runtime::{on_all_cores, released};
use crate::table::{self, ArrowTable};
use crate::value;

/// Scans texts against a registry as it stood when the scanner was made.
#[pyclass(frozen, module = "nagalm")]
pub struct Scanner {
    scanner: nagalm::Scanner,
    held: Held,
    settings: Settings,
}

/// What is pickled of settings: max_evalue, min_words, verbatim_only, quote, always_hash.
type PickledSettings = (f64, usize, bool, bool, bool);

impl Scanner {
    fn over(py: Python<'_>, held: Held, settings: Settings) -> PyResult<Self> {
        let (registry, with) = (held.registry.clone(), settings.clone());
        let scanner = on_all_cores(py, || nagalm::Scanner::new(registry, with))?;
        Ok(Self { scanner, held, settings })
    }
}

fn settings(
    (max_evalue, min_words, verbatim_only, quote, always_hash): PickledSettings,
) -> PyResult<Settings> {
    if max_evalue.is_nan() || max_evalue <= 0.0 {
        return Err(errors::input("max_evalue must be above 0"));
    }
    let mut settings = Settings::default();
    settings.max_evalue = max_evalue;
    settings.min_words = min_words;
    settings.verbatim_only = verbatim_only;
    settings.quote = quote;
    settings.always_hash = always_hash;
    settings.offset_unit = OffsetUnit::CodePoint;
    Ok(settings)
}

#[pymethods]
impl Scanner {
    #[new]
    #[pyo3(signature = (registry, *, max_evalue = None, min_words = None, verbatim_only = false, quote = true, always_hash = true))]
    fn new(
        py: Python<'_>,
        registry: &Registry,
        max_evalue: Option<f64>,
        min_words: Option<usize>,
        verbatim_only: bool,
        quote: bool,
        always_hash: bool,
    ) -> PyResult<Self> {
        let default = Settings::default();
        let (max_evalue, min_words) =
            (max_evalue.unwrap_or(default.max_evalue), min_words.unwrap_or(default.min_words));
        Self::over(py, registry.held(), settings((max_evalue, min_words, verbatim_only, quote, always_hash))?)
    }

    #[pyo3(signature = (text, *, id = None, **fields))]
    fn scan(
        &self,
        py: Python<'_>,
        text: &str,
        id: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Report> {
        let output = match (id, fields) {
            (None, None) => Output { text: text.to_owned(), ..Output::default() },
            (id, fields) => {
                let mut all = match fields {
                    Some(fields) => value::fields(fields)?,
                    None => Map::new(),
                };
                if let Some(id) = id {
                    all.insert("id".into(), value::value(id)?);
                }
                all.insert("text".into(), Value::from(text));
                nagalm_cli::fields::output(all, &"").map_err(errors::input)?
            }
        };
        let report = released(py, || self.scanner.scan(&output)).map_err(raised)?;
        Ok(Report::of(report))
    }

    fn scan_batch(&self, texts: &Bound<'_, PyAny>) -> PyResult<ReportIterator> {
        if texts.is_instance_of::<PyString>() || texts.is_instance_of::<PyDict>() {
            let message = format!("scan_batch takes many texts; this is one {}", value::type_name(texts));
            return Err(pyo3::exceptions::PyTypeError::new_err(message));
        }
        Ok(ReportIterator::new(self.scanner.clone(), texts.try_iter()?.unbind()))
    }

    #[pyo3(signature = (table, *, text = "text", explode = false))]
    fn scan_arrow(
        &self,
        py: Python<'_>,
        table: &Bound<'_, PyAny>,
        text: &str,
        explode: bool,
    ) -> PyResult<ArrowTable> {
        table::scan(py, &self.scanner, table, text, explode)
    }

    #[getter]
    fn content_hash(&self) -> &str {
        self.held.registry.content_hash()
    }

    #[getter]
    fn max_evalue(&self) -> f64 {
        self.settings.max_evalue
    }

    #[getter]
    fn min_words(&self) -> usize {
        self.settings.min_words
    }

    #[getter]
    fn verbatim_only(&self) -> bool {
        self.settings.verbatim_only
    }

    #[getter]
    fn quote(&self) -> bool {
        self.settings.quote
    }

    #[getter]
    fn always_hash(&self) -> bool {
        self.settings.always_hash
    }

    fn __repr__(&self) -> String {
        format!(
            "<nagalm.Scanner works={} max_evalue={:e} min_words={}>",
            self.held.registry.info().works,
            self.settings.max_evalue,
            self.settings.min_words
        )
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let restore = py.import("nagalm._native")?.getattr("restore_scanner")?;
        let (origin, content_hash) = self.held.pickled()?;
        let Settings { max_evalue, min_words, verbatim_only, quote, always_hash, .. } = self.settings;
        let settings = (max_evalue, min_words, verbatim_only, quote, always_hash);
        Ok((restore, (origin, content_hash, settings).into_pyobject(py)?))
    }
}

/// What unpickling calls.
#[pyfunction]
pub fn restore_scanner(
    py: Python<'_>,
    pickled: Pickled,
    content_hash: &str,
    with: PickledSettings,
) -> PyResult<Scanner> {
    let held = origin(pickled).restore(py, content_hash)?;
    Scanner::over(py, held, settings(with)?)
}
