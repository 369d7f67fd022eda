//! Registries that earlier versions wrote (`tests/files/`): read, and the same is found in them.

use std::fs;
use std::path::{Path, PathBuf};

use nagalm::report::{Match, OffsetUnit};
use nagalm::{Output, Registry, Report, Scanner, Settings, Work, Writer, check};
use nagalm_tests::workspace_root;
use serde::de::DeserializeOwned;

/// The formats of released versions, and the one that is to come.
fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace_root().join("tests/files")).expect("a folder of frozen files");
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

#[test]
fn registries_of_every_version_are_read() {
    let folders = folders();
    let newest = Registry::from_works([]).expect("a registry without works").info().format;
    let expected: Vec<String> = (1..=newest).map(|format| format!("format-{format}")).collect();
    let names: Vec<_> =
        folders.iter().map(|path| path.file_name().expect("a name").to_string_lossy()).collect();
    assert_eq!(names, expected, "each format has its folder");
    for frozen in folders {
        // As a copy: a writer is to go on with it, too.
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path();
        copy(&frozen.join("registry"), path);
        let outputs: Vec<Output> = lines(&frozen.join("outputs.jsonl"));
        let reports: Vec<Report> = lines(&frozen.join("reports.jsonl"));
        let works: Vec<Work> = lines(&frozen.join("exported.jsonl"));

        let read = match Registry::open(path) {
            Ok(registry) => registry,
            // Texts that other Unicode tables folded are indexed again, as the error says.
            Err(e) if e.is_version() && e.to_string().contains("nagalm compact") => {
                let mut writer = Writer::open(path).expect("a writer");
                writer.compact().expect("works to index");
                writer.commit().expect("a commit");
                Registry::open(path).expect("a registry indexed anew")
            }
            Err(e) => panic!("{}: {e:?}", frozen.display()),
        };
        assert_eq!(check(path, |_, _| ()).expect("a registry"), []);
        let mapped = Registry::options().mapped(true).open(path).expect("a registry");
        for registry in [&read, &mapped] {
            assert_eq!(found(registry, &outputs), passages(&reports), "{}", frozen.display());
            assert_eq!(registry.content_hash(), &*reports[0].registry, "the works have the same hash");
        }
        let mut exported = Vec::new();
        read.export(|work| {
            exported.push(work);
            Ok(())
        })
        .expect("works");
        assert_eq!(exported, works);

        // A writer goes on where the old one ended.
        let mut writer = Writer::open(path).expect("a writer");
        assert!(writer.add(works[0].clone()).expect("a work").unchanged);
        assert!(writer.withdraw(&works[1].work_id).expect("a registry"));
        writer.compact().expect("works to index");
        writer.commit().expect("a commit");
        assert_eq!(Registry::open(path).expect("a registry").info().works, works.len() - 1);
        assert_eq!(check(path, |_, _| ()).expect("a registry"), []);
    }
}

/// The passages found: all of a match but what it is worth, and what other works hold it, too.
fn passages(reports: &[Report]) -> Vec<(String, Vec<Match>)> {
    let bare = |m: &Match| Match { bits: 0.0, evalue: 0.0, also_in: Vec::new(), ..m.clone() };
    reports.iter().map(|report| (report.id.to_string(), report.matches.iter().map(bare).collect())).collect()
}

fn found(registry: &Registry, outputs: &[Output]) -> Vec<(String, Vec<Match>)> {
    let mut settings = Settings::default();
    settings.offset_unit = OffsetUnit::CodePoint;
    let scanner = Scanner::new(registry.clone(), settings);
    let reports: Vec<Report> = outputs.iter().map(|output| scanner.scan(output).expect("a scan")).collect();
    passages(&reports)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("segments")).expect("a folder");
    fs::copy(from.join("works.db"), to.join("works.db")).expect("a database");
    for entry in fs::read_dir(from.join("segments")).expect("segments") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join("segments").join(entry.file_name())).expect("a segment");
    }
}

fn lines<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let text = fs::read_to_string(path).expect("a frozen file");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}
