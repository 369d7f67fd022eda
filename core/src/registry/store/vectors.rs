//! Vectors beside a registry: files that come and go whole, know texts by their hashes, and are right for whatever texts the
//! database holds.
//!
//! Each part is an index (`N.vectors`) and its table (`N.passages`), which comes last: a part without it is not there. Making
//! vectors takes hours where there are many, so that parts are written as they are done, and put together in the end.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::meaning::{Meaning, Named};
use super::super::segment::{Memory, map};
use super::{database, files, works};
use crate::error::{Error, Result};
use crate::neighbour::{Embedder, TextHash, Vectors, VectorsBuilder};

/// Passages of a part while vectors are made: what is lost where that is cut off.
const PART: usize = if cfg!(test) { 8 } else { 1 << 14 };
/// Parts that are left as they are.
const MANY: usize = 4;

/// What [`embed`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embedded {
    /// Texts that had vectors before.
    pub before: usize,
    /// Texts that got vectors.
    pub made: usize,
    /// Texts whose works are no longer there, and whose vectors were removed.
    pub removed: usize,
}

/// Makes the vectors of all passages of the registry at `path` that have none yet, and removes those of works that are gone. What
/// is done is kept when it is cut off, and not done again. `progress` is told how many bytes of works are done, of how many. Others
/// may read and write meanwhile; what a writer commits gets its vectors the next time.
///
/// With `again`, all are made anew, with another model perhaps.
///
/// # Errors
/// `is_input`: the vectors that are there were made with another model. `is_locked`: vectors are being made. `is_corrupt`: those
/// that are there are damaged (`again` mends it), or a work is. Those of `embedder`, and where the system refuses.
pub fn embed(
    path: &Path,
    embedder: &dyn Embedder,
    again: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Embedded> {
    let named = named(path)?;
    let folder = files::vectors(path);
    fs::create_dir_all(&folder).map_err(|e| Error::io("make the folder", &folder, e))?;
    let _lock = files::lock(&folder)?;
    let mut numbers = numbers(&folder)?;
    let obsolete = if again { std::mem::take(&mut numbers) } else { Vec::new() };
    let mut next = numbers.last().or(obsolete.last()).map_or(1, |last| last + 1);
    let mut have: HashSet<TextHash> = HashSet::new();
    let mut texts = 0;
    for &number in &numbers {
        let part = open(&folder, number)?;
        part.model().same_as(embedder.model())?;
        have.extend(part.texts());
        texts += part.texts().len();
    }
    // Parts were put together, and then the power went before they were removed.
    let twice = texts > have.len();
    let wanted: HashMap<TextHash, u64> = named.iter().map(|(work, bytes)| (work.text_hash, *bytes)).collect();
    let done = Embedded {
        before: wanted.keys().filter(|hash| have.contains(*hash)).count(),
        made: 0,
        removed: have.iter().filter(|hash| !wanted.contains_key(*hash)).count(),
    };
    let total: u64 = wanted.iter().filter(|(hash, _)| !have.contains(*hash)).map(|(_, bytes)| bytes).sum();
    let mut maker = Maker { embedder, progress, done, ready: 0, total, bytes: 0 };
    let mut builder = VectorsBuilder::new(embedder.model())?;
    works::export(path, |work| {
        let hash = *blake3::hash(work.text.as_bytes()).as_bytes();
        if have.insert(hash) {
            builder.add(hash, &work.text)?;
            maker.done.made += 1;
            maker.bytes += work.text.len() as u64;
        }
        if builder.waiting() >= PART {
            let full = std::mem::replace(&mut builder, VectorsBuilder::new(embedder.model())?);
            numbers.push(maker.part(full, &folder, next)?);
            next += 1;
        }
        Ok(())
    })?;
    if maker.bytes > 0 {
        numbers.push(maker.part(builder, &folder, next)?);
        next += 1;
    }
    let done = maker.done;
    if numbers.len() > MANY || done.removed > 0 || twice {
        let mut all = VectorsBuilder::new(embedder.model())?;
        let mut taken = HashSet::new();
        for &number in &numbers {
            all.take(&open(&folder, number)?, |hash| wanted.contains_key(hash) && taken.insert(*hash))?;
        }
        write(all, &folder, next)?;
        numbers.iter().for_each(|&number| remove(&folder, number));
    }
    obsolete.iter().for_each(|&number| remove(&folder, number));
    Ok(done)
}

/// Makes parts, and tells how far it is.
struct Maker<'a> {
    embedder: &'a dyn Embedder,
    progress: &'a mut dyn FnMut(u64, u64),
    done: Embedded,
    /// Bytes of works that are done, of all that are to be, and of the part that is being made.
    ready: u64,
    total: u64,
    bytes: u64,
}

