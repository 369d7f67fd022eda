//! Reports: the library's, with each part turned into Python's when it is looked at.

use std::sync::Arc;

use nagalm::report;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice, PyTuple};
use serde::Serialize;
use serde_json::Value;

use crate::errors;
use crate::value;

/// What was found in one text.
#[pyclass(frozen, module = "nagalm")]
pub struct Report(Arc<report::Report>);

impl Report {
    pub(crate) fn of(report: report::Report) -> Self {
        Self(Arc::new(report))
    }
}

/// The name that the JSON has for one of a few choices.
fn name(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(Value::String(name)) => name,
        _ => String::new(),
    }
}

fn spans(spans: &[report::Span]) -> Vec<Span> {
    spans.iter().copied().map(Span::of).collect()
}

#[pymethods]
impl Report {
    #[staticmethod]
    fn from_json(json: &str) -> PyResult<Self> {
        serde_json::from_str(json).map(Self::of).map_err(|e| errors::input(format!("this is no report: {e}")))
    }

    fn json(&self) -> PyResult<String> {
        value::json(&*self.0)
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value::read(py, &*self.0)
    }

    #[getter]
    fn schema(&self) -> &str {
        &self.0.schema
    }

    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    #[getter]
    fn offset_unit(&self) -> String {
        name(self.0.offset_unit)
    }

    #[getter]
    fn complete(&self) -> bool {
        self.0.complete
    }

    #[getter]
    fn not_searched(&self) -> Vec<Span> {
        spans(&self.0.not_searched)
    }

    #[getter]
    fn text_sha256(&self) -> Option<&str> {
        self.0.text_sha256.as_deref()
    }

    #[getter]
    fn registry(&self) -> &str {
        &self.0.registry
    }

    #[getter]
    fn version(&self) -> &str {
        &self.0.version
    }

    #[getter]
    fn coverage(&self) -> Coverage {
        Coverage { matched: self.0.coverage.matched, total: self.0.coverage.total }
    }

    #[getter]
    fn matches<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(
            py,
            (0..self.0.matches.len()).map(|number| Match { report: Arc::clone(&self.0), number }),
        )
    }

    #[getter]
    fn works(&self) -> Vec<WorkShare> {
        self.0
            .works
            .iter()
            .map(|w| WorkShare {
                work_id: w.work_id.clone(),
                matched: w.matched,
                share_of_work: w.share_of_work,
            })
            .collect()
    }

    #[getter]
    fn sealed(&self) -> Option<SealedFindings> {
        self.0.sealed.as_ref().map(SealedFindings::of)
    }

    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        value::dict(py, &self.0.fields)
    }

    #[getter]
    fn match_count(&self) -> usize {
        self.0.match_count()
    }

    fn _repr_html_(&self) -> String {
        nagalm_cli::picture::html(&self.0)
    }

    fn __repr__(&self) -> String {
        let matches = self.0.match_count();
        let coverage = self.0.coverage;
        format!(
            "<nagalm.Report {:?}, matches={matches}, coverage={}/{}>",
            self.0.id, coverage.matched, coverage.total
        )
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one((
            &self.0.id,
            &self.0.text_sha256,
            self.0.matches.len(),
        ))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        Ok((py.get_type::<Self>().getattr("from_json")?, (value::json(&*self.0)?,)))
    }
}

/// Two passages, one in the text and one in a work.
#[pyclass(frozen, module = "nagalm")]
pub struct Match {
    report: Arc<report::Report>,
    number: usize,
}

impl Match {
    fn get(&self) -> &report::Match {
        &self.report.matches[self.number]
    }
}

#[pymethods]
impl Match {
    #[getter]
    fn work_id(&self) -> &str {
        &self.get().work_id
    }

    #[getter]
    fn title(&self) -> Option<&str> {
        self.get().title.as_deref()
    }

    #[getter]
    fn kind(&self) -> String {
        name(self.get().kind)
    }

    #[getter]
    fn output(&self) -> Span {
        Span::of(self.get().output)
    }

    #[getter]
    fn source(&self) -> Span {
        Span::of(self.get().source)
    }

    #[getter]
    fn words(&self) -> WordCounts {
        let report::WordCounts { matched, output, source } = self.get().words;
        WordCounts { matched, output, source }
    }

    #[getter]
    fn letters(&self) -> LetterCounts {
        LetterCounts { matched: self.get().letters.matched }
    }

    #[getter]
    fn identity(&self) -> f64 {
        self.get().identity
    }

    #[getter]
    fn longest_run_words(&self) -> usize {
        self.get().longest_run_words
    }

    #[getter]
    fn bits(&self) -> f64 {
        self.get().bits
    }

