//! Works and the index over them.
//!
//! On disk a registry is a folder: `works.db` (SQLite: the works, their metadata and their texts, the truth) and
//! `segments/` (immutable index files, derived from it). A [`Registry`] is a snapshot for reading; a [`Writer`] adds
//! and withdraws in one transaction.

mod segment;
#[cfg(feature = "store")]
mod store;
mod work;

use std::sync::Arc;

pub(crate) use segment::{EXTEND, SeedIndex, Segment, SegmentBuilder, decode_count};
#[cfg(feature = "store")]
pub use store::{Commit, Finding, Writer, check};
pub use work::{Creator, Licence, Reservation, Warning, Work};

use crate::error::Result;

/// What became of a work that was added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Whether a work with the same `work_id` was there and is now replaced.
    pub replaced: bool,
    /// Whether the same work with the same content was there already, so that nothing changed.
    pub unchanged: bool,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// A registry in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Info {
    /// Works that are searched.
    pub works: usize,
    /// Words of all searched works.
    pub words: u64,
    /// UTF-8 bytes of all searched works.
    pub text_bytes: u64,
    /// Index segments.
    pub segments: usize,
    /// Bytes of the index without the works' texts.
    pub index_bytes: u64,
    /// Withdrawn or replaced works that still take room until the next compaction.
    pub withdrawn: usize,
    /// Hash over all works and their metadata, independent of the order in which they came.
    pub content_hash: String,
    /// Version of the file format.
    pub format: u32,
    /// Version of the Unicode tables that folded the texts.
    pub unicode: String,
}

/// One segment as this snapshot sees it.
pub(crate) struct View {
    pub(crate) segment: Segment,
    /// Slots that were withdrawn or replaced since the segment was written, sorted.
    pub(crate) withdrawn: Vec<u32>,
}

/// A snapshot of a registry, for reading: it never changes, whatever a writer does meanwhile. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Snapshot>);

struct Snapshot {
    views: Vec<View>,
    content_hash: String,
    #[cfg(feature = "store")]
    path: Option<std::path::PathBuf>,
}

impl Registry {
    /// A registry in memory, from works. A later work with the same `work_id` replaces the earlier.
    ///
    /// # Errors
    /// An empty `work_id`, or a text beyond the format's limits.
    pub fn from_works(works: impl IntoIterator<Item = Work>) -> Result<Self> {
        let mut builder = SegmentBuilder::new(std::io::Cursor::new(Vec::new()))?;
        for work in works {
            builder.add(&work.work_id, work.title.as_deref(), &work.text)?;
        }
        let (sink, _) = builder.finish()?;
        let segment = Segment::from_bytes(sink.into_inner())?;
        Ok(Self(Arc::new(Snapshot {
            views: vec![View { segment, withdrawn: Vec::new() }],
            content_hash: String::new(),
            #[cfg(feature = "store")]
            path: None,
        })))
    }

    /// Hash over all works and their metadata: BLAKE3 in hexadecimal.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.0.content_hash
    }

    pub(crate) fn views(&self) -> &[View] {
        &self.0.views
    }
}
