//! The registry on disk against a plain map, against killed writers, full disks, damage and other programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::{Info, Registry, Warning, Work};
use super::{Commit, Finding, Writer, check, database, files};
use crate::error::{Error, Result};

/// A disk that runs full: how many more bytes segments may take, on this thread.
pub(super) mod disk {
    use std::cell::Cell;
    use std::io;

    thread_local!(static ROOM: Cell<Option<usize>> = const { Cell::new(None) });

    pub(in super::super) fn take(bytes: usize) -> io::Result<()> {
        match ROOM.get() {
            Some(room) if room < bytes => Err(io::ErrorKind::StorageFull.into()),
            room => {
                ROOM.set(room.map(|room| room - bytes));
                Ok(())
            }
        }
    }

    pub(super) fn set(room: Option<usize>) {
        ROOM.set(room);
    }
}

fn work(id: &str, text: &str) -> Work {
    Work { work_id: id.into(), title: Some(format!("Title of {id}")), text: text.into(), ..Work::default() }
}

fn text(number: usize) -> String {
    format!("verse {number} of a song that nobody sings, with {} birds", number * 7)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn register(path: &Path, works: impl IntoIterator<Item = Work>) -> Commit {
    let mut writer = Writer::open(path).unwrap();
    for work in works {
        writer.add(work).unwrap();
    }
    writer.commit().unwrap()
}

/// What a scan can find: identifier and text of every living work, from the segments.
fn searched(registry: &Registry) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for view in registry.views() {
        for slot in (0..view.segment.works()).filter(|slot| view.withdrawn.binary_search(slot).is_err()) {
            let text = view.segment.text(slot).unwrap();
            let old = found.insert(view.segment.work_id(slot).to_string(), text);
            assert_eq!(old, None, "a work stands twice");
        }
    }
    found
}

fn exported(registry: &Registry) -> Vec<Work> {
    let mut works = Vec::new();
    registry
        .export(|work| {
            works.push(work);
            Ok(())
        })
        .unwrap();
    works
}

fn findings(path: &Path) -> Vec<Finding> {
    let mut last = (0, 0);
    let found = check(path, |done, all| {
        assert!(done >= last.0 && done <= all, "progress goes on: {done} of {all} after {last:?}");
        last = (done, all);
    })
    .unwrap();
    if found.is_empty() {
        assert!(last.1 > 0 && last.0 == last.1, "progress reaches its end: {last:?}");
    }
    found
}

fn one_finding(path: &Path, place: &str, problem: &str) {
    let found = findings(path);
    assert!(
        found.iter().any(|f| f.place.contains(place) && f.problem.contains(problem)),
        "{place}: {problem} is not among {found:?}"
    );
}

fn segment_files(path: &Path) -> Vec<String> {
    files::list_segments(path).unwrap()
}

/// The folder as it is at this moment: what a power failure would leave.
fn copy(from: &Path) -> TempDir {
    let to = folder();
    fs::create_dir(to.path().join("segments")).unwrap();
    for sub in ["", "segments"] {
        for entry in fs::read_dir(from.join(sub)).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.path().join(sub).join(entry.file_name())).unwrap();
            }
        }
    }
    to
}

fn error<T>(result: Result<T>) -> Error {
    result.err().expect("an error")
}

fn sql(path: &Path, sql: &str) {
    Connection::open(files::database(path))
        .unwrap()
        .execute_batch(&format!("PRAGMA foreign_keys = off; {sql}"))
        .unwrap();
}

#[test]
fn works_come_back_as_they_were() {
    let home = folder();
    let path = home.path().join("new/songs.nagalm");
    let mut full = work("b", "Muß i denn, muß i denn zum Städtele hinaus\u{0}\r\n");
    full.extra.insert("catalogue".into(), serde_json::json!({"number": [1, null, 2.5]}));
    full.language = Some("de".into());
    let commit = register(&path, [full.clone(), work("a", &text(1)), work("É", &text(2))]);
    assert_eq!((commit.added, commit.replaced, commit.withdrawn), (3, 0, 0));
    let registry = Registry::open(&path).unwrap();
    assert_eq!(exported(&registry), [work("a", &text(1)), full.clone(), work("É", &text(2))]);
    assert_eq!(registry.work("b").unwrap(), Some(full.clone()));
    assert_eq!(registry.work("c").unwrap(), None);
    assert_eq!(searched(&registry)["b"], full.text);
    assert_eq!(registry.content_hash(), commit.content_hash);
    let info = registry.info();
    assert_eq!((info.works, info.segments, info.withdrawn, info.format), (3, 1, 0, 1));
    assert_eq!(info.text_bytes as usize, full.text.len() + text(1).len() + text(2).len());
    assert_eq!(findings(&path), []);
}

