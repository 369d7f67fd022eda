//! What holds for the registry as a whole, whatever way it came about.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::super::super::{Info, Registry, Work};
use super::super::{Writer, files, snapshot};
use super::{error, exported, findings, folder, register, searched, segment_files, sql, text, work};

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
    // On disk the replaced work takes room until the next compaction; in memory it never got any.
    let (memory, disk) = (memory.info(), disk.info());
    assert_eq!((disk.withdrawn, memory.withdrawn), (1, 0));
    assert_eq!(memory, Info { withdrawn: 0, index_bytes: memory.index_bytes, ..disk });
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
    snapshot::seal(&Connection::open(files::database(path)).unwrap()).unwrap();
    assert_eq!(Registry::open(path).unwrap().info().unicode, "1.0.0");
    register(path, []);
    assert_ne!(Registry::open(path).unwrap().info().unicode, "1.0.0");
    assert_eq!(segment_files(path), ["0000000002.segment"]);
}

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
