//! Adds and withdraws works.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::super::record::Record;
use super::super::segment::MAX_WORDS;
use super::super::{Added, Warning, Work, unicode_version};
use super::files::{self, Before};
use super::filling::OpenSegment;
use super::snapshot::{self, Listed};
use super::works::{self, Kept};
use super::{check, database, schema, vectors};
use crate::error::{Error, Result};

/// What a commit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Works that are there now and were not before.
    pub added: usize,
    /// Times that a work which was there before was replaced.
    pub replaced: usize,
    /// Works that were there before and are gone.
    pub withdrawn: usize,
    /// The registry's content hash from now on.
    pub content_hash: String,
}

/// Adds and withdraws works, all or nothing: nothing is seen by readers before [`commit`](Writer::commit), and
/// dropping a writer leaves the registry as it was. Memory does not grow with the number of works.
///
/// After an error of kind `is_input` or `is_limit` nothing has changed and the writer goes on; after any other it
/// refuses to go on, and only dropping is left.
pub struct Writer {
    pub(super) folder: PathBuf,
    // `None` once closed.
    connection: Option<Connection>,
    // Held until everything else is closed.
    _lock: files::Lock,
    before: Before,
    /// The segment that takes works now.
    pub(super) open: Option<OpenSegment>,
    pub(super) next_segment: i64,
    /// Files that were given their name in this transaction: removed if it fails.
    pub(super) fresh: Vec<String>,
    /// Files that the transaction leaves without use: removed when it is committed.
    pub(super) obsolete: Vec<String>,
    /// Works with a greater row number were added in this transaction.
    last_old_work: i64,
    done: Commit,
    pub(super) changed: bool,
    compacted: bool,
    /// Works of finished segments that this transaction withdraws or replaces: their slots by segment.
    pub(super) buried: BTreeMap<i64, Vec<u32>>,
    /// Why what the database says of the index is not to be trusted. A compaction makes it anew.
    pub(super) damage: Option<String>,
    failed: bool,
    first: Option<FirstWorks>,
    pub(super) max_words: u64,
}

impl Writer {
    /// Opens the registry at `path` for writing, making it (and the folders above it) if there is none. One writer at
    /// a time. Files that a killed writer left are cleared away. Where what the database says of its index files is
    /// damaged, the writer takes nothing (`is_corrupt`) before [`compact`](Writer::compact) has made it anew.
    ///
    /// # Errors
    /// `is_locked`: another writer is at work. `is_exists`: there is something at `path` that is not a registry.
    /// `is_version`: the registry was written by a newer nagalm. `is_io`: the folder cannot be written.
    pub fn open(path: &Path) -> Result<Self> {
        let mut before = files::survey(path)?;
        files::create(path)?;
        let lock = files::lock(path)?;
        let (connection, version) = database::write(path).inspect_err(|_| {
            if before != Before::Database {
                files::uncreate(path, before);
            }
        })?;
        if version == 0 && before == Before::Database {
            before = Before::Empty;
        }
        let mut writer = Self {
            folder: path.into(),
            connection: Some(connection),
            _lock: lock,
            before,
            open: None,
            next_segment: 1,
            fresh: Vec::new(),
            obsolete: Vec::new(),
            last_old_work: 0,
            done: Commit::default(),
            changed: before != Before::Database,
            compacted: false,
            buried: BTreeMap::new(),
            damage: None,
            failed: false,
            first: None,
            max_words: MAX_WORDS,
        };
        writer.prepare(version)?;
        Ok(writer)
    }

    /// Adds a work, or replaces the one with its `work_id`. Nothing is trimmed or put right; what is odd is told.
    ///
    /// # Errors
    /// `is_input`: an empty `work_id` or one with a NUL, or a text without words. `is_limit`: a work beyond 900 MB.
    /// `is_io`: the system refused.
    pub fn add(&mut self, work: Work) -> Result<Added> {
        self.add_record(Record::new(work)?)
    }