#[test]
fn at_rest_there_is_one_database_file() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    Registry::open(path).unwrap();
    let mut names: Vec<_> = fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["segments", "works.db", "writer.lock"]);
    let header = fs::read(files::database(path)).unwrap();
    assert_eq!(header[18..20], [1, 1], "rollback mode");
    assert_eq!(&header[68..72], b"nglm", "application id");
}

#[test]
fn a_work_with_the_same_id_replaces() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1)), work("b", &text(2))]);
    let mut writer = Writer::open(path).unwrap();
    let added = writer.add(work("a", &text(3))).unwrap();
    assert!(added.replaced && !added.unchanged);
    let new = writer.add(work("c", &text(4))).unwrap();
    assert!(!new.replaced && !new.unchanged);
    // Within one transaction, in a segment that is still open.
    assert!(writer.add(work("c", &text(5))).unwrap().replaced);
    assert!(writer.add(work("c", &text(5))).unwrap().unchanged);
    let commit = writer.commit().unwrap();
    assert_eq!((commit.added, commit.replaced, commit.withdrawn), (1, 1, 0));
    let registry = Registry::open(path).unwrap();
    let expected = [("a", text(3)), ("b", text(2)), ("c", text(5))].map(|(id, text)| (id.to_string(), text));
    assert_eq!(searched(&registry), BTreeMap::from(expected));
    assert_eq!(registry.info().withdrawn, 2);
    assert_eq!(findings(path), []);
}

#[test]
fn metadata_alone_replaces_too() {
    let home = folder();
    register(home.path(), [work("a", &text(1))]);
    let other = Work { title: Some("Another".into()), ..work("a", &text(1)) };
    let commit = register(home.path(), [other.clone()]);
    assert_eq!(commit.replaced, 1);
    let registry = Registry::open(home.path()).unwrap();
    assert_eq!(exported(&registry), [other]);
    assert_eq!(findings(home.path()), []);
}

#[test]
fn the_same_again_writes_nothing() {
    let home = folder();
    let path = home.path();
    let works = || (0..20).map(|n| work(&n.to_string(), &text(n)));
    let first = register(path, works());
    let (segments, database) = (segment_files(path), fs::metadata(files::database(path)).unwrap().len());
    let generation = super::list(path).unwrap().generation;
    let second = register(path, works());
    assert_eq!(second, Commit { content_hash: first.content_hash, ..Commit::default() });
    assert_eq!(segment_files(path), segments);
    assert_eq!(fs::metadata(files::database(path)).unwrap().len(), database);
    assert_eq!(super::list(path).unwrap().generation, generation);
}

#[test]
fn a_withdrawn_work_is_gone_and_its_text_erased() {
    let home = folder();
    let path = home.path();
    let secret = "Xylophonquartett spielt heimlich unter alten Zwetschgenbäumen ".repeat(200);
    let holds = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(30).any(|window| window == "Xylophonquartett spielt heimli".as_bytes())
    };
    register(path, [work("a", &secret), work("b", &text(2)), work("c", &text(3)), work("d", &text(4))]);
    assert!(holds(&files::database(path)));
    let mut writer = Writer::open(path).unwrap();
    assert!(writer.withdraw("a").unwrap());
    assert!(!writer.withdraw("a").unwrap());
    assert!(!writer.withdraw("never").unwrap());
    assert_eq!(writer.commit().unwrap().withdrawn, 1);
    let registry = Registry::open(path).unwrap();
    assert_eq!(searched(&registry).into_keys().collect::<Vec<_>>(), ["b", "c", "d"]);
    assert_eq!((registry.info().works, registry.info().withdrawn), (3, 1));
    assert_eq!(registry.info().text_bytes as usize, text(2).len() + text(3).len() + text(4).len());
    assert!(!holds(&files::database(path)), "the text is erased from the database");
    assert_eq!(findings(path), []);

    let mut writer = Writer::open(path).unwrap();
    writer.compact().unwrap();
    writer.commit().unwrap();
    let compacted = Registry::open(path).unwrap();
    assert_eq!(searched(&compacted), searched(&registry));
    assert_eq!(compacted.info().withdrawn, 0);
    assert_eq!(compacted.content_hash(), registry.content_hash());
    for file in segment_files(path) {
        assert!(!holds(&files::segments(path).join(file)), "the text is erased from the index");
    }
    assert_eq!(findings(path), []);
}

