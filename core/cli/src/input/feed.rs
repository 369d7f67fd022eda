//! The reader thread: reads ahead of the work, but never more than a few chunks.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use super::record::{Content, Place, Problem, Record};
use super::source::Source;
use super::{array, csv, lines, parquet, text};

/// Records in one chunk: enough to keep all cores busy, few enough to be small in memory.
const CHUNK_RECORDS: usize = 1024;
/// Bytes in one chunk before it is sent with fewer records.
const CHUNK_BYTES: usize = 8 << 20;
/// Chunks that may wait for the receiver.
const CHUNKS_AHEAD: usize = 2;

/// The receiver is gone: the reader stops quietly.
pub(crate) struct Closed;

/// Takes the chunks.
type Receive = Box<dyn FnMut(Vec<Record>) -> Result<(), Closed> + Send>;

/// Where readers put what they find.
pub(crate) struct Feed {
    receiver: Receive,
    records: Vec<Record>,
    bytes: usize,
    /// Bytes read from disk so far, for the progress bar.
    done: Arc<AtomicU64>,
    /// The longest line, row or text that is held in memory.
    pub(crate) max_record: usize,
}

impl Feed {
    /// Adds what stands at `number` of `file`; `size` is about how many bytes it takes.
    pub(crate) fn push(
        &mut self,
        file: &Arc<str>,
        number: Option<u64>,
        size: usize,
        content: Content,
    ) -> Result<(), Closed> {
        self.records.push(Record { place: Place { file: Arc::clone(file), number }, content });
        self.bytes += size;
        if self.records.len() >= CHUNK_RECORDS || self.bytes >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(())
    }

    /// Says that something at `number` of `file` was refused.
    pub(crate) fn refuse(
        &mut self,
        file: &Arc<str>,
        number: Option<u64>,
        kind: &'static str,
        message: impl Into<String>,
    ) -> Result<(), Closed> {
        self.push(file, number, 0, Content::Refused(Problem::new(kind, message)))
    }

    /// Counts `bytes` as read, where no [`Counted`] reader does.
    pub(crate) fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// `reader`, counting what goes through it.
    pub(crate) fn counted<R: Read>(&self, reader: R) -> Counted<R> {
        Counted { reader, done: Arc::clone(&self.done) }
    }

    fn send(&mut self) -> Result<(), Closed> {
        self.bytes = 0;
        let chunk = std::mem::replace(&mut self.records, Vec::with_capacity(CHUNK_RECORDS));
        if chunk.is_empty() { Ok(()) } else { (self.receiver)(chunk) }
    }
}

/// A reader that tells the progress bar how far it is.
pub(crate) struct Counted<R> {
    reader: R,
    done: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.done.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Starts the reader thread over `sources`, in their order. Dropping the receiver ends it.
pub(crate) fn start(
    sources: Vec<Source>,
    max_record: usize,
    done: Arc<AtomicU64>,
) -> (Receiver<Vec<Record>>, std::thread::JoinHandle<()>) {
    let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
    let send = move |chunk| sender.send(chunk).map_err(|_| Closed);
    let thread = std::thread::spawn(move || read_all(sources, max_record, done, Box::new(send)));
    (receiver, thread)
}

/// Reads `sources` in their order, on this thread, until `receiver` is closed.
pub(super) fn read_all(sources: Vec<Source>, max_record: usize, done: Arc<AtomicU64>, receiver: Receive) {
    let mut feed = Feed { receiver, records: Vec::with_capacity(CHUNK_RECORDS), bytes: 0, done, max_record };
    for source in sources {
        if read(source, &mut feed).is_err() {
            return;
        }
    }
    // Nobody is left to tell where the receiver is gone.
    let _ = feed.send();
}

fn read(source: Source, feed: &mut Feed) -> Result<(), Closed> {
    let file = source.label();
    let result = match source {
        Source::Lines(path) => lines::read_file(&path, &file, feed),
        Source::Array(path) => array::read_file(&path, &file, feed),
        Source::Csv(path) => csv::read_file(&path, &file, feed),
        Source::Parquet(path) => parquet::read_file(&path, &file, feed),
        Source::Text { path, name } => text::read_file(&path, name, &file, feed),
        Source::Stdin(kind) => text::read_stdin(kind, &file, feed),
    };
    match result {
        Ok(()) => Ok(()),
        Err(Stop::Closed) => Err(Closed),
        Err(Stop::Io(e)) => feed.refuse(&file, None, "unreadable", format!("could not be read on: {e}")),
    }
}

/// Why a reader stopped before the end of its file.
pub(crate) enum Stop {
    Closed,
    Io(std::io::Error),
}

impl From<Closed> for Stop {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

impl From<std::io::Error> for Stop {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e)
    }
}
