//! The registry on disk: a folder with a database, which is the truth, and index segments, which are derived from it.
//! `../FORMAT.md` describes both and how a commit keeps them together.
//!
//! | file | job |
//! | --- | --- |
//! | `files` | names, locks, atomic writing: nothing else here touches files |
//! | `database`, `schema` | opens SQLite, knows its tables |
//! | `snapshot` | what opening reads of the database, and the hash that stands for it |
//! | `works` | reads works, each held against its hashes |
//! | `writer` | adds, withdraws, commits |
//! | `filling`, `merge` | writes segments; decides which to rebuild |
//! | `vectors` | makes and opens the vectors of passages, files beside all that |
//! | `check` | holds everything against everything |

mod check;
mod database;
mod files;
mod filling;
mod merge;
mod schema;
mod snapshot;
mod vectors;
mod works;
mod writer;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub use check::{Finding, check};
use snapshot::{Listed, ListedSegment};
pub(super) use vectors::meaning;
pub use vectors::{Embedded, embed};
pub(super) use works::{export, work};
pub use writer::{Commit, Writer};

use super::sealed::MAGIC as SEALED_MAGIC;
use super::{Info, Registry, Segment, Snapshot, Trust, View, Works};
use crate::error::{Error, Result};

/// How often a reader begins again because a writer was faster. Each time a commit must have come between.
const ATTEMPTS: usize = 20;

/// How a registry is opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    mapped: bool,
    trust: Trust,
}

impl OpenOptions {
    /// Maps the index files instead of reading them: opening takes milliseconds, however large the registry is, and
    /// several programs share one copy in memory. Off unless asked for, for three reasons. Checksums are not compared
    /// (that would read everything): damage is not noticed on opening, and may make scans miss what they should find
    /// ([`check`] still finds it); nothing worse, since whatever is read is checked where it is used. The first scans
    /// wait for the disk where the files are not in the system's cache, and later ones are slower where the system has
    /// no large pages for files. And a program that cuts a file off while it is mapped, or a disk or network that
    /// fails, ends this process (the signal SIGBUS), where reading would give an error: map only what nobody else
    /// writes to. Writers of this library never do: files are written under another name, and only ever removed.
    #[must_use]
    pub fn mapped(mut self, mapped: bool) -> Self {
        self.mapped = mapped;
        self
    }

    /// Which sealed registries are taken; others need no trust.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Opens the registry at `path` as it stands now; see [`Registry::open`].
    ///
    /// # Errors
    /// Those of [`Registry::open`].
    pub fn open(&self, path: &Path) -> Result<Registry> {
        if path.is_file() {
            // A folder is a registry with its works, a file a sealed one.
            let file = files::read_if(path, &SEALED_MAGIC)?;
            return Registry::from_sealed(file, &self.trust).map_err(|e| e.at(path));
        }
        let mut last_generation = None;
        for _ in 0..ATTEMPTS {
            let listed = list(path)?;
            match open_views(path, &listed, self.mapped) {
                Ok(views) => {
                    let info = info(&listed, &views);
                    return Ok(Registry(Arc::new(Snapshot {
                        stock_words: None,
                        views,
                        info,
                        works: Works::Folder(path.into()),
                    })));
                }
                // A compaction may have taken a segment away since the list was read; then there is a newer list.
                Err(e) if last_generation.replace(listed.generation.clone()) == Some(listed.generation) => {
                    return Err(e);
                }
                Err(_) => {}
            }
        }
        Err(Error::locked(format!(
            "the registry {} changes faster than it can be opened: try again when its writers are done",
            path.display()
        )))
    }
}

impl Registry {
    /// Opens the registry at `path` as it stands now. Reads the index into memory and leaves the texts on disk; what a
    /// writer commits later is seen by a registry that is opened later. The folder may be read-only.
    ///
    /// # Errors
    /// `is_not_found`: there is no registry. `is_version`: it was written by a newer nagalm. `is_corrupt`: it is
    /// damaged; [`check`] tells more. `is_untrusted`: a sealed registry whose signature is missing or wrong; see
    /// [`OpenOptions::trust`]. `is_locked`, `is_io`: another program or the system does not let it be read.
    pub fn open(path: &Path) -> Result<Self> {
        Self::options().open(path)
    }

    /// Other ways to open a registry.
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::default()
    }
}

/// What the database says of the segments now; refused where it is not what a writer committed.
fn list(path: &Path) -> Result<Listed> {
    let listed = database::read(path, |connection| {
        Listed::read(connection).map_err(|e| Error::database("read", &files::database(path), e))
    })?;
    listed.accept(path)?;
    Ok(listed)
}

fn open_views(path: &Path, listed: &Listed, mapped: bool) -> Result<Vec<View>> {
    listed
        .segments
        .iter()
        .map(|segment| {
            Ok(View { segment: open_segment(path, segment, mapped)?, withdrawn: segment.withdrawn.clone() })
        })
        .collect()
}

/// Opens a segment and holds it against what the database knows of it.
fn open_segment(path: &Path, listed: &ListedSegment, mapped: bool) -> Result<Segment> {
    let file = files::segments(path).join(&listed.file);
    let damaged = |what: String| {
        Error::corrupt(format!("the index file {} {what}: {}", file.display(), check::REBUILD))
    };
    // Nor is a file opened that lies elsewhere, whatever a database says.
    if listed.file != files::segment_name(listed.id) {
        return Err(damaged("has not the name of its number".into()));
    }
    match files::length(&file)? {
        None => return Err(damaged("is missing".into())),
        Some(length) if length != listed.file_bytes => {
            return Err(damaged(format!("has {length} bytes, should have {}", listed.file_bytes)));
        }
        Some(_) => {}
    }
    let segment = Segment::open(&file, mapped)
        .map_err(|e| if e.is_corrupt() { damaged(format!("is damaged ({e})")) } else { e })?;
    if segment.works() != listed.works {
        return Err(damaged(format!("holds {} works, should hold {}", segment.works(), listed.works)));
    }
    if segment.hash() != listed.hash {
        return Err(damaged("is whole, but not the one that was written for this registry".into()));
    }
    if listed.withdrawn.last().is_some_and(|&slot| slot >= listed.works) {
        return Err(damaged("does not hold a work that was withdrawn from it".into()));
    }
    Ok(segment)
}

fn info(listed: &Listed, views: &[View]) -> Info {
    let mut info = Info {
        segments: views.len(),
        content_hash: listed.content_hash.clone(),
        format: listed.format,
        unicode: listed.unicode.clone(),
        ..Info::default()
    };
    for (listed, view) in listed.segments.iter().zip(views) {
        let withdrawn_words: u64 =
            view.withdrawn.iter().map(|&slot| u64::from(view.segment.work_words(slot))).sum();
        info.works += listed.works as usize - view.withdrawn.len();
        info.withdrawn += view.withdrawn.len();
        info.words += listed.words.saturating_sub(withdrawn_words);
        info.text_bytes += listed.text_bytes.saturating_sub(listed.withdrawn_bytes);
        info.index_bytes += view.segment.index_bytes();
    }
    info
}