#[test]
fn withdrawing_what_was_added_in_the_same_breath() {
    let home = folder();
    let mut writer = Writer::open(home.path()).unwrap();
    writer.add(work("a", &text(1))).unwrap();
    assert!(writer.withdraw("a").unwrap());
    let commit = writer.commit().unwrap();
    assert_eq!((commit.added, commit.withdrawn), (0, 0));
    assert_eq!(commit.content_hash, Registry::from_works([]).unwrap().content_hash());
    assert_eq!(findings(home.path()), []);
}

#[test]
fn dropping_a_writer_changes_nothing() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let before = (segment_files(path), exported(&Registry::open(path).unwrap()));
    let mut writer = Writer::open(path).unwrap();
    writer.max_words = 20;
    for n in 3..9 {
        writer.add(work(&n.to_string(), &text(n + 100))).unwrap();
    }
    writer.withdraw("1").unwrap();
    writer.compact().unwrap();
    writer.add(work("last", &text(1))).unwrap();
    assert!(segment_files(path).len() > 3, "segments were written meanwhile");
    drop(writer);
    assert_eq!((segment_files(path), exported(&Registry::open(path).unwrap())), before);
    assert_eq!(findings(path), []);
}

#[test]
fn dropping_the_first_writer_leaves_no_trace() {
    let home = folder();
    let path = home.path().join("songs.nagalm");
    let mut writer = Writer::open(&path).unwrap();
    writer.add(work("a", &text(1))).unwrap();
    assert!(error(Registry::open(&path)).is_not_found(), "nothing is seen before the commit");
    drop(writer);
    assert!(!path.exists());
    fs::create_dir(&path).unwrap();
    drop(Writer::open(&path).unwrap());
    assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "an empty folder stays, and stays empty");
}

#[test]
fn an_empty_commit_makes_a_registry() {
    let home = folder();
    register(home.path(), []);
    let registry = Registry::open(home.path()).unwrap();
    assert_eq!((registry.info().works, registry.info().segments), (0, 0));
    assert_eq!(findings(home.path()), []);
}

#[test]
fn a_killed_writer_leaves_the_old_registry() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let before = searched(&Registry::open(path).unwrap());
    let mut writer = Writer::open(path).unwrap();
    writer.max_words = 20;
    let mut remains = Vec::new();
    for n in 3..9 {
        writer.add(work(&n.to_string(), &text(n + 100))).unwrap();
        remains.push(copy(path));
    }
    writer.compact().unwrap();
    remains.push(copy(path));
    // The files are there and the pages are in the log, but the commit's mark is not.
    writer.sql(|c| c.cache_flush()).unwrap();
    remains.push(copy(path));
    drop(writer);
    for (step, remain) in remains.iter().enumerate() {
        let path = remain.path();
        assert_eq!(searched(&Registry::open(path).unwrap()), before, "step {step}");
        let orphans = findings(path);
        assert!(orphans.iter().all(|f| f.problem.contains("killed")), "{orphans:?}");
        assert!(!orphans.is_empty());
        let mut writer = Writer::open(path).unwrap();
        assert_eq!(findings(path), [], "the next writer has cleared away");
        writer.add(work("after", &text(50))).unwrap();
        writer.commit().unwrap();
        assert_eq!(Registry::open(path).unwrap().info().works, 6);
        assert_eq!(findings(path), []);
    }
}

