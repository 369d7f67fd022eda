//! Holds everything in a registry against everything else, and says what to do about what does not hold.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::super::record::{record_hash, restore};
use super::super::{Segment, View};
use super::snapshot::{self, Listed, ListedSegment};
use super::{database, files, list, open_segment, schema, vectors, works};
use crate::error::{Error, Result};

/// Something that [`check`] found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file or work it concerns.
    pub place: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// What to do about a segment.
pub(super) const REBUILD: &str =
    "the texts are safe in works.db, and a compaction (`nagalm compact`) rebuilds the index";
/// What to do about the database.
pub(super) const RESTORE: &str = "restore the registry's folder from a backup";
/// What to do about one work.
pub(super) const REGISTER: &str = "register this work again, or restore the registry's folder from a backup";

/// After this many findings the rest is only counted: they have one cause, most likely.
const ENOUGH: usize = 1000;

/// Reads everything in the registry at `path` and names what does not hold; nothing found means that every text,
/// every index and the content hash are what they were when they were committed. `progress` gets bytes done and in
/// all. Writes nothing; others may read and write meanwhile. Takes time linear in the registry, memory of its index.
///
/// # Errors
/// `is_not_found`: there is no registry. `is_version`: it was written by a newer nagalm. `is_io`, `is_locked`: it
/// cannot be read. Damage is never an error here but a finding.
pub fn check(path: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Vec<Finding>> {
    loop {
        let mut generation = None;
        let mut findings = Findings::default();
        let read = database::read(path, |connection| {
            let mut look = Look { path, findings: &mut findings, progress: &mut progress, done: 0, total: 0 };
            look.all(connection, &mut generation).map_err(|e| match e {
                Trouble::Ours(e) => e,
                Trouble::Database(e) => Error::database("read", &files::database(path), e),
            })
        });
        match read {
            Err(e) if e.is_corrupt() => findings.add(files::DATABASE, format!("{e}: {RESTORE}")),
            other => other?,
        }
        // A compaction takes segments away under the reader's eyes: what was found may concern yesterday's registry.
        let fleeting = !findings.list.is_empty()
            && generation.is_some_and(|seen| list(path).is_ok_and(|listed| listed.generation != seen));
        if !fleeting {
            for (place, problem) in vectors::problems(path)? {
                findings.add(place, problem);
            }
            return Ok(findings.finish());
        }
    }
}

#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    fn add(&mut self, place: impl Into<String>, problem: impl Into<String>) {
        if self.list.len() < ENOUGH {
            self.list.push(Finding { place: place.into(), problem: problem.into() });
        } else {
            self.more += 1;
        }
    }

    fn finish(mut self) -> Vec<Finding> {
        if self.more > 0 {
            let problem = format!("{} more problems were found: {RESTORE}", self.more);
            self.list.push(Finding { place: "registry".into(), problem });
        }
        self.list
    }
}

/// Both kinds of failure in one `?`.
enum Trouble {
    Ours(Error),
    Database(rusqlite::Error),
}

impl From<Error> for Trouble {
    fn from(e: Error) -> Self {
        Self::Ours(e)
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(e: rusqlite::Error) -> Self {
        Self::Database(e)
    }
}

struct Look<'a> {
    path: &'a Path,
    findings: &'a mut Findings,
    progress: &'a mut dyn FnMut(u64, u64),
    done: u64,
    total: u64,
}

