//! Opens the database for reading and for writing.
//!
//! At rest the file is in SQLite's rollback mode: one file, readable from a read-only folder, with locks that work on
//! a file one may only read. While a writer is at work it is in write-ahead mode, so that readers are not kept
//! waiting by a transaction of a million works. The writer turns it there and back. Not where the registry is new:
//! there is nothing to read, and write-ahead mode writes everything twice.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{files, schema, works};
use crate::error::{Error, Result};

/// How long SQLite waits for another program's lock; these are held for moments, or through an export.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of the database that a writer keeps in memory (in KiB, negative, as SQLite wants it): the leaves of the
/// indexes of a million works fit.
const CACHE_KIB: i64 = -65_536;

/// Bytes of a page of a new database. Most works have a good thousand: of pages of 4 KiB, SQLite's own size, a quarter
/// stays empty, and four times as many have to be looked after.
const PAGE: i64 = 16_384;

/// Runs `read` in one read transaction over the registry in `folder`.
pub(super) fn read<T>(folder: &Path, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let path = files::database(folder);
    if folder.is_file() {
        return Err(Error::input(format!(
            "{} is a file, and a registry with its works is a folder; a sealed one is checked whenever it is opened",
            folder.display()
        )));
    }
    let missing =
        |what: &str| Error::not_found(format!("there is no registry at {}: {what}", folder.display()));
    if files::length(folder)?.is_none() {
        return Err(missing("nothing has this path"));
    }
    if files::length(&path)?.is_none() {
        return Err(missing("it has no works.db"));
    }
    let wrap = |e| Error::database("read", &path, e);
    let connection = begin(&path, Access::Read).or_else(|e| match cannot_write(&e) {
        // Its last writer was killed, or the power went: SQLite puts it right, if this program may.
        true if files::unfinished(folder) => begin(&path, Access::Mend),
        // A folder that may not be written, with a file that a reader kept a writer from turning back. Nothing is in
        // a log, so the file alone is the whole truth.
        true => begin(&path, Access::Frozen),
        false => Err(e),
    });
    let connection = connection.map_err(|e| {
        if cannot_write(&e) && files::unfinished(folder) {
            Error::corrupt(format!(
                "the last writer of the registry {} did not end well, and this program may not put it right: open it \
                 once with the right to write: {e}",
                folder.display()
            ))
        } else {
            wrap(e)
        }
    })?;
    match schema::accept(schema::identify(&connection).map_err(wrap)?, folder)? {
        Some(_) if !schema::is_intact(&connection).map_err(wrap)? => Err(strange(folder)),
        Some(_) => read(&connection),
        None => Err(missing("its first registration was not finished")),
    }
}

fn strange(folder: &Path) -> Error {
    works::wrong(folder, "has other tables than those of its format")
}

/// What SQLite's authors advise for files that may be hostile: whatever is in the file beside tables is not run, and
/// pages are looked at more closely.
fn be_careful(connection: &Connection) -> rusqlite::Result<()> {
    use rusqlite::config::DbConfig::{SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW};
    connection.set_db_config(SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

fn cannot_write(e: &rusqlite::Error) -> bool {
    matches!(
        e.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

/// How a database is opened for reading.
pub(super) enum Access {
    /// Nothing is written.
    Read,
    /// Without locks, because it cannot change.
    Frozen,
    /// What a writer left unfinished is taken back, or put in its place.
    Mend,
}

/// Opens the database and begins to read.
pub(super) fn begin(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let (read, write) = (OpenFlags::SQLITE_OPEN_READ_ONLY, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = match access {
        Access::Read => Connection::open_with_flags(path, read | OpenFlags::SQLITE_OPEN_NO_MUTEX)?,
        Access::Mend => Connection::open_with_flags(path, write | OpenFlags::SQLITE_OPEN_NO_MUTEX)?,
        Access::Frozen => {
            let flags = read | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(frozen_uri(path), flags)?
        }
    };
    connection.busy_timeout(PATIENCE)?;
    be_careful(&connection)?;
    connection.execute_batch("BEGIN")?;
    // The transaction starts with the first read.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn frozen_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b':' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                uri.push((*byte).into())
            }
            b'\\' if cfg!(windows) => uri.push('/'),
            // Writing to a string does not fail.
            _ => drop(write!(uri, "%{byte:02x}")),
        }
    }
    uri + "?immutable=1"
}

/// Opens the database for writing, making it if there is none, and begins the transaction. Gives the version of the
/// tables that are there: 0 for none.
pub(super) fn write(folder: &Path) -> Result<(Connection, u32)> {
    let path = files::database(folder);
    let wrap = |e| Error::database("open for writing", &path, e);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(wrap)?;
    connection.busy_timeout(PATIENCE).map_err(wrap)?;
    be_careful(&connection).map_err(wrap)?;
    // Asked before anything is written: what is not ours, or newer than we are, stays as it is.
    let version = schema::accept(schema::identify(&connection).map_err(wrap)?, folder)?;
    if version.is_some() && !schema::is_intact(&connection).map_err(wrap)? {
        return Err(strange(folder));
    }
    begin_writing(&connection, version.is_none()).map_err(wrap)?;
    Ok((connection, version.unwrap_or(0)))
}

fn begin_writing(connection: &Connection, is_new: bool) -> rusqlite::Result<()> {
    // A new registry has nobody who reads: in rollback mode its pages are written once, not to a log first.
    if is_new {
        connection.pragma_update(None, "page_size", PAGE)?;
    } else {
        // Where the file system has no shared memory SQLite stays in rollback mode; then readers wait for a commit.
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    }
    // In rollback mode a commit is that the journal's name is gone: `extra` makes that durable, `full` does not, and a
    // journal that comes back when the power does would undo what was reported as done. In write-ahead mode both are one.
    connection.pragma_update(None, "synchronous", "extra")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    // Otherwise SQLite plans a statement anew whenever a value is bound to it that might change the plan; ours are
    // the same for any value, and planning took half of the time spent here.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Texts that are withdrawn are overwritten, not only unlinked.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.execute_batch("BEGIN IMMEDIATE")
}

/// Makes the file smaller where a good part of it is unused. It stays valid if this does not succeed.
pub(super) fn give_back_room(connection: &Connection) {
    let pages = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap_or(0);
    if pages("freelist_count") * 4 > pages("page_count") {
        let _ = connection.execute_batch("VACUUM");
    }
}

/// Closes a writer's database and puts it to rest. Nothing depends on that: where it fails (a reader is at work), the
/// next writer does it.
pub(super) fn rest(connection: Connection) {
    let _ = connection.busy_timeout(Duration::from_millis(500));
    let _ = connection.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()));
    let _ = connection.close();
}