#[test]
fn a_writer_killed_before_its_first_commit() {
    let home = folder();
    let mut writer = Writer::open(home.path()).unwrap();
    writer.add(work("a", &text(1))).unwrap();
    let remain = copy(home.path());
    assert!(error(Registry::open(remain.path())).is_not_found());
    register(remain.path(), [work("b", &text(2))]);
    assert_eq!(searched(&Registry::open(remain.path()).unwrap()).len(), 1);
    assert_eq!(findings(remain.path()), []);
}

#[test]
fn a_writer_killed_right_after_its_commit() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    let before = copy(path);
    let mut writer = Writer::open(path).unwrap();
    writer.add(work("b", &text(2))).unwrap();
    writer.finish_segment().unwrap();
    writer.sql(|c| c.execute_batch("COMMIT")).unwrap();
    // Committed, and still in the log alone.
    let remain = copy(path);
    assert!(files::unfinished(remain.path()));
    assert_eq!(searched(&Registry::open(remain.path()).unwrap()).len(), 2);
    // A half-written segment from a writer that died still earlier, and a file that is not ours.
    let segments = files::segments(before.path());
    for name in ["0000000002.segment", "0000000003.tmp", "notes.txt"] {
        fs::write(segments.join(name), "half").unwrap();
    }
    one_finding(before.path(), "0000000002.segment", "killed");
    one_finding(before.path(), "notes.txt", "elsewhere");
    register(before.path(), [work("c", &text(3))]);
    assert_eq!(segment_files(before.path()), ["0000000001.segment", "0000000002.segment", "notes.txt"]);
}

#[test]
fn one_writer_at_a_time() {
    let home = folder();
    let path = home.path().join("songs.nagalm");
    let writer = Writer::open(&path).unwrap();
    let refused = error(Writer::open(&path));
    assert!(refused.is_locked());
    assert!(
        refused.to_string().contains("songs.nagalm") && refused.to_string().contains("wait"),
        "{refused}"
    );
    writer.commit().unwrap();
    Writer::open(&path).unwrap();
}

#[test]
fn a_reader_is_not_disturbed() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let old = Registry::open(path).unwrap();
    let before = searched(&old);
    let mut writer = Writer::open(path).unwrap();
    writer.add(work("0", "something else altogether, and of more words than before")).unwrap();
    writer.withdraw("1").unwrap();
    let during = Registry::open(path).unwrap();
    assert_eq!(searched(&during), before, "a reader that comes during the transaction sees the old");
    // An export that goes on while the writer commits gives one moment's works.
    let mut writer = Some(writer);
    let mut seen = Vec::new();
    during
        .export(|work| {
            if let Some(mut writer) = writer.take() {
                writer.compact()?;
                writer.commit()?;
            }
            seen.push(work.text);
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, (0..5).map(text).collect::<Vec<_>>());
    assert_eq!(searched(&old), before, "and one that was there reads on, though its files are gone");
    let new = Registry::open(path).unwrap();
    assert_eq!(searched(&new).len(), 4);
    assert_ne!(new.content_hash(), old.content_hash());
    register(path, []);
    assert!(!files::unfinished(path));
    assert_eq!(findings(path), []);
}

#[test]
fn readers_come_while_segments_go() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for round in 0..15 {
                let mut writer = Writer::open(path).unwrap();
                writer.add(work("0", &text(1000 + round))).unwrap();
                writer.compact().unwrap();
                writer.commit().unwrap();
            }
        });
        while !writing.is_finished() {
            assert_eq!(searched(&Registry::open(path).unwrap()).len(), 5);
            assert_eq!(check(path, |_, _| ()).unwrap(), []);
        }
    });
}

#[test]
fn a_read_only_folder_can_be_read() {
    use std::fs::Permissions;
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    let set = |read_only: bool| {
        for entry in [files::database(path), files::segments(path), path.to_path_buf()] {
            let mut permissions: Permissions = fs::metadata(&entry).unwrap().permissions();
            permissions.set_readonly(read_only);
            fs::set_permissions(&entry, permissions).unwrap();
        }
    };
    set(true);
    let registry = Registry::open(path);
    let exported = registry.as_ref().ok().map(exported);
    set(false);
    assert_eq!(searched(&registry.unwrap()).len(), 1);
    assert_eq!(exported.map(|works| works.len()), Some(1));
}

