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

/// What was found in one text. Attributes are named as in the report's JSON; all offsets count Unicode code points.
///
/// >>> registry = nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight nine"}])
/// >>> report = nagalm.Scanner(registry).scan("He said: one two three four five six seven eight nine.", id="x", model="m")
/// >>> report
/// <nagalm.Report "x", matches=1, coverage=44/54>
/// >>> report.fields
/// {'model': 'm'}
/// >>> nagalm.Report.from_json(report.json()) == report
/// True
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
    /// A report from its JSON, as `json` and the command line write it. Raises InputError.
    #[staticmethod]
    fn from_json(json: &str) -> PyResult<Self> {
        serde_json::from_str(json).map(Self::of).map_err(|e| errors::input(format!("this is no report: {e}")))
    }

    /// The report as JSON on one line: byte for byte what the command line writes.
    fn json(&self) -> PyResult<String> {
        value::json(&*self.0)
    }

    /// The report's JSON as a dictionary.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        value::read(py, &*self.0)
    }

    /// The form of the report: `nagalm.report/1`.
    #[getter]
    fn schema(&self) -> &str {
        &self.0.schema
    }

    /// The text's identifier, as it came in.
    #[getter]
    fn id(&self) -> &str {
        &self.0.id
    }

    /// What offsets count: `code_point`.
    #[getter]
    fn offset_unit(&self) -> String {
        name(self.0.offset_unit)
    }

    /// Whether all of the text was searched; if not, `not_searched` names the rest.
    #[getter]
    fn complete(&self) -> bool {
        self.0.complete
    }

    /// Spans of the text that a cap left unsearched.
    #[getter]
    fn not_searched(&self) -> Vec<Span> {
        spans(&self.0.not_searched)
    }

    /// SHA-256 of the text's UTF-8 bytes, in hexadecimal.
    #[getter]
    fn text_sha256(&self) -> Option<&str> {
        self.0.text_sha256.as_deref()
    }

    /// Content hash of the registry that was searched.
    #[getter]
    fn registry(&self) -> &str {
        &self.0.registry
    }

    /// Version of nagalm that made the report.
    #[getter]
    fn version(&self) -> &str {
        &self.0.version
    }

    /// How much of the text lies in matches, in code points: `matched` of `total`.
    #[getter]
    fn coverage(&self) -> Coverage {
        Coverage { matched: self.0.coverage.matched, total: self.0.coverage.total }
    }

    /// The matches, by place in the text; no two share a word of it.
    #[getter]
    fn matches<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(
            py,
            (0..self.0.matches.len()).map(|number| Match { report: Arc::clone(&self.0), number }),
        )
    }

    /// For each work that is matched, how much of it came out; the largest share first.
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

    /// What a sealed registry found, in place of `matches`; else None.
    #[getter]
    fn sealed(&self) -> Option<SealedFindings> {
        self.0.sealed.as_ref().map(SealedFindings::of)
    }

    /// Passages that are close in meaning to a work's, as the JSON has them, where a scan looked for meaning (`nagalm scan
    /// --meaning`); else None.
    #[getter]
    fn meaning<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.meaning.as_ref().map(|meaning| value::read(py, meaning)).transpose()
    }

    /// The other fields that came in with the text.
    #[getter]
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        value::dict(py, &self.0.fields)
    }

    /// How many matches there are, in `matches` or through a sealed registry. Leads are none.
    #[getter]
    fn match_count(&self) -> usize {
        self.0.match_count()
    }

    /// Both texts side by side, copied words marked: what a notebook shows.
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

/// Two aligned passages, one in the text (`output`) and one in a work (`source`).
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
    /// The work's identifier.
    #[getter]
    fn work_id(&self) -> &str {
        &self.get().work_id
    }

    /// The work's main title, where it has one.
    #[getter]
    fn title(&self) -> Option<&str> {
        self.get().title.as_deref()
    }

    /// `verbatim`: equal word for word after folding; `near-verbatim`: with words changed, inserted or left out.
    #[getter]
    fn kind(&self) -> String {
        name(self.get().kind)
    }

    /// The passage in the text, in code points.
    #[getter]
    fn output(&self) -> Span {
        Span::of(self.get().output)
    }

    /// The passage in the work's registered text, in code points.
    #[getter]
    fn source(&self) -> Span {
        Span::of(self.get().source)
    }

    /// Words: equal on both sides (`matched`), and in each passage.
    #[getter]
    fn words(&self) -> WordCounts {
        let report::WordCounts { matched, output, source } = self.get().words;
        WordCounts { matched, output, source }
    }

    /// Letters and digits that are equal on both sides (`matched`).
    #[getter]
    fn letters(&self) -> LetterCounts {
        LetterCounts { matched: self.get().letters.matched }
    }

    /// Share of the longer passage's letters that are equal on both sides, 0 to 1.
    #[getter]
    fn identity(&self) -> f64 {
        self.get().identity
    }

    /// The longest run of equal words with nothing between them.
    #[getter]
    fn longest_run_words(&self) -> usize {
        self.get().longest_run_words
    }

    /// How much information the shared words carry, in bits.
    #[getter]
    fn bits(&self) -> f64 {
        self.get().bits
    }

    /// Number of matches at least this good expected by chance, for this registry and this length of text.
    #[getter]
    fn evalue(&self) -> f64 {
        self.get().evalue
    }

    /// The two passages aligned, run by run: `op` is `equal`, `changed`, `inserted` or `deleted`.
    #[getter]
    fn edits(&self) -> Vec<Edit> {
        let edit = |e: &report::Edit| Edit {
            op: name(e.op),
            output: Span::of(e.output),
            source: Span::of(e.source),
        };
        self.get().edits.iter().map(edit).collect()
    }

    /// Other works that hold (nearly) the same passage.
    #[getter]
    fn also_in(&self) -> Vec<String> {
        self.get().also_in.clone()
    }

    /// How the text writes the passage, where that is neither as in the work nor as texts mostly are.
    #[getter]
    fn tricks(&self) -> Vec<String> {
        self.get().tricks.iter().map(name).collect()
    }

    /// Both passages as they stand; None with `quote=False`.
    #[getter]
    fn quote(&self) -> Option<Quote> {
        self.get().quote.as_ref().map(|q| Quote { output: q.output.clone(), source: q.source.clone() })
    }

    /// The match's JSON as a dictionary.
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

/// A half-open range of a text, in code points: ``text[span.start:span.end]``, or ``text[span.slice]``.
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
    /// The span as a slice: ``text[span.slice]``.
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
