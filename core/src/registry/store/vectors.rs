//! Vectors beside a registry: files that come and go whole, know texts by their hashes, and are right for whatever texts the
//! database holds.
//!
//! Each part is an index (`N.vectors`) and its table (`N.passages`), which comes last: a part without it is not there. Making
//! vectors takes hours where there are many, so that parts are written as they are done, and put together in the end.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::meaning::{Meaning, Named};
use super::super::segment::{Memory, map};
use super::{database, files, works};
use crate::error::{Error, Result};
use crate::neighbour::{Embedder, Model, TextHash, Vectors, VectorsBuilder};

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
/// With `again`, all are made anew, with another model perhaps. Until they are whole, the old ones serve.
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
    // What is no registry says so before a folder is made.
    let mut total = named(path)?;
    let folder = files::vectors(path);
    let room = if again { files::vectors_again(path) } else { folder.clone() };
    fs::create_dir_all(&room).map_err(|e| Error::io("make the folder", &room, e))?;
    let _lock = files::lock(&folder)?;
    let Parts { mut numbers, mut have, twice, .. } = match again {
        true => Parts::usable(&room, embedder.model())?,
        false => Parts::of(&room, |model| model.same_as(embedder.model()))?,
    };
    total.retain(|(work, _)| !have.contains(&work.text_hash));
    total.sort_unstable_by_key(|(work, _)| work.text_hash);
    total.dedup_by_key(|(work, _)| work.text_hash);
    let total = total.iter().map(|(_, bytes)| bytes).sum();
    let before = have.clone();
    let mut maker = Maker { embedder, progress, ready: 0, total, bytes: 0 };
    let mut builder = VectorsBuilder::new(embedder.model())?;
    works::export(path, |work| {
        let hash = *blake3::hash(work.text.as_bytes()).as_bytes();
        if have.insert(hash) {
            builder.add(hash, &work.text)?;
            maker.bytes += work.text.len() as u64;
        }
        if builder.waiting() >= PART {
            let full = std::mem::replace(&mut builder, VectorsBuilder::new(embedder.model())?);
            numbers.push(maker.part(full, &room, next(&numbers))?);
        }
        Ok(())
    })?;
    if maker.bytes > 0 {
        numbers.push(maker.part(builder, &room, next(&numbers))?);
    }
    // As it stands now: a writer may have been at work meanwhile.
    let wanted = texts(path)?;
    let done = Embedded {
        before: before.intersection(&wanted).count(),
        made: have.len() - before.len(),
        removed: before.difference(&wanted).count(),
    };
    if again {
        let old = numbers_of(&folder)?;
        join(&room, &numbers, embedder.model(), &wanted, &folder, next(&old))?;
        remove_all(&folder, &old);
        files::remove_folder(&room);
    } else if numbers.len() > MANY || twice || have.iter().any(|hash| !wanted.contains(hash)) {
        join(&room, &numbers, embedder.model(), &wanted, &room, next(&numbers))?;
        remove_all(&room, &numbers);
    }
    Ok(done)
}

/// Removes the vectors of works that the registry at `path` no longer has. Where vectors are being made it is done there.
pub(super) fn erase_gone(path: &Path) -> Result<()> {
    let folder = files::vectors(path);
    if numbers_of(&folder)?.is_empty() {
        return Ok(());
    }
    let _lock = files::lock(&folder)?;
    let wanted = texts(path)?;
    for room in [folder, files::vectors_again(path)] {
        let Parts { numbers, have, model, .. } = Parts::of(&room, |_| Ok(()))?;
        if let Some(model) = model
            && have.iter().any(|hash| !wanted.contains(hash))
        {
            join(&room, &numbers, &model, &wanted, &room, next(&numbers))?;
            remove_all(&room, &numbers);
        }
    }
    Ok(())
}

/// Puts parts together to one, number `to` in the folder `target`, without texts that are not `wanted`. If none is, there is none.
fn join(
    room: &Path,
    numbers: &[u64],
    model: &Model,
    wanted: &HashSet<TextHash>,
    target: &Path,
    to: u64,
) -> Result<()> {
    let mut all = VectorsBuilder::new(model)?;
    let mut taken = HashSet::new();
    for &number in numbers {
        all.take(&open(room, number)?, |hash| wanted.contains(hash) && taken.insert(*hash))?;
    }
    if taken.is_empty() { Ok(()) } else { write(all, target, to) }
}