#[test]
fn a_database_that_was_not_put_to_rest_can_be_read_without_writing() {
    let home = folder();
    let path = &home.path().join("odd %20 name?#");
    register(path, [work("a", &text(1))]);
    sql(path, "PRAGMA journal_mode = wal");
    assert!(!files::unfinished(path));
    let connection = database::begin(&files::database(path), true).unwrap();
    let works: i64 = connection.query_row("SELECT count(*) FROM works", [], |row| row.get(0)).unwrap();
    assert_eq!(works, 1);
    assert!(!path.join("works.db-shm").exists());
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    sql(path, "PRAGMA user_version = 3");
    let before = fs::read(files::database(path)).unwrap();
    for refused in [
        error(Registry::open(path)),
        error(Writer::open(path)),
        error(check(path, |_, _| ())),
        error(super::work(path, "a")),
    ] {
        assert!(refused.is_version());
        assert!(
            refused.to_string().ends_with("has format 3, this build reads up to 1: update nagalm"),
            "{refused}"
        );
    }
    assert!(before == fs::read(files::database(path)).unwrap());
}

#[test]
fn what_is_not_a_registry_is_refused_and_left_alone() {
    let home = folder();
    let missing = home.path().join("missing");
    assert!(error(Registry::open(&missing)).is_not_found());
    assert!(error(check(&missing, |_, _| ())).is_not_found());
    assert!(!missing.exists());

    let file = home.path().join("file");
    fs::write(&file, "text").unwrap();
    assert!(error(Writer::open(&file)).is_exists());

    let full = home.path().join("full");
    fs::create_dir(&full).unwrap();
    fs::write(full.join("thesis.odt"), "text").unwrap();
    let refused = error(Writer::open(&full));
    assert!(refused.is_exists() && refused.to_string().contains("thesis.odt"), "{refused}");
    assert!(error(Registry::open(&full)).is_not_found());
    assert_eq!(fs::read_dir(&full).unwrap().count(), 1);

    let foreign = home.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    sql(&foreign, "CREATE TABLE recipes (name TEXT)");
    let before = fs::read(files::database(&foreign)).unwrap();
    assert!(error(Writer::open(&foreign)).is_exists());
    assert!(error(Registry::open(&foreign)).is_exists());
    assert!(before == fs::read(files::database(&foreign)).unwrap());

    let noise = home.path().join("noise");
    fs::create_dir(&noise).unwrap();
    fs::write(files::database(&noise), "no database at all".repeat(1000)).unwrap();
    assert!(error(Writer::open(&noise)).is_corrupt());
    assert!(error(Registry::open(&noise)).is_corrupt());
    one_finding(&noise, "works.db", "backup");
}

#[test]
fn bad_works_are_refused_and_the_writer_goes_on() {
    let home = folder();
    let mut writer = Writer::open(home.path()).unwrap();
    for bad in [work("", &text(1)), work("a\0", &text(1)), work("a", " \n…\u{2014}")] {
        assert!(error(writer.add(bad)).is_input());
    }
    writer.add(work("a", &text(1))).unwrap();
    assert_eq!(writer.commit().unwrap().added, 1);
    assert_eq!(findings(home.path()), []);
}

#[test]
fn identical_texts_are_told() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    let mut writer = Writer::open(path).unwrap();
    let told = |writer: &mut Writer, id: &str, n| writer.add(work(id, &text(n))).unwrap().warnings;
    assert_eq!(told(&mut writer, "b", 1), [Warning::SameText("a".into())]);
    assert_eq!(told(&mut writer, "c", 2), []);
    assert_eq!(told(&mut writer, "d", 2), [Warning::SameText("c".into())]);
    assert_eq!(told(&mut writer, "d", 2), [Warning::SameText("c".into())], "also when nothing changes");
    assert_eq!(told(&mut writer, "c", 3), [], "a work is not its own double");
    assert_eq!(writer.add(work("e", "too short")).unwrap().warnings, [Warning::Short { words: 2 }]);
    writer.commit().unwrap();
}