    #[getter]
    fn evalue(&self) -> f64 {
        self.get().evalue
    }

    #[getter]
    fn edits(&self) -> Vec<Edit> {
        let edit = |e: &report::Edit| Edit {
            op: name(e.op),
            output: Span::of(e.output),
            source: Span::of(e.source),
        };
        self.get().edits.iter().map(edit).collect()
    }

    #[getter]
    fn also_in(&self) -> Vec<String> {
        self.get().also_in.clone()
    }

    #[getter]
    fn tricks(&self) -> Vec<String> {
        self.get().tricks.iter().map(name).collect()
    }

    #[getter]
    fn quote(&self) -> Option<Quote> {
        self.get().quote.as_ref().map(|q| Quote { output: q.output.clone(), source: q.source.clone() })
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value::read(py, self.get())
    }

    fn __repr__(&self) -> String {
        let found = self.get();
        let report::Span { start, end } = found.output;
        format!(
            "<nagalm.Match {:?} {} {start}:{end}, evalue={:.1e}>",
            found.work_id,
            name(found.kind),
            found.evalue
        )
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.get() == other.get()
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let found = self.get();
        BuildHasherDefault::<DefaultHasher>::default().hash_one((&found.work_id, found.output, found.source))
    }
}

/// A half-open range of a text, in code points.
#[pyclass(frozen, eq, hash, ord, get_all, skip_from_py_object, module = "nagalm")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn of(span: report::Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

#[pymethods]
impl Span {
    /// Takes the span out of a text: `text[span.slice]`.
    #[getter]
    fn slice<'py>(&self, py: Python<'py>) -> Bound<'py, PySlice> {
        let at = |place: usize| isize::try_from(place).unwrap_or(isize::MAX);
        PySlice::new(py, at(self.start), at(self.end), 1)
    }

    fn __len__(&self) -> usize {
        self.end - self.start
    }

    fn __repr__(&self) -> String {
        format!("Span({}, {})", self.start, self.end)
    }
}

/// Classes of plain values, which are made when they are looked at.
macro_rules! plain {
    ($($(#[$doc:meta])* $class:ident { $($field:ident: $type:ty),* })*) => { $(
        $(#[$doc])*
        #[pyclass(frozen, eq, get_all, skip_from_py_object, module = "nagalm")]
        #[derive(Clone, PartialEq)]
        pub struct $class { $($field: $type),* }

        #[pymethods]
        impl $class {
            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let mut parts = Vec::new();
                $(parts.push(format!(
                    concat!(stringify!($field), "={}"),
                    self.$field.clone().into_bound_py_any(py)?.repr()?
                ));)*
                Ok(format!(concat!(stringify!($class), "({})"), parts.join(", ")))
            }
        }
    )* };
}

plain! {
    /// How much of a text lies within matches, in code points.
    Coverage { matched: usize, total: usize }
    /// Words of a match.
    WordCounts { matched: usize, output: usize, source: usize }
    /// Letters and digits of a match.
    LetterCounts { matched: usize }
    /// One run of an alignment.
    Edit { op: String, output: Span, source: Span }
    /// The two passages of a match.
    Quote { output: String, source: String }
    /// How much of one work came out.
    WorkShare { work_id: String, matched: usize, share_of_work: f64 }
    /// A work of a sealed registry.
    SealedMatch {
        work: u32, work_id: Option<String>, title: Option<String>, output: Span, passages: Vec<Span>, grams: usize,
        words: usize, by_chance: f64
    }
    /// What was found through a sealed registry.
    SealedFindings {
        profile: String, recipient: String, release: String, signer: Option<String>, signer_key: Option<String>,
        signature: String, matches: Vec<SealedMatch>, leads: Vec<SealedMatch>
    }
}

impl SealedMatch {
    fn of(found: &report::SealedMatch) -> Self {
        Self {
            work: found.work,
            work_id: found.work_id.clone(),
            title: found.title.clone(),
            output: Span::of(found.output),
            passages: spans(&found.passages),
            grams: found.grams,
            words: found.words,
            by_chance: found.by_chance,
        }
    }
}

impl SealedFindings {
    fn of(sealed: &report::SealedFindings) -> Self {
        Self {
            profile: name(sealed.info.profile),
            recipient: sealed.info.recipient.clone(),
            release: sealed.info.release.clone(),
            signer: sealed.info.signer.clone(),
            signer_key: sealed.info.signer_key.clone(),
            signature: name(sealed.info.signature),
            matches: sealed.matches.iter().map(SealedMatch::of).collect(),
            leads: sealed.leads.iter().map(SealedMatch::of).collect(),
        }
    }
}
