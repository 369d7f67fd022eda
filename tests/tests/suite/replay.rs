//! What fuzzing found worth keeping, looked at again: `tests/fuzz/corpus`, one folder a target.

use std::path::PathBuf;

use nagalm_tests::hostile::{TARGETS, Target};
use nagalm_tests::workspace_root;

/// The files of a target's corpus, in their order.
fn kept(name: &str) -> Vec<PathBuf> {
    let folder = workspace_root().join("tests/fuzz/corpus").join(name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let target: Target = TARGETS.iter().find(|(n, _)| *n == name).expect("a target of the table").1;
    let files = kept(name);
    assert!(!files.is_empty(), "nothing is kept of {name}");
    for file in files {
        // Shown only where the test fails: the last one is the file at fault.
        println!("{}", file.display());
        target(&std::fs::read(&file).expect("the file was listed"));
    }
}

#[test]
fn fold_and_scan() {
    replay("fold_and_scan");
}

#[test]
fn register() {
    replay("register");
}

#[test]
#[cfg(feature = "importers")]
fn importers() {
    replay("importers");
}

#[test]
#[cfg(feature = "importers")]
fn parquet() {
    replay("parquet");
}

#[test]
fn segment() {
    replay("segment");
}

#[test]
fn sealed() {
    replay("sealed");
}

#[test]
fn vectors() {
    replay("vectors");
}

/// A target that is not in all places is not fuzzed, or not replayed.
#[test]
fn targets_are_complete() {
    let fuzz = workspace_root().join("tests/fuzz");
    let manifest = std::fs::read_to_string(fuzz.join("Cargo.toml")).expect("the fuzz workspace is there");
    let this = include_str!("replay.rs");
    for (name, _) in TARGETS {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name}: no entry in tests/fuzz/Cargo.toml"
        );
        let target = std::fs::read_to_string(fuzz.join(format!("targets/{name}.rs"))).unwrap_or_default();
        assert!(target.contains(&format!("hostile::{name}(")), "{name}: no file in tests/fuzz/targets");
        assert!(this.contains(&format!("replay(\"{name}\")")), "{name}: not replayed here");
    }
}
