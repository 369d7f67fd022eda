//! Works and the index over them.
//!
//! On disk a registry is a folder: `works.db` (SQLite: the works, their metadata and their texts, the truth) and
//! `segments/` (immutable index files, derived from it). A [`Registry`] is a snapshot for reading; a [`Writer`] adds
//! and withdraws in one transaction. A sealed registry is one file, without the works.

mod identifiers;
mod meaning;
mod memory;
mod record;
mod sealed;
mod segment;
#[cfg(feature = "store")]
mod store;
mod tables;
mod work;

use std::borrow::Cow;
use std::sync::Arc;

pub use meaning::{Meaning, NearPassage};
pub(crate) use sealed::{GRAM as SEALED_GRAM, Sealed};
pub use sealed::{
    Metadata, Profile, Proof, SealInfo, SealKey, SealOptions, SealedFile, SealedWork, Signature, Trust,
    Verification,
};
pub(crate) use segment::{Found, Posting, STRIDE, SeedIndex, Segment, SegmentBuilder};
#[cfg(feature = "store")]
pub use store::{Commit, Embedded, Finding, OpenOptions, Writer, check, embed};
pub(crate) use tables::key as seed_key;
pub use tables::{IndexedWork, Seed, Statistics};
pub use work::{Creator, Licence, Reservation, Warning, Work};

use crate::error::{Error, Result};

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
    /// Withdrawn or replaced works that still take room in the index until it is compacted. They are not searched.
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

/// Version of the registry's format, as `FORMAT.md` describes it. It changes when a reader of the old form would
/// misread the new.
pub(crate) const FORMAT: u32 = 1;

/// Version of the Unicode tables that fold texts.
pub(crate) fn unicode_version() -> String {
    let (major, minor, update) = crate::text::UNICODE_VERSION;
    format!("{major}.{minor}.{update}")
}

/// A snapshot of a registry, for reading: what it searches never changes, whatever a writer does meanwhile. Cheap to
/// clone.
#[derive(Clone)]
pub struct Registry(Arc<Snapshot>);

struct Snapshot {
    views: Vec<View>,
    info: Info,
    works: Works,
    /// Of an excerpt.
    stock_words: Option<u32>,
}

/// Where the works themselves are.
enum Works {
    Memory(memory::Works),
    #[cfg(feature = "store")]
    Folder(std::path::PathBuf),
    /// Nowhere: only their grams, some of them, hashed.
    Sealed(Box<Sealed>),
}

impl Works {
    fn none() -> Error {
        Error::input("this registry is sealed: it does not hold the works")
    }
}

impl Registry {
    /// A registry in memory, from works. A later work with the same `work_id` replaces the earlier.
    /// Time and memory are linear in the works' text.
    ///
    /// # Errors
    /// `is_input`: an empty `work_id` or one with a NUL, or a text without words. `is_limit`: a text beyond the
    /// format's limits.
    pub fn from_works(works: impl IntoIterator<Item = Work>) -> Result<Self> {
        let (views, info, works) = memory::build(works)?;
        Ok(Self(Arc::new(Snapshot { views, info, works: Works::Memory(works), stock_words: None })))
    }

    /// A sealed registry from the bytes of its file. Linear in them; it takes an eighth more in memory.
    ///
    /// # Errors
    /// `is_corrupt`: damaged, or no sealed registry. `is_version`: of a newer format. `is_untrusted`: a signature that
    /// `trust` does not take.
    pub fn from_sealed(file: Vec<u8>, trust: &Trust) -> Result<Self> {
        let sealed = Sealed::new(file, trust)?;
        let info = Info {
            works: sealed.works() as usize,
            index_bytes: sealed.bytes(),
            content_hash: sealed.checksum(),
            format: sealed.format(),
            unicode: sealed.unicode(),
            ..Info::default()
        };
        Ok(Self(Arc::new(Snapshot {
            views: Vec::new(),
            info,
            works: Works::Sealed(Box::new(sealed)),
            stock_words: None,
        })))
    }

    /// What a sealed registry says of itself; `None` where this one holds its works.
    #[must_use]
    pub fn seal_info(&self) -> Option<SealInfo> {
        self.sealed().map(Sealed::info)
    }

