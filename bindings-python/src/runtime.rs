//! The one place that frees the interpreter's lock, and the threads that this process scans with.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors;

/// Does `work` while other threads of Python run.
pub(crate) fn released<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(work)
}

/// The same, and what it does on all cores it does on the threads of this process.
pub(crate) fn on_all_cores<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let threads = threads()?;
    Ok(released(py, || threads.install(work)))
}

/// Threads, and the process that they are of.
type Owned = (u32, Arc<ThreadPool>);

static THREADS: Mutex<Option<Owned>> = Mutex::new(None);

/// The threads of this process, made when they are first asked for. A process that was forked has none of its parent's, and
/// waiting for these would take for ever: it makes its own.
pub(crate) fn threads() -> PyResult<Arc<ThreadPool>> {
    let process = std::process::id();
    let mut held = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((owner, threads)) = &*held
        && *owner == process
    {
        return Ok(Arc::clone(threads));
    }
    let threads = ThreadPoolBuilder::new()
        .thread_name(|number| format!("nagalm-{number}"))
        .build()
        .map_err(|e| errors::other(format!("the system gives no threads: {e}")))?;
    let threads = Arc::new(threads);
    // The parent's are not ended, as that would wait for them, too.
    std::mem::forget(held.replace((process, Arc::clone(&threads))));
    Ok(threads)
}
