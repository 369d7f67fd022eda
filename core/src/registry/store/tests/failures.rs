//! Writers that are dropped, killed, or run out of disk.

use std::fs;

use super::super::super::Registry;
use super::super::{Writer, files, snapshot};
use super::{
    copy, disk, error, exported, findings, folder, one_finding, register, searched, segment_files, text, work,
};

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
    writer.sql(snapshot::seal).unwrap();
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