/// What is there.
#[derive(Default)]
struct Parts {
    /// Of the parts, ascending.
    numbers: Vec<u64>,
    have: HashSet<TextHash>,
    /// Whether a text has vectors twice: parts were put together, and then the power went before they were removed.
    twice: bool,
    model: Option<Model>,
}

impl Parts {
    /// All parts in a folder but those of an earlier model, which are removed: others took their place, and then the power went.
    fn of(folder: &Path, accept: impl Fn(&Model) -> Result<()>) -> Result<Self> {
        let mut parts = Self::default();
        for &number in numbers_of(folder)?.iter().rev() {
            let part = open(folder, number)?;
            match &parts.model {
                None => accept(part.model())?,
                Some(model) if model.same_as(part.model()).is_err() => {
                    remove(folder, number);
                    continue;
                }
                Some(_) => {}
            }
            parts.take(number, &part);
        }
        parts.numbers.reverse();
        Ok(parts)
    }

    /// Those parts that are sound and of this model; others are removed.
    fn usable(folder: &Path, model: &Model) -> Result<Self> {
        let mut parts = Self::default();
        for number in numbers_of(folder)? {
            match open(folder, number) {
                Ok(part) if part.model().same_as(model).is_ok() => parts.take(number, &part),
                _ => remove(folder, number),
            }
        }
        Ok(parts)
    }

    fn take(&mut self, number: u64, part: &Vectors<Memory>) {
        let before = self.have.len();
        self.have.extend(part.texts());
        self.twice |= self.have.len() < before + part.texts().len();
        self.model.get_or_insert_with(|| part.model().clone());
        self.numbers.push(number);
    }
}

