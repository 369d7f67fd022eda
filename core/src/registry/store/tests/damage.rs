//! What `check` finds.

use std::fs;

use super::super::super::{Registry, Work};
use super::super::{Writer, check, files};
use super::{
    copy, error, exported, findings, folder, one_finding, register, searched, segment_files, sql, text, work,
};

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
fn the_index_of_another_registry_is_turned_down() {
    let (home, other) = (folder(), folder());
    register(home.path(), (0..5).map(|n| work(&n.to_string(), &text(n))));
    // The same works in another order: a sound file of the same length, in which other slots are whose.
    register(other.path(), (0..5).rev().map(|n| work(&n.to_string(), &text(n))));
    let segment = |path| files::segments(path).join(&segment_files(path)[0]);
    let (mine, theirs) = (segment(home.path()), fs::read(segment(other.path())).unwrap());
    assert_eq!(fs::metadata(&mine).unwrap().len(), theirs.len() as u64);
    fs::write(&mine, theirs).unwrap();
    one_finding(home.path(), "0000000001.segment", "not the one that was written for this registry");
    let foreign = error(Registry::open(home.path()));
    assert!(foreign.is_corrupt() && foreign.to_string().contains("compaction"), "{foreign}");
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
    let works: Vec<Work> = (100..500).map(|n| work(&n.to_string(), &long(n))).collect();
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
fn a_changed_list_of_withdrawn_works_is_refused() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    let mut writer = Writer::open(path).unwrap();
    writer.withdraw("1").unwrap();
    writer.commit().unwrap();
    let sound = searched(&Registry::open(path).unwrap());
    for change in [
        "UPDATE withdrawn SET slot = 2",
        "UPDATE withdrawn SET text_bytes = text_bytes + 1",
        "DELETE FROM withdrawn",
        "UPDATE segments SET words = words + 1",
        "UPDATE segments SET file = '../elsewhere'",
        "DELETE FROM segments",
        "DELETE FROM places WHERE slot = 3; UPDATE meta SET value = value + 1 WHERE key = 'generation'",
        "UPDATE meta SET value = '1' WHERE key = 'next_segment'",
        "UPDATE meta SET value = '' WHERE key = 'unicode'",
        "DELETE FROM meta WHERE key = 'snapshot'",
    ] {
        let copy = copy(path);
        let path = copy.path();
        sql(path, change);
        let refused = error(Registry::open(path));
        assert!(
            refused.is_corrupt() && refused.to_string().contains("nagalm compact"),
            "{change}: {refused}"
        );
        one_finding(path, "works.db", "list of index files and withdrawn works");
        // Nothing is built on it …
        let write = |what: &dyn Fn(&mut Writer) -> crate::Result<()>| {
            let mut writer = Writer::open(path).unwrap();
            what(&mut writer).and_then(|()| writer.commit().map(drop))
        };
        assert!(error(write(&|writer| writer.add(work("9", &text(9))).map(drop))).is_corrupt());
        assert!(error(write(&|writer| writer.withdraw("2").map(drop))).is_corrupt());
        assert!(error(write(&|_| Ok(()))).is_corrupt());
        // … until it was made anew from the works.
        write(&Writer::compact).unwrap();
        assert_eq!(searched(&Registry::open(path).unwrap()), sound, "{change}");
        register(path, []);
        assert_eq!(findings(path), [], "{change}");
    }
}

#[test]
fn a_damaged_work_is_not_handed_on_and_is_mended_by_registering_it_again() {
    let home = folder();
    let path = home.path();
    let works: Vec<Work> = (0..5).map(|n| work(&n.to_string(), &text(n))).collect();
    register(path, works.clone());
    for change in ["SET text = text || '!'", "SET metadata = replace(metadata, 'of 3', 'of 4')"] {
        let copy = copy(path);
        let path = copy.path();
        sql(path, &format!("UPDATE works {change} WHERE work_id = '3'"));
        let registry = Registry::open(path).unwrap();
        let compacted = Writer::open(path).unwrap().compact();
        for refused in [error(registry.export(|_| Ok(()))), error(registry.work("3")), error(compacted)] {
            let told = refused.to_string();
            assert!(refused.is_corrupt() && told.contains("work \"3\"") && told.contains("again"), "{told}");
        }
        assert_eq!(registry.work("2").unwrap().as_ref(), Some(&works[2]));
        let commit = register(path, [works[3].clone()]);
        assert_eq!((commit.replaced, commit.content_hash.as_str()), (1, registry.content_hash()));
        assert_eq!(exported(&registry), works);
        assert_eq!(findings(path), []);
    }
    sql(path, "DELETE FROM places WHERE work = 4; DELETE FROM works WHERE work_id = '3'");
    let lost = error(Registry::open(path).unwrap().export(|_| Ok(())));
    assert!(lost.is_corrupt() && lost.to_string().contains("backup"), "{lost}");
    assert!(error(Writer::open(path).unwrap().compact()).is_corrupt());
}

#[test]
fn views_in_place_of_tables_are_not_asked() {
    let home = folder();
    let path = home.path();
    register(path, (0..5).map(|n| work(&n.to_string(), &text(n))));
    // What others keep in the same file is theirs.
    sql(path, "CREATE TABLE notes (note TEXT); CREATE VIEW titles AS SELECT title FROM works");
    assert_eq!(searched(&Registry::open(path).unwrap()).len(), 5);
    assert_eq!(findings(path), []);
    sql(
        path,
        "DROP TABLE withdrawn; CREATE VIEW withdrawn AS WITH RECURSIVE forever (segment, slot, text_bytes) AS
         (SELECT 1, 1, 1 UNION ALL SELECT segment, slot, text_bytes FROM forever) SELECT * FROM forever",
    );
    for refused in [error(Registry::open(path)), error(Writer::open(path))] {
        assert!(refused.is_corrupt() && refused.to_string().contains("other tables"), "{refused}");
    }
    one_finding(path, "works.db", "other tables");
}