    pub(crate) fn sealed(&self) -> Option<&Sealed> {
        match &self.0.works {
            Works::Sealed(sealed) => Some(sealed),
            _ => None,
        }
    }

    /// The works of one segment, given the bytes of its file; for tests with bytes that are hostile. With `all` the
    /// bytes are checked as [`open`](Self::open) checks a file, without as it checks one that is mapped. There is
    /// nothing to export.
    ///
    /// # Errors
    /// Those of [`open`](Self::open) for a damaged file.
    #[cfg(feature = "store")]
    #[doc(hidden)]
    pub fn from_segment_bytes(bytes: Vec<u8>, all: bool) -> Result<Self> {
        let segment = Segment::from_bytes(bytes, all)?;
        let info = Info { works: segment.works() as usize, segments: 1, format: FORMAT, ..Info::default() };
        let views = vec![View { segment, withdrawn: Vec::new() }];
        Ok(Self(Arc::new(Snapshot {
            views,
            info,
            works: Works::Memory(memory::Works::default()),
            stock_words: None,
        })))
    }

    /// Hash over all works and their metadata: BLAKE3 in hexadecimal. It does not depend on the order in which the
    /// works came, nor on whether the registry lies in memory or on disk. Of a sealed registry: of its file.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.0.info.content_hash
    }

    /// The registry in numbers.
    #[must_use]
    pub fn info(&self) -> Info {
        self.0.info.clone()
    }

    /// Gives all works with metadata and text to `each`, in the order of their identifiers' bytes; one work is in
    /// memory at a time. The works of a registry on disk are read as they stand when `export` is called, all of them
    /// from one moment; this may be later than the moment at which the registry was opened. Each is held against its
    /// hashes before it is given; that some are missing is known, and an error, only when all others were given.
    ///
    /// # Errors
    /// Those of `each`. `is_corrupt`: a work is damaged, or not all are there. `is_input`: the registry is
    /// sealed. Where the works cannot be read.
    pub fn export(&self, each: impl FnMut(Work) -> Result<()>) -> Result<()> {
        match &self.0.works {
            Works::Memory(works) => memory::export(works, &self.0.views, each),
            #[cfg(feature = "store")]
            Works::Folder(path) => store::export(path, each),
            Works::Sealed(_) => Err(Works::none()),
        }
    }

    /// One work with metadata and text, as it stands when `work` is called; `None` where there is none with this
    /// identifier. Takes logarithmic time on disk, constant time in memory.
    ///
    /// # Errors
    /// `is_corrupt`: the work is not what was registered. `is_input`: the registry is sealed. Where it cannot be read.
    pub fn work(&self, work_id: &str) -> Result<Option<Work>> {
        match &self.0.works {
            Works::Memory(works) => memory::work(works, &self.0.views, work_id),
            #[cfg(feature = "store")]
            Works::Folder(path) => store::work(path, work_id),
            Works::Sealed(_) => Err(Works::none()),
        }
    }

    /// What a sealed registry says of its works, by their numbers; none where this one holds its works.
    pub fn sealed_works(&self) -> impl Iterator<Item = SealedWork> {
        self.sealed().into_iter().flat_map(|sealed| {
            (0..sealed.works()).map(|work| SealedWork {
                work,
                work_id: sealed.work_id(work).map(Into::into),
                title: sealed.title(work).map(Into::into),
            })
        })
    }

    /// The text of a work as it stands in this snapshot. Constant time in memory, linear in the number of works on disk.
    pub(crate) fn text_of(&self, work_id: &str) -> Result<Option<Cow<'_, str>>> {
        match &self.0.works {
            Works::Memory(works) => memory::text(works, self.views(), work_id),
            #[cfg(feature = "store")]
            Works::Folder(_) => {
                for View { segment, withdrawn } in self.views() {
                    let is_it = |&slot: &u32| {
                        segment.work_id(slot) == work_id && withdrawn.binary_search(&slot).is_err()
                    };
                    if let Some(slot) = (0..segment.works()).find(is_it) {
                        return segment.text(slot).map(Some);
                    }
                }
                Ok(None)
            }
            Works::Sealed(_) => Ok(None),
        }
    }

    pub(crate) fn views(&self) -> &[View] {
        &self.0.views
    }
}