impl Look<'_> {
    fn all(
        &mut self,
        connection: &Connection,
        generation: &mut Option<String>,
    ) -> std::result::Result<(), Trouble> {
        let listed = Listed::read(connection)?;
        *generation = Some(listed.generation.clone());
        // Opened first: an open file stays readable when a compaction removes it.
        let views: Vec<Option<View>> = listed.segments.iter().map(|segment| self.open(segment)).collect();
        let database_bytes = files::length(&files::database(self.path))?.unwrap_or(0);
        self.total =
            database_bytes + listed.segments.iter().map(|s| s.file_bytes + s.text_bytes).sum::<u64>();
        (self.progress)(0, self.total);

        self.database(connection, &listed)?;
        self.advance(database_bytes);
        for (segment, view) in listed.segments.iter().zip(&views) {
            if let Some(view) = view {
                self.attempt(segment, view.segment.verify());
            }
            self.advance(segment.file_bytes);
            self.slots(connection, segment)?;
            self.works(connection, segment, view.as_ref().map(|view| &view.segment))?;
        }
        self.orphans(&listed)?;
        (self.progress)(self.total, self.total);
        Ok(())
    }

    fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        (self.progress)(self.done.min(self.total), self.total);
    }

    fn open(&mut self, listed: &ListedSegment) -> Option<View> {
        let opened = open_segment(self.path, listed, false);
        let segment = self.attempt(listed, opened)?;
        Some(View { segment, withdrawn: listed.withdrawn.clone() })
    }

    /// Turns damage of a segment into a finding.
    fn attempt<T>(&mut self, listed: &ListedSegment, result: Result<T>) -> Option<T> {
        result
            .map_err(|e| {
                let advice = if e.to_string().contains(REBUILD) { "" } else { REBUILD };
                let colon = if advice.is_empty() { "" } else { ": " };
                self.findings.add(&listed.file, format!("{e}{colon}{advice}"));
            })
            .ok()
    }

    fn database(&mut self, connection: &Connection, listed: &Listed) -> rusqlite::Result<()> {
        let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                self.findings.add(files::DATABASE, format!("{line}: {RESTORE}"));
            }
        }
        let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
            let problem = format!("a row of {table} refers to one of {parent} that is not there: {REBUILD}");
            self.findings.add(files::DATABASE, problem);
        }
        for key in ["generation", "content_hash", "unicode", "next_segment", snapshot::KEY] {
            if schema::meta(connection, key)?.is_none() {
                self.findings.add(files::DATABASE, format!("meta has no {key}: {RESTORE}"));
            }
        }
        if let Err(e) = listed.accept(self.path) {
            self.findings.add(files::DATABASE, e.to_string());
        }
        let content_hash = works::content_hash(connection)?;
        if content_hash != listed.content_hash {
            let problem = format!(
                "the works' content hash is {content_hash}, {} was committed: a work was changed, added or removed \
                 by another program; {RESTORE}",
                listed.content_hash
            );
            self.findings.add(files::DATABASE, problem);
        }
        let mut lost =
            connection.prepare("SELECT work_id FROM works WHERE id NOT IN (SELECT work FROM places)")?;
        let mut rows = lost.query([])?;
        while let Some(row) = rows.next()? {
            let work_id: String = row.get(0)?;
            self.findings.add(format!("work {work_id:?}"), format!("stands in no segment: {REGISTER}"));
        }
        Ok(())
    }

    /// Every slot of a segment is either a work's or withdrawn.
    fn slots(&mut self, connection: &Connection, segment: &ListedSegment) -> rusqlite::Result<()> {
        let placed: u64 = connection.query_row(
            "SELECT count(*) FROM places WHERE segment = ?1 AND slot BETWEEN 0 AND ?2 - 1
             AND slot NOT IN (SELECT slot FROM withdrawn WHERE segment = ?1)",
            (segment.id, segment.works),
            |row| row.get(0),
        )?;
        let withdrawn = segment.withdrawn.iter().filter(|&&slot| slot < segment.works).count();
        if withdrawn != segment.withdrawn.len() || placed + withdrawn as u64 != u64::from(segment.works) {
            let problem = format!(
                "of {} works, {placed} are registered and {withdrawn} withdrawn, which does not add up: {REBUILD}",
                segment.works
            );
            self.findings.add(&segment.file, problem);
        }
        Ok(())
    }

    /// Every work of a segment against its hashes, and against the text that the segment holds.
    fn works(
        &mut self,
        connection: &Connection,
        listed: &ListedSegment,
        segment: Option<&Segment>,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(
            "SELECT work_id, title, language, metadata, record_hash, text_hash, text, slot
             FROM places JOIN works ON id = work WHERE segment = ?1 ORDER BY slot",
        )?;
        let mut rows = statement.query([listed.id])?;
        while let Some(row) = rows.next()? {
            // As bytes: a damaged text may be none.
            let work_id = text_of(row.get_ref(0)?)?.unwrap_or_default();
            let place = format!("work {work_id:?}");
            let metadata = text_of(row.get_ref(3)?)?.unwrap_or_default();
            let text = row.get_ref(6)?.as_bytes()?;
            let text_hash = *blake3::hash(text).as_bytes();
            if row.get_ref(5)?.as_blob()? != text_hash {
                self.findings.add(&place, format!("its text is not the one that was registered: {REGISTER}"));
            } else if row.get_ref(4)?.as_blob()? != record_hash(&metadata, &text_hash) {
                self.findings.add(&place, format!("its metadata is not what was registered: {REGISTER}"));
            }
            let (title, language) = (text_of(row.get_ref(1)?)?, text_of(row.get_ref(2)?)?);
            let told = restore(&metadata, String::new());
            if !told.is_ok_and(|told| {
                (&told.work_id, &told.title, &told.language) == (&work_id, &title, &language)
            }) {
                self.findings.add(&place, format!("its columns and its metadata differ: {REGISTER}"));
            }
            let slot: u32 = row.get(7)?;
            if let Some(segment) = segment.filter(|segment| slot < segment.works()) {
                if segment.work_id(slot) != work_id
                    || segment.title(slot) != title.as_deref().filter(|title| !title.is_empty())
                {
                    self.findings
                        .add(&place, format!("{} has another work in its place: {REBUILD}", listed.file));
                }
                match segment.text(slot) {
                    Ok(indexed) if indexed.as_bytes() == text => {}
                    Ok(_) => {
                        self.findings.add(&place, format!("{} has another text: {REBUILD}", listed.file))
                    }
                    Err(e) => self.findings.add(&place, format!("{e}: {REBUILD}")),
                }
            }
            self.advance(text.len() as u64);
        }
        Ok(())
    }

    fn orphans(&mut self, listed: &Listed) -> Result<()> {
        let mut names = files::list_segments(self.path)?;
        names.retain(|name| listed.segments.iter().all(|segment| segment.file != *name));
        // Asked only if need be, because asking is in the way of a writer that comes at the same moment.
        let theirs = !names.is_empty() && files::has_writer(self.path);
        for name in names {
            match files::is_ours(&name) {
                true if theirs => {}
                true => {
                    let problem =
                        "left by a writer that was killed, and harmless: the next writer removes it";
                    self.findings.add(name, problem);
                }
                false => self.findings.add(name, "no file of the registry: move it elsewhere"),
            }
        }
        Ok(())
    }
}

/// A text, with replacement characters for what is none.
fn text_of(value: ValueRef<'_>) -> rusqlite::Result<Option<String>> {
    Ok(value.as_bytes_or_null()?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
}