/// Makes parts, and tells how far it is.
struct Maker<'a> {
    embedder: &'a dyn Embedder,
    progress: &'a mut dyn FnMut(u64, u64),
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
        let numbers = numbers_of(&folder)?;
        match numbers.iter().map(|&number| open(&folder, number)).collect::<Result<Vec<_>>>() {
            Ok(mut parts) => {
                // Those of an earlier model are on their way out.
                if let Some(model) = parts.last().map(|newest| newest.model().clone()) {
                    parts.retain(|part| model.same_as(part.model()).is_ok());
                }
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
    for number in numbers_of(&folder)? {
        // A part that was put together with others meanwhile is no damage.
        if let Err(e) = open(&folder, number).and_then(|part| part.index().verify().map_err(Error::or_again))
            && numbers_of(&folder)?.contains(&number)
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

/// Hashes of the texts of all works.
fn texts(path: &Path) -> Result<HashSet<TextHash>> {
    Ok(named(path)?.into_iter().map(|(work, _)| work.text_hash).collect())
}

/// The number behind these.
fn next(numbers: &[u64]) -> u64 {
    numbers.last().map_or(1, |last| last + 1)
}

/// Numbers of the parts that are there, ascending.
fn numbers_of(folder: &Path) -> Result<Vec<u64>> {
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

fn remove_all(folder: &Path, numbers: &[u64]) {
    numbers.iter().for_each(|&number| remove(folder, number));
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
            Self::named("0", passages)
        }

        fn named(hash: &str, passages: usize) -> Self {
            let (name, hash, pooling) = ("tiring".into(), hash.into(), "sum".into());
            let model = Model { name, hash, dimensions: 32, pooling, window: 100, paraphrases: None };
            Self(model, std::sync::Mutex::new(Cell::new(passages)))
        }
    }

    fn work(number: usize) -> Work {
        let text = (0..12).map(|word| format!("w{number}x{word} ")).collect();
        Work { work_id: format!("{number:02}"), text, ..Work::default() }
    }

    /// A registry of so many works, of one passage each.
    fn registry(works: usize) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("works");
        let mut writer = Writer::open(&path).unwrap();
        (0..works).for_each(|number| drop(writer.add(work(number)).unwrap()));
        writer.commit().unwrap();
        (folder, path)
    }

    /// Passages with vectors, works without, and the hash of the model.
    fn state(path: &Path) -> (usize, usize, String) {
        let meaning = Registry::open(path).unwrap().meaning().unwrap();
        (meaning.passages(), meaning.missing(), meaning.model().hash.clone())
    }

    fn quiet(path: &Path, embedder: &Tiring, again: bool) -> Result<Embedded> {
        embed(path, embedder, again, &mut |_, _| ())
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
        let (_folder, path) = registry(60);
        // Two parts of eight passages, and the third fails.
        let error = quiet(&path, &Tiring::after(20), false).unwrap_err();
        assert!(error.is_model(), "{error}");
        assert_eq!(state(&path), (16, 44, "0".into()));
        // Only the rest is made, and eight parts are put together.
        let mut told = (0, 0);
        let done = embed(&path, &Tiring::after(44), false, &mut |done, total| told = (done, total)).unwrap();
        assert_eq!((done.before, done.made, done.removed), (16, 44, 0));
        assert_eq!(told.0, told.1);
        assert_eq!(numbers_of(&files::vectors(&path)).unwrap(), [9]);
        assert_eq!(state(&path), (60, 0, "0".into()));
    }

    #[test]
    fn while_vectors_are_made_again_the_old_ones_serve() {
        let (_folder, path) = registry(30);
        quiet(&path, &Tiring::after(30), false).unwrap();
        let other = |passages| Tiring::named("1", passages);
        assert!(quiet(&path, &other(30), false).unwrap_err().is_input());
        assert!(quiet(&path, &other(20), true).unwrap_err().is_model());
        assert_eq!(state(&path), (30, 0, "0".into()));
        // It goes on where it stopped, with what is sound of it and of this model.
        let staged = files::vectors_again(&path);
        let damaged = name(&staged, numbers_of(&staged).unwrap()[0], files::PASSAGES);
        fs::write(&damaged, b"no table").unwrap();
        let done = quiet(&path, &other(30), true).unwrap();
        assert_eq!((done.before, done.made, done.removed), (8, 22, 0));
        assert_eq!(state(&path), (30, 0, "1".into()));
        assert!(!staged.exists());
        let folder = files::vectors(&path);
        let newest = numbers_of(&folder).unwrap();
        assert_eq!(newest.len(), 1);
        // The power went before the old ones were removed: the new ones count, and the next run takes the old away.
        let mut builder = VectorsBuilder::new(Tiring::after(0).model()).unwrap();
        builder.add([7; 32], &work(99).text).unwrap();
        builder.embed(&Tiring::after(1), &mut |_| ()).unwrap();
        write(builder, &folder, 1).unwrap();
        assert!(newest > vec![1]);
        assert_eq!(state(&path), (30, 0, "1".into()));
        assert_eq!(quiet(&path, &other(0), false).unwrap().before, 30);
        assert_eq!(numbers_of(&folder).unwrap(), newest);
    }

    #[test]
    fn a_work_that_comes_while_vectors_are_made_keeps_those_that_it_got() {
        let (_folder, path) = registry(10);
        quiet(&path, &Tiring::after(10), false).unwrap();
        let mut writer = Writer::open(&path).unwrap();
        writer.withdraw("03").unwrap();
        writer.add(work(10)).unwrap();
        writer.commit().unwrap();
        // One comes when it is known how much there is to do.
        let tiring = Tiring::after(2);
        let mut come = Some(work(11));
        let done = embed(&path, &tiring, false, &mut |_, _| {
            if let Some(work) = come.take() {
                let mut writer = Writer::open(&path).unwrap();
                writer.add(work).unwrap();
                writer.withdraw("10").unwrap();
                writer.commit().unwrap();
            }
        });
        // The work that was withdrawn meanwhile is removed again, the one that came waits for the next run.
        assert_eq!(done.unwrap(), Embedded { before: 9, made: 1, removed: 1 });
        assert_eq!(state(&path), (9, 1, "0".into()));
        assert_eq!(quiet(&path, &tiring, false).unwrap(), Embedded { before: 9, made: 1, removed: 0 });
        assert_eq!(state(&path), (10, 0, "0".into()));
    }

    #[test]
    fn compacting_erases_vectors_of_what_was_withdrawn() {
        let (_folder, path) = registry(10);
        quiet(&path, &Tiring::after(10), false).unwrap();
        let mut writer = Writer::open(&path).unwrap();
        writer.withdraw("03").unwrap();
        writer.commit().unwrap();
        let kept = || Parts::of(&files::vectors(&path), |_| Ok(())).unwrap().have;
        assert_eq!(kept().len(), 10);
        let compact = || {
            let mut writer = Writer::open(&path).unwrap();
            writer.compact().unwrap();
            writer.commit().unwrap();
        };
        compact();
        assert_eq!(kept().len(), 9);
        assert!(!kept().contains(blake3::hash(work(3).text.as_bytes()).as_bytes()));
        // Where nothing is left, there are no vectors.
        let mut writer = Writer::open(&path).unwrap();
        for number in 0..10 {
            writer.withdraw(&format!("{number:02}")).unwrap();
        }
        writer.commit().unwrap();
        compact();
        assert!(numbers_of(&files::vectors(&path)).unwrap().is_empty());
    }
}