#[test]
fn the_content_hash_does_not_depend_on_the_way() {
    let works: Vec<Work> = (0..12).map(|n| work(&format!("w{n}"), &text(n / 2))).collect();
    let hash = Registry::from_works(works.clone()).unwrap().content_hash().to_string();
    assert_eq!(hash.len(), 64);
    let forth = folder();
    assert_eq!(register(forth.path(), works.clone()).content_hash, hash);
    let back = folder();
    for work in works.iter().rev() {
        register(back.path(), [work.clone()]);
    }
    assert_eq!(Registry::open(back.path()).unwrap().content_hash(), hash);
    let round = folder();
    register(round.path(), works.iter().map(|w| work(&w.work_id, "first another text stood here instead")));
    register(round.path(), [work("too many", &text(99))]);
    let mut writer = Writer::open(round.path()).unwrap();
    writer.withdraw("too many").unwrap();
    works.iter().for_each(|work| drop(writer.add(work.clone()).unwrap()));
    assert_eq!(writer.commit().unwrap().content_hash, hash);
    let changed = register(round.path(), [Work { society: Some("S".into()), ..works[0].clone() }]);
    assert_ne!(changed.content_hash, hash);
}

#[test]
fn a_registry_in_memory_is_the_same() {
    let works = [work("b", &text(1)), work("a", &text(2)), work("b", &text(3))];
    let home = folder();
    register(home.path(), works.clone());
    let (memory, disk) = (Registry::from_works(works).unwrap(), Registry::open(home.path()).unwrap());
    assert_eq!(searched(&memory), searched(&disk));
    assert_eq!(exported(&memory), exported(&disk));
    assert_eq!(memory.work("b").unwrap(), disk.work("b").unwrap());
    assert_eq!(memory.info(), Info { unicode: memory.info().unicode, ..disk.info() });
    assert!(error(Registry::from_works([work("a", "…")])).is_input());
}

#[test]
fn additions_day_by_day_do_not_pile_up() {
    let home = folder();
    let path = home.path();
    for day in 0..40 {
        register(path, [work(&format!("day {day}"), &text(day))]);
        assert!(segment_files(path).len() <= 8, "day {day}: {:?}", segment_files(path));
    }
    assert_eq!(searched(&Registry::open(path).unwrap()).len(), 40);
    // The same works changed again and again: what is dead never outweighs what lives by much.
    for day in 0..10 {
        register(path, (0..40).map(|n| work(&format!("day {n}"), &text(1000 * day + n))));
    }
    let info = Registry::open(path).unwrap().info();
    assert!(info.withdrawn <= 40, "{info:?}");
    assert_eq!(findings(path), []);
}

#[test]
fn segments_are_finished_when_full() {
    let home = folder();
    let path = home.path();
    let mut writer = Writer::open(path).unwrap();
    writer.max_words = 30;
    for n in 0..10 {
        writer.add(work(&n.to_string(), &text(n))).unwrap();
    }
    writer.commit().unwrap();
    let registry = Registry::open(path).unwrap();
    assert!(registry.info().segments > 1);
    assert_eq!(searched(&registry).len(), 10);
    assert_eq!(findings(path), []);
}

#[test]
fn other_unicode_tables_rebuild_the_index() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    sql(path, "UPDATE meta SET value = '1.0.0' WHERE key = 'unicode'");
    assert_eq!(Registry::open(path).unwrap().info().unicode, "1.0.0");
    register(path, []);
    assert_ne!(Registry::open(path).unwrap().info().unicode, "1.0.0");
    assert_eq!(segment_files(path), ["0000000002.segment"]);
}

