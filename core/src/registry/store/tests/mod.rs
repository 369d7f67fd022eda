//! The registry on disk against a plain map, against killed writers, full disks, damage and other programs.

mod changes;
mod damage;
mod failures;
mod flips;
mod mapped;
mod others;
mod whole;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::{Registry, Work};
use super::{Commit, Finding, Writer, check, files};
use crate::error::{Error, Result};

/// A disk that runs full: how many more bytes segments may take, on this thread.
pub(super) mod disk {
    use std::cell::Cell;
    use std::io;

    thread_local!(static ROOM: Cell<Option<usize>> = const { Cell::new(None) });

    pub(in super::super) fn take(bytes: usize) -> io::Result<()> {
        match ROOM.get() {
            Some(room) if room < bytes => Err(io::ErrorKind::StorageFull.into()),
            room => {
                ROOM.set(room.map(|room| room - bytes));
                Ok(())
            }
        }
    }

    pub(super) fn set(room: Option<usize>) {
        ROOM.set(room);
    }
}

fn work(id: &str, text: &str) -> Work {
    Work { work_id: id.into(), title: Some(format!("Title of {id}")), text: text.into(), ..Work::default() }
}

fn text(number: usize) -> String {
    format!("verse {number} of a song that nobody sings, with {} birds", number * 7)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn register(path: &Path, works: impl IntoIterator<Item = Work>) -> Commit {
    let mut writer = Writer::open(path).unwrap();
    for work in works {
        writer.add(work).unwrap();
    }
    writer.commit().unwrap()
}

/// What a scan can find: identifier and text of every living work, from the segments.
fn searched(registry: &Registry) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for view in registry.views() {
        for slot in (0..view.segment.works()).filter(|slot| view.withdrawn.binary_search(slot).is_err()) {
            let text = view.segment.text(slot).unwrap().into_owned();
            let old = found.insert(view.segment.work_id(slot).to_string(), text);
            assert_eq!(old, None, "a work stands twice");
        }
    }
    found
}

fn exported(registry: &Registry) -> Vec<Work> {
    let mut works = Vec::new();
    registry
        .export(|work| {
            works.push(work);
            Ok(())
        })
        .unwrap();
    works
}

fn findings(path: &Path) -> Vec<Finding> {
    let mut last = (0, 0);
    let found = check(path, |done, all| {
        assert!(done >= last.0 && done <= all, "progress goes on: {done} of {all} after {last:?}");
        last = (done, all);
    })
    .unwrap();
    if found.is_empty() {
        assert!(last.1 > 0 && last.0 == last.1, "progress reaches its end: {last:?}");
    }
    found
}

fn one_finding(path: &Path, place: &str, problem: &str) {
    let found = findings(path);
    assert!(
        found.iter().any(|f| f.place.contains(place) && f.problem.contains(problem)),
        "{place}: {problem} is not among {found:?}"
    );
}

fn segment_files(path: &Path) -> Vec<String> {
    files::list_segments(path).unwrap()
}

/// The folder as it is at this moment: what a power failure would leave.
fn copy(from: &Path) -> TempDir {
    let to = folder();
    fs::create_dir(to.path().join("segments")).unwrap();
    for sub in ["", "segments"] {
        for entry in fs::read_dir(from.join(sub)).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.path().join(sub).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

fn error<T>(result: Result<T>) -> Error {
    result.err().expect("an error")
}

fn sql(path: &Path, sql: &str) {
    Connection::open(files::database(path))
        .unwrap()
        .execute_batch(&format!("PRAGMA foreign_keys = off; {sql}"))
        .unwrap();
}
