//! The database's tables, and how a database tells what it is. `FORMAT.md` explains every column.

use std::path::Path;

use rusqlite::Connection;

use super::super::FORMAT;
use crate::error::{Error, Result};

/// "nglm": stands in the database file's header, so that `file` and any SQLite tool can name it.
const APPLICATION_ID: i32 = 0x6e67_6c6d;

/// What makes each version of the format from the one before. The first makes it from nothing.
const MIGRATIONS: [&str; FORMAT as usize] = ["
    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE works (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        work_id TEXT NOT NULL UNIQUE,
        title TEXT,
        language TEXT,
        metadata TEXT NOT NULL,
        record_hash BLOB NOT NULL CHECK (length(record_hash) = 32),
        text_hash BLOB NOT NULL CHECK (length(text_hash) = 32),
        text TEXT NOT NULL
    ) STRICT;

    CREATE TABLE segments (
        id INTEGER PRIMARY KEY,
        file TEXT NOT NULL UNIQUE,
        hash BLOB NOT NULL,
        works INTEGER NOT NULL,
        words INTEGER NOT NULL,
        text_bytes INTEGER NOT NULL,
        file_bytes INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE places (
        work INTEGER PRIMARY KEY REFERENCES works (id),
        segment INTEGER NOT NULL REFERENCES segments (id),
        slot INTEGER NOT NULL,
        UNIQUE (segment, slot)
    ) STRICT;

    CREATE TABLE withdrawn (
        segment INTEGER NOT NULL REFERENCES segments (id),
        slot INTEGER NOT NULL,
        text_bytes INTEGER NOT NULL,
        PRIMARY KEY (segment, slot)
    ) STRICT, WITHOUT ROWID;
"];

/// The indexes over works by their hashes. They are made anew after works came into an empty table: in one go, which
/// takes a fraction of the time.
const INDEXES: [(&str, &str); 2] = [("works_by_record", "record_hash"), ("works_by_text", "text_hash")];

/// Makes the indexes that are not there.
pub(super) fn make_indexes(connection: &Connection) -> rusqlite::Result<()> {
    INDEXES.iter().try_for_each(|(name, column)| {
        connection.execute_batch(&format!("CREATE INDEX IF NOT EXISTS {name} ON works ({column})"))
    })
}

/// What a database says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// A database without any table: new, or its first writer has not committed.
    Blank,
    /// A registry of this version.
    Registry(u32),
    /// Some other program's database.
    Foreign,
}

/// Reads the database's identity.
pub(super) fn identify(connection: &Connection) -> rusqlite::Result<Identity> {
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if application == APPLICATION_ID {
        return Ok(Identity::Registry(version.try_into().unwrap_or(u32::MAX)));
    }
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(if application == 0 && tables == 0 { Identity::Blank } else { Identity::Foreign })
}

/// Holds the identity against what this build can read.
pub(super) fn accept(identity: Identity, folder: &Path) -> Result<Option<u32>> {
    match identity {
        Identity::Blank => Ok(None),
        Identity::Foreign => Err(Error::exists(format!(
            "{} is the database of another program, not a registry: give another path",
            super::files::database(folder).display()
        ))),
        Identity::Registry(version @ 1..=FORMAT) => Ok(Some(version)),
        Identity::Registry(0) => {
            Err(Error::corrupt(format!("the registry {} does not say its format version", folder.display())))
        }
        Identity::Registry(version) => Err(Error::version(format!(
            "the registry {} has format {version}, this build reads up to {FORMAT}: update nagalm",
            folder.display()
        ))),
    }
}

/// Tables that a registry has from its first commit on.
const TABLES: [&str; 5] = ["meta", "works", "segments", "places", "withdrawn"];

/// Whether the tables are those that this library makes, word for word: another program's view or computed column in
/// their place could say anything, and take any time to say it. What else is in the database does not matter.
pub(super) fn is_intact(connection: &Connection) -> rusqlite::Result<bool> {
    let mut of_name =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
    for table in TABLES {
        let found: Vec<String> =
            of_name.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let is_ours = |sql: &String| sql.starts_with("CREATE TABLE ") && MIGRATIONS[0].contains(sql.as_str());
        if found.len() != 1 || !found.iter().all(is_ours) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Brings the tables from version `from` (0: none) to the present one. Runs within the writer's transaction.
pub(super) fn migrate(connection: &Connection, from: u32) -> rusqlite::Result<()> {
    for sql in &MIGRATIONS[from as usize..] {
        connection.execute_batch(sql)?;
    }
    if from < FORMAT {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
    }
    Ok(())
}

/// A value of the table `meta`.
pub(super) fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    use rusqlite::OptionalExtension;
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Sets a value of the table `meta`.
pub(super) fn set_meta(connection: &Connection, key: &str, value: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute([key, value])?;
    Ok(())
}