#[test]
fn damage_is_found_and_a_compaction_mends_the_index() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let segment = files::segments(path).join(&segment_files(path)[0]);
    let sound = fs::read(&segment).unwrap();
    let mend = || {
        let mut writer = Writer::open(path).unwrap();
        writer.compact().unwrap();
        writer.commit().unwrap();
        assert_eq!(findings(path), []);
        assert_eq!(searched(&Registry::open(path).unwrap()).len(), 5);
        files::segments(path).join(&segment_files(path)[0])
    };
    let mut flipped = sound.clone();
    flipped[sound.len() / 2] ^= 1;
    fs::write(&segment, flipped).unwrap();
    one_finding(path, "0000000001.segment", "compaction");
    let segment = mend();

    fs::write(&segment, &sound[..sound.len() - 1]).unwrap();
    one_finding(path, "0000000002.segment", "should have");
    assert!(error(Registry::open(path)).is_corrupt());
    let segment = mend();

    fs::remove_file(&segment).unwrap();
    one_finding(path, "0000000003.segment", "missing");
    let missing = error(Registry::open(path));
    assert!(missing.is_corrupt() && missing.to_string().contains("compaction"), "{missing}");
    mend();

    sql(path, "INSERT INTO withdrawn VALUES (4, 77, 0)");
    one_finding(path, "0000000004.segment", "withdrawn");
    mend();
    sql(path, "DELETE FROM places WHERE slot = 0");
    one_finding(path, "work \"0\"", "no segment");
    one_finding(path, "0000000005.segment", "add up");
}

#[test]
fn changes_by_other_programs_are_found() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let found = |change: &str, place: &str, problem: &str| {
        let copy = copy(path);
        sql(copy.path(), change);
        one_finding(copy.path(), place, problem);
    };
    found("UPDATE works SET text = text || '!' WHERE work_id = '3'", "work \"3\"", "not the one");
    found("UPDATE works SET text = text || '!' WHERE work_id = '3'", "work \"3\"", "another text");
    found("UPDATE works SET metadata = replace(metadata, 'of 3', 'of 4')", "work \"3\"", "metadata");
    found("UPDATE works SET text = CAST(x'41ff' AS TEXT) WHERE work_id = '3'", "work \"3\"", "not the one");
    found("UPDATE works SET metadata = '{' WHERE work_id = '3'", "work \"3\"", "differ");
    found("UPDATE works SET title = 'x' WHERE work_id = '3'", "work \"3\"", "differ");
    found("UPDATE works SET record_hash = zeroblob(32) WHERE work_id = '3'", "works.db", "content hash");
    found("UPDATE places SET slot = slot + 10 WHERE slot < 2", "0000000001.segment", "add up");
    found("UPDATE segments SET works = 6", "0000000001.segment", "should hold 6");
    found("DELETE FROM meta WHERE key = 'generation'", "works.db", "generation");
    found("DELETE FROM works WHERE work_id = '1'", "works.db", "refers");
}

#[test]
fn a_damaged_database_is_a_finding_not_a_panic() {
    let home = folder();
    let path = home.path();
    let long = |n: usize| format!("{} ", text(n)).repeat(100);
    let works: Vec<Work> = (100..200).map(|n| work(&n.to_string(), &long(n))).collect();
    register(path, works.clone());
    let mut unused = 0;
    let sound = fs::read(files::database(path)).unwrap();
    let copy = copy(path);
    let path = copy.path();
    for at in (0..sound.len()).step_by(sound.len() / 41) {
        let mut damaged = sound.clone();
        let end = (at + 2000).min(sound.len());
        damaged[at..end].fill(0xa5);
        fs::write(files::database(path), damaged).unwrap();
        match check(path, |_, _| ()) {
            // Part of a page may be unused: then nothing is lost, and nothing needs to be said.
            Ok(found) if found.is_empty() => {
                assert!(
                    exported(&Registry::open(path).unwrap()) == works,
                    "damage at {at} of {}",
                    sound.len()
                );
                unused += 1;
            }
            Ok(_) => {}
            Err(e) => assert!(e.is_exists() || e.is_version(), "damage at {at}: {e:?}"),
        }
        // Whatever these say, they say it.
        let _ = Registry::open(path).map(|registry| registry.export(|_| Ok(())));
        let _ = Writer::open(path);
    }
    assert!(unused < 10, "{unused} of 41 places");
}

