//! What opening a registry reads of the database: which index files there are, and what was withdrawn from them.
//!
//! It is little and read as a whole, so one hash stands for it. Without that a flipped bit in a withdrawn slot would
//! search a work that was withdrawn and pass over another, and nobody would notice.

use std::path::Path;

use rusqlite::Connection;

use super::{check, files, schema};
use crate::error::{Error, Result};

/// Key of the hash in the table `meta`.
pub(super) const KEY: &str = "snapshot";

/// What the database says of the segments, from one moment.
pub(super) struct Listed {
    pub(super) generation: String,
    pub(super) content_hash: String,
    pub(super) unicode: String,
    pub(super) format: u32,
    pub(super) segments: Vec<ListedSegment>,
    next_segment: String,
    /// The hash that was written with all of this.
    committed: String,
}

/// One segment as the database knows it.
pub(super) struct ListedSegment {
    pub(super) id: i64,
    pub(super) file: String,
    pub(super) hash: Vec<u8>,
    pub(super) works: u32,
    pub(super) words: u64,
    pub(super) text_bytes: u64,
    pub(super) file_bytes: u64,
    /// Slots that are withdrawn, ascending, and the bytes of their texts in all.
    pub(super) withdrawn: Vec<u32>,
    pub(super) withdrawn_bytes: u64,
}

impl Listed {
    /// Reads it, whatever it says.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let meta = |key| Ok::<_, rusqlite::Error>(schema::meta(connection, key)?.unwrap_or_default());
        let mut slots =
            connection.prepare("SELECT slot, text_bytes FROM withdrawn WHERE segment = ?1 ORDER BY slot")?;
        let segments = connection
            .prepare("SELECT id, file, hash, works, words, text_bytes, file_bytes FROM segments ORDER BY id")?
            .query_map([], |row| {
                let mut segment = ListedSegment {
                    id: row.get(0)?,
                    file: row.get(1)?,
                    hash: row.get(2)?,
                    works: row.get(3)?,
                    words: row.get(4)?,
                    text_bytes: row.get(5)?,
                    file_bytes: row.get(6)?,
                    withdrawn: Vec::new(),
                    withdrawn_bytes: 0,
                };
                let mut found = slots.query([segment.id])?;
                while let Some(row) = found.next()? {
                    segment.withdrawn.push(row.get(0)?);
                    // Whatever damage makes of it: the hash tells.
                    segment.withdrawn_bytes = segment.withdrawn_bytes.wrapping_add(row.get(1)?);
                }
                Ok(segment)
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(Self {
            generation: meta("generation")?,
            content_hash: meta("content_hash")?,
            unicode: meta("unicode")?,
            format: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
            segments,
            next_segment: meta("next_segment")?,
            committed: meta(KEY)?,
        })
    }

    /// The hash that stands for all of it, as `FORMAT.md` says; in hexadecimal.
    pub(super) fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"nagalm.snapshot/1\n");
        for value in [&self.generation, &self.content_hash, &self.unicode, &self.next_segment] {
            hasher.update(&(value.len() as u64).to_le_bytes()).update(value.as_bytes());
        }
        hasher.update(&(self.segments.len() as u64).to_le_bytes());
        for segment in &self.segments {
            hasher.update(&segment.id.to_le_bytes());
            for value in [segment.file.as_bytes(), &segment.hash] {
                hasher.update(&(value.len() as u64).to_le_bytes()).update(value);
            }
            let withdrawn = segment.withdrawn.len() as u64;
            for number in [
                u64::from(segment.works),
                segment.words,
                segment.text_bytes,
                segment.file_bytes,
                segment.withdrawn_bytes,
                withdrawn,
            ] {
                hasher.update(&number.to_le_bytes());
            }
            for slot in &segment.withdrawn {
                hasher.update(&slot.to_le_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Whether it is what was committed.
    pub(super) fn is_sound(&self) -> bool {
        self.committed == self.hash()
    }

    /// Refuses what was not committed.
    pub(super) fn accept(&self, folder: &Path) -> Result<()> {
        if self.is_sound() {
            return Ok(());
        }
        Err(Error::corrupt(format!(
            "the list of index files and withdrawn works in {} is damaged: {}",
            files::database(folder).display(),
            check::REBUILD
        )))
    }
}

/// Writes the hash over what the transaction leaves, as its last act.
pub(super) fn seal(connection: &Connection) -> rusqlite::Result<()> {
    schema::set_meta(connection, KEY, &Listed::read(connection)?.hash())
}