impl Maker<'_> {
    fn part(&mut self, mut builder: VectorsBuilder, folder: &Path, number: u64) -> Result<u64> {
        let (mut passages, waiting) = (0, builder.waiting().max(1) as u64);
        builder.embed(self.embedder, &mut |more| {
            passages += more as u64;
            (self.progress)(self.ready + self.bytes * passages / waiting, self.total);
        })?;
        write(builder, folder, number)?;
        self.ready += std::mem::take(&mut self.bytes);
        Ok(number)
    }
}

/// The vectors of the registry at `path`, for the works that it holds now.
pub(in super::super) fn meaning(path: &Path) -> Result<Meaning> {
    let folder = files::vectors(path);
    let mut last = None;
    loop {
        let numbers = numbers(&folder)?;
        match numbers.iter().map(|&number| open(&folder, number)).collect::<Result<Vec<_>>>() {
            Ok(parts) => {
                return Meaning::new(parts, named(path)?.into_iter().map(|(work, _)| work).collect());
            }
            // They were put together meanwhile.
            Err(_) if last.as_ref() != Some(&numbers) => last = Some(numbers),
            Err(e) => return Err(e),
        }
    }
}

/// What does not hold among the vectors: which file, and what is wrong with it. Reads all of them.
pub(super) fn problems(path: &Path) -> Result<Vec<(String, String)>> {
    let folder = files::vectors(path);
    let mut found = Vec::new();
    for number in numbers(&folder)? {
        // A part that was put together with others meanwhile is no damage.
        if let Err(e) = open(&folder, number).and_then(|part| part.index().verify().map_err(Error::or_again))
            && numbers(&folder)?.contains(&number)
        {
            found.push((format!("vectors/{number:010}"), e.to_string()));
        }
    }
    Ok(found)
}

/// All works, and the bytes of their texts.
fn named(path: &Path) -> Result<Vec<(Named, u64)>> {
    let wrap = |e| Error::database("read", &files::database(path), e);
    database::read(path, |connection| {
        connection
            .prepare("SELECT text_hash, work_id, title, octet_length(text) FROM works ORDER BY work_id")
            .and_then(|mut works| {
                let named = works.query_map([], |row| {
                    let named = Named { text_hash: row.get(0)?, work_id: row.get(1)?, title: row.get(2)? };
                    Ok((named, row.get(3)?))
                })?;
                named.collect()
            })
            .map_err(wrap)
    })
}

/// Numbers of the parts that are there, ascending.
fn numbers(folder: &Path) -> Result<Vec<u64>> {
    let of = |name: &String| name.strip_suffix(files::PASSAGES)?.strip_suffix('.')?.parse().ok();
    Ok(files::list(folder)?.iter().filter_map(of).collect())
}

fn name(folder: &Path, number: u64, suffix: &str) -> PathBuf {
    folder.join(format!("{number:010}.{suffix}"))
}