#[test]
fn a_full_disk_leaves_the_old_registry() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let before = (segment_files(path), exported(&Registry::open(path).unwrap()));
    let mut survived = 0;
    for room in (0..14).map(|power| (1 << (2 * power)) - 1) {
        let copy = copy(path);
        let mut writer = Writer::open(copy.path()).unwrap();
        disk::set(Some(room));
        let added = (10..13).try_for_each(|n| writer.add(work(&n.to_string(), &text(n))).map(drop));
        if added.is_err() {
            let refused = error(writer.add(work("20", &text(20))));
            assert!(refused.to_string().contains("begin again"), "{refused}");
        }
        let committed = writer.commit();
        disk::set(None);
        if committed.is_ok() {
            survived += 1;
            continue;
        }
        let after = (segment_files(copy.path()), exported(&Registry::open(copy.path()).unwrap()));
        assert_eq!(after, before, "{room} bytes");
        assert_eq!(findings(copy.path()), []);
    }
    assert!((1..13).contains(&survived), "some had room, some had not: {survived}");
}

#[test]
fn a_full_database_leaves_the_old_registry() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let before = (segment_files(path), exported(&Registry::open(path).unwrap()));
    let mut writer = Writer::open(path).unwrap();
    writer
        .sql(|c| {
            let pages: i64 = c.pragma_query_value(None, "page_count", |row| row.get(0))?;
            c.pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(()))
        })
        .unwrap();
    let full =
        error((0..50).try_for_each(|n| writer.add(work(&format!("n{n}"), &text(n).repeat(50))).map(drop)));
    assert!(full.is_io() && full.to_string().contains("the disk is full"), "{full}");
    assert!(writer.commit().is_err());
    assert_eq!((segment_files(path), exported(&Registry::open(path).unwrap())), before);
    assert_eq!(findings(path), []);
}

/// Everything in turn, by dice, against a plain map.
#[test]
fn any_sequence_of_changes_gives_what_a_map_gives() {
    for seed in 1..=4_u64 {
        let mut state = seed;
        let mut dice = |sides: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        };
        let home = folder();
        let mut model: BTreeMap<String, Work> = BTreeMap::new();
        for _ in 0..20 {
            let mut writer = Writer::open(home.path()).unwrap();
            writer.max_words = 10 + dice(200);
            let mut next = model.clone();
            for _ in 0..dice(12) {
                let id = dice(20).to_string();
                match dice(10) {
                    0..6 => {
                        let new = work(&id, &text(dice(6) as usize));
                        let added = writer.add(new.clone()).unwrap();
                        let old = next.insert(id, new.clone());
                        assert_eq!(added.unchanged, old.as_ref() == Some(&new));
                        assert_eq!(added.replaced, old.is_some_and(|old| old != new));
                    }
                    6..9 => assert_eq!(writer.withdraw(&id).unwrap(), next.remove(&id).is_some()),
                    _ => writer.compact().unwrap(),
                }
            }
            if dice(4) == 0 {
                drop(writer);
            } else {
                let commit = writer.commit().unwrap();
                let added = next.keys().filter(|id| !model.contains_key(*id)).count();
                let withdrawn = model.keys().filter(|id| !next.contains_key(*id)).count();
                // A work that was withdrawn and came again counts on both sides.
                assert_eq!(commit.added as i64 - commit.withdrawn as i64, added as i64 - withdrawn as i64);
                model = next;
            }
            let Ok(registry) = Registry::open(home.path()) else {
                assert!(model.is_empty());
                continue;
            };
            let expected: Vec<Work> = model.values().cloned().collect();
            assert_eq!(exported(&registry), expected);
            let texts: BTreeMap<String, String> =
                model.iter().map(|(id, w)| (id.clone(), w.text.clone())).collect();
            assert_eq!(searched(&registry), texts);
            let memory = Registry::from_works(expected).unwrap();
            assert_eq!(registry.content_hash(), memory.content_hash());
            let (info, other) = (registry.info(), memory.info());
            assert_eq!(
                (info.works, info.words, info.text_bytes),
                (other.works, other.words, other.text_bytes)
            );
            assert_eq!(findings(home.path()), []);
        }
    }
}
