//! Adding, replacing, withdrawing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::super::super::{Registry, Warning, Work};
use super::super::{Commit, Writer, files, list};
use super::{error, exported, findings, folder, register, searched, segment_files, text, work};

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
    let generation = list(path).unwrap().generation;
    let second = register(path, works());
    assert_eq!(second, Commit { content_hash: first.content_hash, ..Commit::default() });
    assert_eq!(segment_files(path), segments);
    assert_eq!(fs::metadata(files::database(path)).unwrap().len(), database);
    assert_eq!(list(path).unwrap().generation, generation);
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
fn an_empty_commit_makes_a_registry() {
    let home = folder();
    register(home.path(), []);
    let registry = Registry::open(home.path()).unwrap();
    assert_eq!((registry.info().works, registry.info().segments), (0, 0));
    assert_eq!(findings(home.path()), []);
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

/// An index keeps the first few works that hold a common gram: when these are withdrawn, the next ones take their places.
#[test]
fn what_withdrawn_works_hid_is_found() {
    use super::super::super::super::{Output, Scanner, Settings};
    let home = folder();
    let path = home.path();
    let verse = "the ferryman counts his copper coins beside a smoking lamp and says the river has no farther shore, \
                 until the morning brightens over sleepy water and a hundred lightless vessels follow him upstream, \
                 where nobody remembers any longer which of the villages had bells and which of them had only echoes";
    let version =
        |n: usize| work(&format!("{n:02}"), &format!("{} {verse} {}", text(2 * n), text(2 * n + 1)));
    register(path, (0..30).map(version));
    let copied_from = || {
        let settings = Settings { max_evalue: f64::INFINITY, ..Settings::default() };
        let scanner = Scanner::new(Registry::open(path).unwrap(), settings);
        let apart: String = verse.chars().filter(|c| c.is_alphabetic()).flat_map(|c| [c, ' ']).collect();
        [verse.to_owned(), apart].map(|text| {
            let report = scanner.scan(&Output { text, ..Output::default() }).unwrap();
            report.matches.first().map(|found| found.work_id.clone())
        })
    };
    assert_eq!(copied_from(), [Some("00".into()), Some("00".into())]);
    let mut writer = Writer::open(path).unwrap();
    (0..12).for_each(|n| assert!(writer.withdraw(&format!("{n:02}")).unwrap()));
    writer.commit().unwrap();
    assert_eq!(copied_from(), [Some("12".into()), Some("12".into())]);
    assert_eq!(Registry::open(path).unwrap().info().withdrawn, 0, "the segment was written anew");
    // Works that hide nothing stay where they are.
    let mut writer = Writer::open(path).unwrap();
    assert!(writer.withdraw("29").unwrap());
    writer.commit().unwrap();
    assert_eq!(Registry::open(path).unwrap().info().withdrawn, 1);
    assert_eq!(findings(path), []);
}
