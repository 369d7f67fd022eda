//! Adding works to a registry, on disk or in memory: from an iterable or a table, with progress.

use std::path::Path;

use nagalm::Writer;
use pyo3::prelude::*;

use crate::errors::{self, raised};
use crate::registry::{indexed, works_of};
use crate::runtime::{on_all_cores, released};
use crate::works::Source;

/// What became of works that were added: how many are `added`, `replaced`, `unchanged`; of those `refused`, their number in
/// what came (from 0) and why; `warnings`, pairs of a `work_id` and what is odd about it, the first 1,000 of `warning_count`; the
/// registry's `content_hash` from now on.
#[pyclass(frozen, get_all, module = "nagalm")]
#[derive(Default)]
pub struct Added {
    added: usize,
    replaced: usize,
    unchanged: usize,
    refused: Vec<(usize, String)>,
    warnings: Vec<(String, String)>,
    warning_count: usize,
    content_hash: String,
}

/// Warnings that are kept; further ones are counted.
const MOST_WARNINGS: usize = 1000;

impl Added {
    fn refuse(&mut self, number: usize, why: String, strict: bool) -> PyResult<()> {
        if strict {
            return Err(errors::input(at(number, &why)));
        }
        self.refused.push((number, why));
        Ok(())
    }
}

#[pymethods]
impl Added {
    fn __repr__(&self) -> String {
        format!(
            "<nagalm.Added added={} replaced={} unchanged={} refused={} warnings={}>",
            self.added,
            self.replaced,
            self.unchanged,
            self.refused.len(),
            self.warning_count
        )
    }
}

/// Adds to a registry on disk: all that is taken at once, at the end, or nothing.
pub(crate) fn write_works(
    py: Python<'_>,
    path: &Path,
    works: &Bound<'_, PyAny>,
    strict: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Added> {
    let mut source = Source::new(works)?;
    let progress = Progress::new(py, progress)?;
    let mut writer = released(py, || Writer::open(path)).map_err(raised)?;
    let mut done = Added::default();
    let mut number = 0;
    loop {
        let rows = source.next(py)?;
        if rows.is_empty() {
            break;
        }
        let (mut whole, mut numbers) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            match row {
                Ok(work) => {
                    numbers.push((number, work.work_id.clone()));
                    whole.push(work);
                }
                Err(why) => done.refuse(number, why, strict)?,
            }
            number += 1;
        }
        let answers = on_all_cores(py, || writer.add_all(whole))?;
        for ((number, work_id), answer) in numbers.into_iter().zip(answers) {
            match answer {
                Ok(added) => {
                    done.unchanged += usize::from(added.unchanged);
                    done.warning_count += added.warnings.len();
                    let room = MOST_WARNINGS.saturating_sub(done.warnings.len());
                    let warnings = added.warnings.iter().take(room);
                    done.warnings.extend(warnings.map(|warning| (work_id.clone(), warning.to_string())));
                }
                Err(e) if e.is_input() || e.is_limit() => done.refuse(number, e.to_string(), strict)?,
                Err(e) => return Err(raised(e)),
            }
        }
        progress.tell(number)?;
        py.check_signals()?;
    }
    let commit = on_all_cores(py, || writer.commit())?.map_err(raised)?;
    progress.end()?;
    (done.added, done.replaced, done.content_hash) = (commit.added, commit.replaced, commit.content_hash);
    Ok(done)
}

/// Adds to a registry in memory: the index is made anew.
pub(crate) fn add_in_memory(
    py: Python<'_>,
    registry: &nagalm::Registry,
    works: &Bound<'_, PyAny>,
    strict: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(nagalm::Registry, Added)> {
    let mut source = Source::new(works)?;
    let progress = Progress::new(py, progress)?;
    let mut all = works_of(py, registry)?;
    let mut done = Added::default();
    let mut number = 0;
    loop {
        let rows = source.next(py)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            match row {
                Ok(work) => match all.insert(work.work_id.clone(), work.clone()) {
                    Some(before) if before == work => done.unchanged += 1,
                    Some(_) => done.replaced += 1,
                    None => done.added += 1,
                },
                Err(why) => done.refuse(number, why, strict)?,
            }
            number += 1;
        }
        progress.tell(number)?;
        py.check_signals()?;
    }
    let registry = indexed(py, all.into_values().collect())?;
    progress.end()?;
    registry.content_hash().clone_into(&mut done.content_hash);
    Ok((registry, done))
}

/// Tells Python how many works were taken.
struct Progress<'py>(Option<Bound<'py, PyAny>>);

impl<'py> Progress<'py> {
    /// Of `True`, a line on standard error; of a callable, that.
    fn new(py: Python<'py>, progress: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        Ok(Self(match progress {
            Some(progress) if progress.is_callable() => Some(progress.clone()),
            Some(progress) if progress.is_truthy()? => {
                Some(py.import("nagalm._progress")?.getattr("Line")?.call0()?)
            }
            _ => None,
        }))
    }

    fn tell(&self, works: usize) -> PyResult<()> {
        self.0.as_ref().map_or(Ok(()), |progress| progress.call1((works,)).map(drop))
    }

    fn end(&self) -> PyResult<()> {
        match &self.0 {
            Some(progress) if progress.hasattr("end")? => progress.call_method0("end").map(drop),
            _ => Ok(()),
        }
    }
}

/// Which work of an iterable or a table is meant.
pub(crate) fn at(number: usize, why: &str) -> String {
    format!("work number {number} (from 0): {why}")
}
