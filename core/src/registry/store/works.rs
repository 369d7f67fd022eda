//! Reads works from the database. Each is held against its own hashes, and all of them against the content hash: what
//! is damaged is refused, and not handed on.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row};

use super::super::Work;
use super::super::record::{ContentHash, record_hash, restore};
use super::{check, database, files, schema};
use crate::error::{Error, Result};

/// All works in the order of their identifiers' bytes. Where works are missing, damaged or too many, an error comes at
/// the latest when the others were given.
pub(in super::super) fn export(path: &Path, mut each: impl FnMut(Work) -> Result<()>) -> Result<()> {
    let wrap = |e| Error::database("read", &files::database(path), e);
    database::read(path, |connection| {
        let expected = committed(connection, path)?;
        let mut statement =
            connection.prepare(&format!("SELECT {COLUMNS} FROM works ORDER BY work_id")).map_err(wrap)?;
        let mut rows = statement.query([]).map_err(wrap)?;
        let (mut found, mut last) = (HashSum::default(), String::new());
        while let Some(row) = rows.next().map_err(wrap)? {
            let kept = Kept::read(row).map_err(wrap)?;
            found.add(&kept.record_hash);
            let work = kept.restore()?;
            if work.work_id <= last {
                return Err(wrong(path, "is not in the order of its identifiers"));
            }
            last.clone_from(&work.work_id);
            each(work)?;
        }
        if found == expected { Ok(()) } else { Err(wrong(path, "does not give the works that it holds")) }
    })
}

/// One work.
pub(in super::super) fn work(path: &Path, work_id: &str) -> Result<Option<Work>> {
    let found = database::read(path, |connection| {
        connection
            .query_row(&format!("SELECT {COLUMNS} FROM works WHERE work_id = ?1"), [work_id], Kept::read)
            .optional()
            .map_err(|e| Error::database("read", &files::database(path), e))
    })?;
    let work = found.map(Kept::restore).transpose()?;
    match work {
        Some(other) if other.work_id != work_id => Err(wrong(path, "gives another work than was asked for")),
        work => Ok(work),
    }
}

/// The content hash of all works in the database; memory is constant.
pub(super) fn content_hash(connection: &Connection) -> rusqlite::Result<String> {
    let mut content = ContentHash::new();
    each_hash(connection, |hash| content.add(hash))?;
    Ok(content.finish())
}

/// Holds the list of all works against the content hash that was committed with it, and gives their sum.
pub(super) fn committed(connection: &Connection, path: &Path) -> Result<HashSum> {
    let wrap = |e| Error::database("read", &files::database(path), e);
    let (mut content, mut sum) = (ContentHash::new(), HashSum::default());
    each_hash(connection, |hash| {
        content.add(hash);
        sum.add(hash);
    })
    .map_err(wrap)?;
    if schema::meta(connection, "content_hash").map_err(wrap)? == Some(content.finish()) {
        Ok(sum)
    } else {
        Err(wrong(path, "does not hold the works that were committed"))
    }
}

/// Columns that [`Kept::read`] wants.
pub(super) const COLUMNS: &str = "metadata, record_hash, text_hash, text";

/// A work as it stands in the database.
pub(super) struct Kept {
    metadata: String,
    pub(super) record_hash: [u8; 32],
    pub(super) text_hash: [u8; 32],
    text: String,
}

impl Kept {
    /// From a row that begins with [`COLUMNS`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            metadata: row.get(0)?,
            record_hash: row.get(1)?,
            text_hash: row.get(2)?,
            text: row.get(3)?,
        })
    }

    /// The work, if it is the one that was registered.
    pub(super) fn restore(self) -> Result<Work> {
        let work = restore(&self.metadata, self.text)?;
        let problem = if *blake3::hash(work.text.as_bytes()).as_bytes() != self.text_hash {
            "text"
        } else if record_hash(&self.metadata, &self.text_hash) != self.record_hash {
            "metadata"
        } else {
            return Ok(work);
        };
        let id = work.work_id;
        Err(Error::corrupt(format!("the {problem} of work {id:?} is damaged: {}", check::REGISTER)))
    }
}

/// A sum of hashes, the same in any order: tells whether two lists hold the same, as far as chance goes (Bellare and
/// Micciancio 1997).
#[derive(Default, PartialEq, Eq)]
pub(super) struct HashSum([u64; 4]);

impl HashSum {
    pub(super) fn add(&mut self, hash: &[u8]) {
        for (sum, part) in self.0.iter_mut().zip(hash.as_chunks().0) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*part));
        }
    }
}

pub(super) fn wrong(path: &Path, what: &str) -> Error {
    Error::corrupt(format!("{} is damaged: it {what}: {}", files::database(path).display(), check::RESTORE))
}

fn each_hash(connection: &Connection, mut each: impl FnMut(&[u8])) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT record_hash FROM works ORDER BY record_hash")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_blob()?);
    }
    Ok(())
}
