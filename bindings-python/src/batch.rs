//! Many texts, one report after the other: while Python looks at the reports of one chunk, the next one is scanned.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use nagalm::{Output, Scanner};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use crate::errors::{self, raised};
use crate::report::Report;
use crate::runtime::{released, threads};
use crate::value;

/// Chunks that are scanned or wait for it.
const AHEAD: usize = 2;
/// Texts of the first chunk, so that the first reports come soon; each later chunk has twice as many, up to `MOST_TEXTS` or
/// `MOST_BYTES`.
const FIRST_TEXTS: usize = 16;
const MOST_TEXTS: usize = 256;
const MOST_BYTES: usize = 1 << 20;
/// How long a signal (Ctrl-C) may wait.
const PATIENCE: Duration = Duration::from_millis(50);

/// The reports of a chunk and its texts, whose room later texts are written to; or what its scan panicked with.
type Scanned = std::thread::Result<(Vec<nagalm::Result<nagalm::Report>>, Vec<Output>)>;

/// Gives the reports of texts, in their order; made by `Scanner.scan_batch`.
#[pyclass(module = "nagalm")]
pub struct ReportIterator {
    scanner: Scanner,
    /// None when it has no more texts.
    texts: Option<Py<PyIterator>>,
    /// What reading the texts ended with: raised when all reports before it were given.
    failure: Option<PyErr>,
    chunks: VecDeque<Chunk>,
    ready: std::vec::IntoIter<nagalm::Result<nagalm::Report>>,
    chunk_texts: usize,
    taken: usize,
    /// Texts that were scanned: fresh memory for each would cost more than writing to it does.
    spare: Vec<Output>,
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
            spare: Vec::new(),
        }
    }

    /// Takes texts and has them scanned, until there are chunks enough on the way.
    fn fill(&mut self, py: Python<'_>) -> PyResult<()> {
        while self.chunks.len() < AHEAD {
            let outputs = self.take(py)?;
            if outputs.is_empty() {
                break;
            }
            let (sender, receiver) = sync_channel(1);
            let scanner = self.scanner.clone();
            threads()?.spawn(move || {
                let scanned = catch_unwind(AssertUnwindSafe(|| (scanner.scan_batch(&outputs), outputs)));
                // Nobody waits any more where the iterator was dropped.
                let _ = sender.send(scanned);
            });
            self.chunks.push_back(Chunk(std::sync::Mutex::new(receiver)));
        }
        Ok(())
    }

    /// The texts of the next chunk; none where there are no more.
    fn take(&mut self, py: Python<'_>) -> PyResult<Vec<Output>> {
        let (mut outputs, mut bytes) = (Vec::new(), 0);
        let Some(texts) = &self.texts else { return Ok(outputs) };
        let mut texts = texts.bind(py).clone();
        while outputs.len() < self.chunk_texts && bytes < MOST_BYTES {
            let output = match texts.next() {
                None => {
                    self.texts = None;
                    break;
                }
                Some(item) => item.and_then(|item| output(&item, self.taken, &mut self.spare)),
            };
            match output {
                Ok(output) => {
                    bytes += output.text.len();
                    outputs.push(output);
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
        Ok(outputs)
    }
}

/// A text, called after its number; or a mapping with `text`, perhaps `id`, and other fields.
fn output(item: &Bound<'_, PyAny>, number: usize, spare: &mut Vec<Output>) -> PyResult<Output> {
    let Ok(text) = item.cast::<PyString>() else {
        return nagalm_cli::fields::output(value::fields(item)?, &number)
            .map_err(|why| errors::input(format!("text number {number} (from 0): {why}")));
    };
    let text = text.to_str()?;
    // Not the room of a book for each line that comes after it.
    let fits = |output: &Output| output.text.capacity() <= 4 * text.len().max(1024);
    let mut output = spare.pop().filter(fits).unwrap_or_default();
    output.id = number.to_string();
    output.text.clear();
    output.text.push_str(text);
    output.fields.clear();
    Ok(output)
}

#[pymethods]
impl ReportIterator {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Option<Report>> {
        loop {
            if let Some(report) = self.ready.next() {
                return report.map(|report| Some(Report::of(report))).map_err(raised);
            }
            self.fill(py)?;
            let Some(chunk) = self.chunks.front() else {
                return self.failure.take().map_or(Ok(None), Err);
            };
            match released(py, || chunk.wait()) {
                Ok(scanned) => {
                    self.chunks.pop_front();
                    // One more is on the way while Python looks at these.
                    let (reports, outputs) = scanned.unwrap_or_else(|panic| resume_unwind(panic));
                    (self.ready, self.spare) = (reports.into_iter(), outputs);
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
