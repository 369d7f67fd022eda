//! Many texts, one report after the other: while Python looks at the reports of one chunk, the next one is scanned.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use nagalm::{Output, Scanner};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyIterator, PyString};
use serde_json::{Map, Value};

use crate::errors::{self, raised};
use crate::report::Report;
use crate::runtime::{released, threads};
use crate::value;

/// Chunks that are scanned or wait for it.
const AHEAD: usize = 2;
/// Texts of the first chunk, so that the first reports come soon; each later chunk has twice as many, up to `MOST_TEXTS` or
/// `MOST_BYTES`. Measured: with four times as many the texts leave the cache between the threads, which costs a twentieth.
const FIRST_TEXTS: usize = 16;
const MOST_TEXTS: usize = 256;
const MOST_BYTES: usize = 1 << 20;
/// How long a signal (Ctrl-C) may wait.
const PATIENCE: Duration = Duration::from_millis(50);

/// A text and what its report tells of it.
struct Item {
    text: Text,
    number: usize,
    /// Without one it is called after its number.
    id: Option<String>,
    fields: Map<String, Value>,
}

impl Item {
    fn report(&self, scanned: nagalm::Result<nagalm::Report>) -> nagalm::Result<Report> {
        let id = self.id.clone().unwrap_or_else(|| self.number.to_string());
        scanned.map(|report| Report::of(nagalm::Report { id, fields: self.fields.clone(), ..report }))
    }
}

/// Python's own string is read where it stands: to copy a text takes a twentieth of what scanning it does.
enum Text {
    Python(PyBackedStr),
    Own(String),
}

impl AsRef<str> for Item {
    fn as_ref(&self) -> &str {
        match &self.text {
            Text::Python(text) => text,
            Text::Own(text) => text,
        }
    }
}

/// The texts of a chunk and their reports; or what the scan panicked with. Texts come back because they are Python's: who lets
/// go of them must hold the interpreter's lock.
type Scanned = std::thread::Result<(Vec<Item>, Vec<nagalm::Result<Report>>)>;

/// Gives the reports of texts, in their order; made by `Scanner.scan_batch`.
#[pyclass(module = "nagalm")]
pub struct ReportIterator {
    scanner: Scanner,
    /// None when it has no more texts.
    texts: Option<Py<PyIterator>>,
    /// What reading the texts ended with: raised when all reports before it were given.
    failure: Option<PyErr>,
    chunks: VecDeque<Chunk>,
    ready: std::vec::IntoIter<nagalm::Result<Report>>,
    chunk_texts: usize,
    taken: usize,
}

/// A chunk that is being scanned.
struct Chunk(std::sync::Mutex<Receiver<Scanned>>);

impl ReportIterator {
    pub(crate) fn new(scanner: Scanner, texts: Py<PyIterator>) -> Self {
        Self {
            scanner,
            texts: Some(texts),
            failure: None,
            chunks: VecDeque::new(),
            ready: Vec::new().into_iter(),
            chunk_texts: FIRST_TEXTS,
            taken: 0,
        }
    }

    /// Takes texts and has them scanned, until there are chunks enough on the way.
    fn fill(&mut self, py: Python<'_>) -> PyResult<()> {
        while self.chunks.len() < AHEAD {
            let items = self.take(py)?;
            if items.is_empty() {
                break;
            }
            let (sender, receiver) = sync_channel(1);
            let scanner = self.scanner.clone();
            threads()?.spawn(move || {
                let scan = || scanner.scan_texts_with(&items, Item::report);
                let scanned = catch_unwind(AssertUnwindSafe(scan)).map(|reports| (items, reports));
                // Nobody waits any more where the iterator was dropped.
                let _ = sender.send(scanned);
            });
            self.chunks.push_back(Chunk(std::sync::Mutex::new(receiver)));
        }
        Ok(())
    }

    /// The texts of the next chunk; none where there are no more.
    fn take(&mut self, py: Python<'_>) -> PyResult<Vec<Item>> {
        let (mut items, mut bytes) = (Vec::with_capacity(self.chunk_texts), 0);
        let Some(texts) = &self.texts else { return Ok(items) };
        let mut texts = texts.bind(py).clone();
        while items.len() < self.chunk_texts && bytes < MOST_BYTES {
            let item = match texts.next() {
                None => {
                    self.texts = None;
                    break;
                }
                Some(given) => given.and_then(|given| item(&given, self.taken)),
            };
            match item {
                Ok(item) => {
                    bytes += item.as_ref().len();
                    items.push(item);
                    self.taken += 1;
                }
                Err(e) => {
                    self.texts = None;
                    // Ctrl-C and the like wait for nothing.
                    if !e.is_instance_of::<PyException>(py) {
                        return Err(e);
                    }
                    self.failure = Some(e);
                    break;
                }
            }
        }
        self.chunk_texts = MOST_TEXTS.min(2 * self.chunk_texts);
        Ok(items)
    }
}

/// A text, called after its number; or a mapping with `text`, perhaps `id`, and other fields.
fn item(given: &Bound<'_, PyAny>, number: usize) -> PyResult<Item> {
    if let Ok(text) = given.cast::<PyString>() {
        let text = Text::Python(text.clone().try_into()?);
        return Ok(Item { text, number, id: None, fields: Map::new() });
    }
    let Output { id, text, fields } = nagalm_cli::fields::output(value::fields(given)?, &number)
        .map_err(|why| errors::input(format!("text number {number} (from 0): {why}")))?;
    Ok(Item { text: Text::Own(text), number, id: Some(id), fields })
}

#[pymethods]
impl ReportIterator {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Report>> {
        loop {
            if let Some(report) = self.ready.next() {
                return report.map(Some).map_err(raised);
            }
            self.fill(py)?;
            let Some(chunk) = self.chunks.front() else {
                return self.failure.take().map_or(Ok(None), Err);
            };
            match released(py, || chunk.wait()) {
                Ok(scanned) => {
                    self.chunks.pop_front();
                    // One more is on the way while Python looks at these.
                    let (_texts, reports) = scanned.unwrap_or_else(|panic| resume_unwind(panic));
                    self.ready = reports.into_iter();
                    self.fill(py)?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(errors::other("the threads that scan are gone; was this process forked?"));
                }
            }
            py.check_signals()?;
        }
    }
}

impl Chunk {
    fn wait(&self) -> Result<Scanned, RecvTimeoutError> {
        let receiver = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        receiver.recv_timeout(PATIENCE)
    }
}