    /// Adds works one after the other, as [`add`](Writer::add) does; what can be done to each by itself is done on all
    /// cores (with the feature `parallel`). One answer for each work, in their order.
    pub fn add_all(&mut self, works: Vec<Work>) -> Vec<Result<Added>> {
        #[cfg(feature = "parallel")]
        let records: Vec<Result<Record>> = {
            use rayon::prelude::*;
            works.into_par_iter().map(Record::new).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let records = works.into_iter().map(Record::new);
        records.into_iter().map(|record| self.add_record(record?)).collect()
    }

    fn add_record(&mut self, mut record: Record) -> Result<Added> {
        let mut added = Added { warnings: std::mem::take(&mut record.warnings), ..Added::default() };
        self.attempt(|writer| writer.take(&record, &mut added))?;
        Ok(added)
    }

    /// Withdraws a work; `false` where there is none with this identifier. Its text is erased from the database with
    /// the commit, and from the index with the next [`compact`](Writer::compact).
    ///
    /// # Errors
    /// `is_io`: the system refused.
    pub fn withdraw(&mut self, work_id: &str) -> Result<bool> {
        self.attempt(|writer| {
            writer.refuse_damage()?;
            let Some(old) = writer.find(work_id)? else {
                return Ok(false);
            };
            writer.index_works()?;
            writer.bury(&old)?;
            writer.sql(|c| c.prepare_cached("DELETE FROM places WHERE work = ?1")?.execute([old.work]))?;
            writer.sql(|c| c.prepare_cached("DELETE FROM works WHERE id = ?1")?.execute([old.work]))?;
            if old.work > writer.last_old_work {
                writer.done.added -= 1;
            } else {
                writer.done.withdrawn += 1;
            }
            Ok(true)
        })
    }

    /// Rebuilds all segments from the database: without the withdrawn works, whose texts are erased, and sound again
    /// if they were damaged. Takes time linear in the registry, and room on disk for the new beside the old. Vectors of
    /// withdrawn works are erased once it is committed, or by [`embed`](crate::embed) where that is at work.
    ///
    /// # Errors
    /// `is_corrupt`: a work itself is damaged. `is_io`: the system refused.
    pub fn compact(&mut self) -> Result<()> {
        self.attempt(|writer| writer.rebuild_all())?;
        self.compacted = true;
        Ok(())
    }

    /// Makes everything since `open` visible at once and durable.
    ///
    /// # Errors
    /// `is_io`: the system refused; then the registry is as it was before.
    pub fn commit(mut self) -> Result<Commit> {
        self.attempt(|writer| {
            writer.refuse_damage()?;
            writer.finish_segment()?;
            writer.index_works()?;
            writer.tidy()?;
            if !writer.changed {
                writer.done.content_hash =
                    writer.sql(|c| schema::meta(c, "content_hash"))?.unwrap_or_default();
                return Ok(());
            }
            writer.done.content_hash = writer.sql(works::content_hash)?;
            writer.sql(|c| {
                let generation =
                    schema::meta(c, "generation")?.and_then(|g| g.parse().ok()).unwrap_or(0_u64) + 1;
                schema::set_meta(c, "generation", &generation.to_string())?;
                schema::set_meta(c, "content_hash", &writer.done.content_hash)?;
                schema::set_meta(c, "next_segment", &writer.next_segment.to_string())?;
                schema::set_meta(c, "unicode", &unicode_version())?;
                schema::set_meta(c, "written_by", &format!("nagalm {}", crate::VERSION))?;
                snapshot::seal(c)
            })?;
            // First the files and their names, then the database that speaks of them.
            files::sync_folder(&files::segments(&writer.folder))?;
            files::sync_folder(&writer.folder)?;
            if writer.before == Before::Nothing
                && let Some(parent) = writer.folder.parent()
            {
                files::sync_folder(parent)?;
            }
            writer.sql(|c| c.execute_batch("COMMIT"))
        })?;
        if self.changed {
            // From here on nothing can fail: what is left undone the next writer does.
            self.before = Before::Database;
            self.fresh.clear();
            for file in std::mem::take(&mut self.obsolete) {
                files::remove(&files::segments(&self.folder).join(file));
            }
            if let Some(connection) = &self.connection {
                database::give_back_room(connection);
            }
        }
        if self.compacted {
            // Damaged ones `check` tells of, and those that are being made are looked through in the end.
            let _ = vectors::erase_gone(&self.folder);
        }
        Ok(std::mem::take(&mut self.done))
    }

    fn prepare(&mut self, version: u32) -> Result<()> {
        self.sql(|c| schema::migrate(c, version))?;
        self.last_old_work =
            self.sql(|c| c.query_row("SELECT coalesce(max(id), 0) FROM works", [], |row| row.get(0)))?;
        // A table that was emptied keeps its indexes: it has few works most of the time, and others may count on them.
        if version == 0 {
            self.first = Some(FirstWorks::default());
        }
        let next: Option<String> = self.sql(|c| schema::meta(c, "next_segment"))?;
        let known = self.segments()?;
        // Above all that are there, too, in case that damage made it smaller.
        let above = known.iter().map(|segment| segment.id.saturating_add(1)).max().unwrap_or(1);
        self.next_segment = next.and_then(|n| n.parse().ok()).unwrap_or(1).max(above);
        if version != 0 {
            self.damage = self.sql(Listed::read)?.accept(&self.folder).err().map(|e| e.to_string());
        }
        if self.damage.is_some() {
            // Which files are wanted is not known.
            return Ok(());
        }
        for name in files::list_segments(&self.folder)? {
            if files::is_ours(&name) && !known.iter().any(|segment| segment.file == name) {
                files::remove(&files::segments(&self.folder).join(name));
            }
        }
        Ok(())
    }

    fn take(&mut self, record: &Record, added: &mut Added) -> Result<()> {
        self.refuse_damage()?;
        // Most of the first works have an identifier that nobody asked the database for.
        let is_new = self.first.as_mut().is_some_and(|first| first.is_new(&record.work_id));
        let old = if is_new { None } else { self.find(&record.work_id)? };
        if old.is_some() || self.first.as_ref().is_some_and(|first| first.by_text.len() >= MOST_FIRST_WORKS) {
            self.index_works()?;
        }
        let same_text = match &self.first {
            // None of these was replaced or withdrawn: the first with this text still has it.
            Some(first) => match first.by_text.get(&FirstWorks::key(record)) {
                Some(work) => self.same_text("id = ?3", record, *work)?,
                None => None,
            },
            None => self.same_text("?3 = 0", record, 0)?,
        };
        added.warnings.extend(same_text.map(Warning::SameText));
        if old.as_ref().is_some_and(|old| old.hash == Some(record.hash)) {
            added.unchanged = true;
            return Ok(());
        }
        let (segment, slot) =
            self.place(&record.work_id, record.title.as_deref(), &record.text, &record.text_hash)?;
        match old {
            Some(old) => {
                self.bury(&old)?;
                self.sql(|c| {
                    c.prepare_cached(
                        "UPDATE works SET title = ?2, language = ?3, metadata = ?4, record_hash = ?5, text_hash = ?6,
                         text = ?7 WHERE id = ?1",
                    )?
                    .execute(params![
                        old.work,
                        record.title,
                        record.language,
                        record.metadata,
                        record.hash,
                        record.text_hash,
                        record.text
                    ])
                })?;
                self.put(old.work, segment, slot)?;
                added.replaced = true;
                if old.work <= self.last_old_work {
                    self.done.replaced += 1;
                }
            }
            None => {
                let work = self.sql(|c| {
                    c.prepare_cached(
                        "INSERT INTO works (work_id, title, language, metadata, record_hash, text_hash, text)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    )?
                    .insert(params![
                        record.work_id,
                        record.title,
                        record.language,
                        record.metadata,
                        record.hash,
                        record.text_hash,
                        record.text
                    ])
                })?;
                self.put(work, segment, slot)?;
                self.done.added += 1;
                if let Some(first) = &mut self.first {
                    first.by_text.entry(FirstWorks::key(record)).or_insert(work);
                }
            }
        }
        self.close_if_full()
    }

    /// The first other work with the text of `record`, among those for which `also` holds.
    fn same_text(&self, also: &str, record: &Record, work: i64) -> Result<Option<String>> {
        self.sql(|c| {
            c.prepare_cached(&format!(
                "SELECT work_id FROM works WHERE text_hash = ?1 AND work_id <> ?2 AND {also} ORDER BY id LIMIT 1",
            ))?
            .query_row(params![record.text_hash, record.work_id, work], |row| row.get(0))
            .optional()
        })
    }

    /// Makes the indexes over works that were put off while the first works came.
    fn index_works(&mut self) -> Result<()> {
        if self.first.take().is_some() {
            self.sql(schema::make_indexes)?;
        }
        Ok(())
    }

    /// The work with this identifier.
    fn find(&self, work_id: &str) -> Result<Option<Old>> {
        let sql = format!(
            "SELECT {}, id, segment, slot, octet_length(text) FROM works JOIN places ON work = id WHERE work_id = ?1",
            works::COLUMNS
        );
        let found = self.sql(|c| {
            c.prepare_cached(&sql)?
                .query_row([work_id], |row| {
                    // A row that is damaged may be replaced or withdrawn, and is like no other.
                    let kept = Kept::read(row).ok();
                    let hash = kept.as_ref().map(|kept| kept.record_hash);
                    let work = kept.and_then(|kept| kept.restore().ok());
                    let is_other = work.as_ref().is_some_and(|work| work.work_id != work_id);
                    let old = Old {
                        work: row.get(4)?,
                        hash: hash.filter(|_| work.is_some()),
                        segment: row.get(5)?,
                        slot: row.get(6)?,
                        text_bytes: row.get(7)?,
                    };
                    Ok((old, is_other))
                })
                .optional()
        })?;
        match found {
            Some((_, true)) => Err(works::wrong(&self.folder, "gives another work than was asked for")),
            found => Ok(found.map(|(old, _)| old)),
        }
    }

    /// Nothing is built on a list of segments that is damaged: the next commit would make it look sound.
    fn refuse_damage(&self) -> Result<()> {
        self.damage.as_ref().map_or(Ok(()), |damage| Err(Error::corrupt(damage)))
    }

    /// Puts a stone where a work lay: its slot is not searched any more.
    fn bury(&mut self, old: &Old) -> Result<()> {
        // Another work's place would hide that work, and leave this one to be found.
        let there: Option<i64> = self.sql(|c| {
            c.prepare_cached("SELECT work FROM places WHERE segment = ?1 AND slot = ?2")?
                .query_row([old.segment, old.slot.into()], |row| row.get(0))
                .optional()
        })?;
        if there != Some(old.work) {
            let database = files::database(&self.folder);
            return Err(Error::corrupt(format!(
                "what {} says of where works lie is damaged: {}",
                database.display(),
                check::REBUILD
            )));
        }
        self.changed = true;
        self.buried.entry(old.segment).or_default().push(old.slot);
        self.sql(|c| {
            c.prepare_cached("INSERT INTO withdrawn VALUES (?1, ?2, ?3)")?.execute(params![
                old.segment,
                old.slot,
                old.text_bytes
            ])
        })?;
        Ok(())
    }

    /// Runs a piece of the transaction. When it fails for a reason that is not the caller's, the transaction cannot be
    /// trusted any more.
    fn attempt<T>(&mut self, piece: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.failed {
            return Err(Error::io(
                "go on writing to",
                &self.folder,
                std::io::Error::other("an earlier write failed; nothing was changed; begin again"),
            ));
        }
        let result = piece(self);
        self.failed = result.as_ref().is_err_and(|e| !e.is_input() && !e.is_limit());
        result
    }

    /// Talks to the database.
    pub(super) fn sql<T>(&self, talk: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        talk(self.connection()?).map_err(|e| Error::database("write to", &files::database(&self.folder), e))
    }

    pub(super) fn connection(&self) -> Result<&Connection> {
        let closed = || std::io::Error::other("it was closed");
        self.connection
            .as_ref()
            .ok_or_else(|| Error::io("write to", &files::database(&self.folder), closed()))
    }
}

/// The works of a registry that is new: as long as works are only added, nobody asks for them but by identifier and by
/// text, and the indexes over their hashes can be made at the end.
#[derive(Default)]
struct FirstWorks {
    /// Of each text the first work: by a part of the text's hash, the row number.
    by_text: HashMap<u64, i64>,
    /// Hashes of identifiers that came.
    ids: HashSet<u64>,
}

/// After so many first works their indexes are made, so that memory does not grow with the number of works.
const MOST_FIRST_WORKS: usize = 1 << 21;

impl FirstWorks {
    fn key(record: &Record) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = record.text_hash;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// Whether no work with this identifier came before. Where two have one hash, the database is asked without need.
    fn is_new(&mut self, work_id: &str) -> bool {
        let hash = self.ids.hasher().hash_one(work_id);
        self.ids.insert(hash)
    }
}

/// A work that is there already.
struct Old {
    work: i64,
    /// Of its record; none where the row is damaged.
    hash: Option<[u8; 32]>,
    segment: i64,
    slot: u32,
    text_bytes: u64,
}

impl Drop for Writer {
    fn drop(&mut self) {
        // The draft goes first: it removes its own file.
        self.open = None;
        if let Some(connection) = self.connection.take() {
            if !connection.is_autocommit() {
                let _ = connection.execute_batch("ROLLBACK");
            }
            database::rest(connection);
        }
        for file in &self.fresh {
            files::remove(&files::segments(&self.folder).join(file));
        }
        if self.before != Before::Database {
            files::uncreate(&self.folder, self.before);
        }
    }
}
