//! Other readers, other writers, other programs' files.

use std::fs;

use super::super::super::Registry;
use super::super::{Writer, check, database, files};
use super::{
    error, exported, findings, folder, one_finding, register, searched, segment_files, sql, text, work,
};
use crate::scanner::{Output, Scanner, Settings};

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
fn a_reload_that_fails_keeps_the_old() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let mut registry = Registry::open(path).unwrap();
    let scanner = Scanner::new(registry.clone(), Settings::default());
    let output = Output { text: text(3), ..Output::default() };
    let before = scanner.scan(&output).unwrap();
    assert_eq!(before.matches.len(), 1);
    let (hash, found) = (registry.content_hash().to_owned(), searched(&registry));
    for damage in ["segment", "database", "folder"] {
        match damage {
            // As another file: what others have open stays as it is.
            "segment" => {
                let segment = files::segments(path).join(&segment_files(path)[0]);
                fs::remove_file(&segment).unwrap();
                fs::write(segment, "half of it").unwrap();
            }
            "database" => sql(path, "DELETE FROM meta"),
            _ => fs::remove_dir_all(path).unwrap(),
        }
        // What a server does when it is told that there is something new.
        match Registry::open(path) {
            Ok(new) => registry = new,
            Err(e) => assert!(e.is_corrupt() || e.is_not_found(), "{damage}: {e:?}"),
        }
        assert_eq!(registry.content_hash(), hash);
        assert_eq!(searched(&registry), found, "{damage}");
        assert_eq!(scanner.scan(&output).unwrap(), before, "{damage}");
        assert_eq!(Scanner::new(registry.clone(), Settings::default()).scan(&output).unwrap(), before);
    }
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
fn who_looks_for_a_writer_keeps_none_out() {
    let home = folder();
    let path = home.path();
    register(path, [work("a", &text(1))]);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for _ in 0..200 {
                drop(Writer::open(path).unwrap());
            }
        });
        while !writing.is_finished() {
            files::has_writer(path);
        }
    });
    // One who writes does.
    let writer = Writer::open(path).unwrap();
    assert!(Writer::open(path).is_err_and(|e| e.is_locked()));
    drop(writer);
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
    let connection = database::begin(&files::database(path), database::Access::Frozen).unwrap();
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
        error(super::super::work(path, "a")),
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
