//! The scanner: one text, many texts, a table of texts.

use nagalm::Settings;
use nagalm::report::OffsetUnit;
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
///
/// `max_evalue`: matches are reported up to this E-value, the number of matches this good expected by chance in one scan (0.0001).
/// `min_words`: how many equal words in a row a match should have, or a little more with changes between them (8).
/// `verbatim_only`: only passages that are equal word for word. `quote`: whether matches carry both passages' text. `always_hash`:
/// whether reports without a match carry the SHA-256 of their text, too.
///
/// Making one adds up the registry's words: some ten milliseconds for 100,000 works. Any number of threads may use it. It pickles
/// with its registry. Raises InputError where `max_evalue` is not above 0.
///
/// >>> scanner = nagalm.Scanner(nagalm.Registry.in_memory(), min_words=10)
/// >>> scanner.scan("nothing is registered, nothing is found").matches
/// ()
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

    /// Scans one text. Linear in its length.
    ///
    /// `id` and all other fields (`prompt`, `model`, `created`, …) travel through to the report; a field that has the name of one
    /// of the report's own goes under ``input_NAME``.
    ///
    /// Raises LimitError for a text of 1 GiB or more, UnicodeEncodeError for lone surrogates, TypeError for what is no text, and
    /// where a registry's text can no longer be read from disk.
    #[pyo3(signature = (text, *, id = None, **fields))]
    fn scan(
        &self,
        py: Python<'_>,
        text: &str,
        id: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Report> {
        if id.is_none() && fields.is_none() {
            return released(py, || self.scanner.scan_text(text)).map(Report::of).map_err(raised);
        }
        let mut all = match fields {
            Some(fields) => value::fields(fields)?,
            None => Map::new(),
        };
        if let Some(id) = id {
            all.insert("id".into(), value::value(id)?);
        }
        all.insert("text".into(), Value::from(text));
        let output = nagalm_cli::fields::output(all, &"").map_err(errors::input)?;
        released(py, || self.scanner.scan(&output)).map(Report::of).map_err(raised)
    }

    /// Scans many texts on all cores; an iterator over their reports, in their order.
    ///
    /// `texts` is an iterable of strings, whose `id` is then their number from 0, or of mappings with `text`, perhaps `id`, and
    /// other fields. It is read a little ahead, never more than three chunks of at most 256 texts or 1 MB. Set
    /// ``RAYON_NUM_THREADS`` for fewer threads.
    ///
    /// What is wrong with a text, and what `texts` raises, is raised in its place, after all reports before it. Ctrl-C ends it at
    /// once.
    ///
    /// >>> scanner = nagalm.Scanner(nagalm.Registry.in_memory())
    /// >>> [report.id for report in scanner.scan_batch(["a text", {"text": "another", "id": "x"}])]
    /// ['0', 'x']
    fn scan_batch(&self, texts: &Bound<'_, PyAny>) -> PyResult<ReportIterator> {
        if texts.is_instance_of::<PyString>() || texts.is_instance_of::<PyDict>() {
            let message = format!("scan_batch takes many texts; this is one {}", value::type_name(texts));
            return Err(pyo3::exceptions::PyTypeError::new_err(message));
        }
        Ok(ReportIterator::new(self.scanner.clone(), texts.try_iter()?.unbind()))
    }

    /// Scans the column `text` of a table, on all cores: Arrow in, Arrow out.
    ///
    /// `table` is whatever has ``__arrow_c_stream__`` (a table or batch of pyarrow, a DataFrame of pandas or polars, a relation of
    /// DuckDB). Its columns come back, and beside them the report's: `complete`, `not_searched`, `text_sha256`, `coverage`,
    /// `matches`, `works`, `sealed`, nested as in the report's JSON; or with `explode` one row a match (and one for a text without
    /// any), flat as in the CSV report. An input column that has the name of one of these goes under ``input_NAME``. A null text
    /// has nulls. A row that cannot be scanned says why in the column `error`, which is null elsewhere.
    ///
    /// All of the result is in memory: for a stream that is larger, call it batch by batch.
    ///
    /// Raises KeyError where there is no such column, TypeError where it holds no text or `table` is none, InputError where it
    /// cannot be read.
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

    /// Content hash of the registry that is searched.
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
    with_settings: PickledSettings,
) -> PyResult<Scanner> {
    let held = origin(pickled).restore(py, content_hash)?;
    Scanner::over(py, held, settings(with_settings)?)
}