/// Opens a part: its table is read, its index mapped.
fn open(folder: &Path, number: u64) -> Result<Vectors<Memory>> {
    let table = name(folder, number, files::PASSAGES);
    let bytes = fs::read(&table).map_err(|e| Error::io("read", &table, e))?;
    let index = name(folder, number, files::VECTOR_INDEX);
    let mapped = File::open(&index).and_then(|file| {
        let length = file.metadata()?.len();
        map(&file, 0, length)
    });
    let mapped = mapped.map_err(|e| Error::io("map", &index, e))?;
    Vectors::open(&bytes, mapped).map_err(|e| e.at(&table).or_again())
}

fn write(builder: VectorsBuilder, folder: &Path, number: u64) -> Result<()> {
    let (table, index) = builder.finish()?;
    for (bytes, suffix) in [(index, files::VECTOR_INDEX), (table, files::PASSAGES)] {
        let path = name(folder, number, suffix);
        let mut draft = files::Draft::new(path.clone())?;
        draft.write_all(&bytes).map_err(|e| Error::io("write", &path, e))?;
        draft.keep()?;
        files::sync_folder(folder)?;
    }
    Ok(())
}

/// The table first: without it the part is not there.
fn remove(folder: &Path, number: u64) {
    files::remove(&name(folder, number, files::PASSAGES));
    files::remove(&name(folder, number, files::VECTOR_INDEX));
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::super::{Registry, Work, Writer};
    use super::*;
    use crate::neighbour::Model;

    /// A model that fails after some passages.
    struct Tiring(Model, std::sync::Mutex<Cell<usize>>);

    impl Tiring {
        fn after(passages: usize) -> Self {
            let (name, hash, pooling) = ("tiring".into(), "0".into(), "sum".into());
            let model = Model { name, hash, dimensions: 32, pooling, window: 100, paraphrases: None };
            Self(model, std::sync::Mutex::new(Cell::new(passages)))
        }
    }

    impl Embedder for Tiring {
        fn model(&self) -> &Model {
            &self.0
        }

        fn embed(&self, passages: &[&str]) -> Result<Vec<Vec<f32>>> {
            let left = self.1.lock().unwrap();
            left.set(left.get().checked_sub(passages.len()).ok_or_else(|| Error::model("tired"))?);
            let vector = |passage: &&str| {
                let bytes = *blake3::hash(passage.as_bytes()).as_bytes();
                let length = bytes.iter().map(|&byte| f32::from(byte).powi(2)).sum::<f32>().sqrt();
                bytes.iter().map(|&byte| f32::from(byte) / length).collect()
            };
            Ok(passages.iter().map(vector).collect())
        }
    }

    #[test]
    fn what_was_made_is_kept_when_the_rest_fails_and_many_parts_become_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("works");
        let mut writer = Writer::open(&path).unwrap();
        for number in 0..60 {
            let text = (0..12).map(|word| format!("w{number}x{word} ")).collect();
            writer.add(Work { work_id: format!("{number:02}"), text, ..Work::default() }).unwrap();
        }
        writer.commit().unwrap();
        // Two parts of eight passages, and the third fails.
        let error = embed(&path, &Tiring::after(20), false, &mut |_, _| ()).unwrap_err();
        assert!(error.is_model(), "{error}");
        let meaning = Registry::open(&path).unwrap().meaning().unwrap();
        assert_eq!((meaning.passages(), meaning.missing()), (16, 44));
        // Only the rest is made, and eight parts are put together.
        let mut told = (0, 0);
        let done = embed(&path, &Tiring::after(44), false, &mut |done, total| told = (done, total)).unwrap();
        assert_eq!((done.before, done.made, done.removed), (16, 44, 0));
        assert_eq!(told.0, told.1);
        assert_eq!(numbers(&files::vectors(&path)).unwrap(), [9]);
        let meaning = Registry::open(&path).unwrap().meaning().unwrap();
        assert_eq!((meaning.passages(), meaning.missing()), (60, 0));
    }
}
