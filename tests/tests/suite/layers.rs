//! The rules of the house, enforced by reading the code.
//!
//! The tables at the top are the law; what follows reads tokens (so that comments and strings never count, and macro
//! bodies do) and names file and line of each violation. Code for tests (`#[cfg(test)]`, `tests.rs`) is free.

mod source;

use std::path::Path;

use nagalm_tests::workspace_root;
use source::{Path as CodePath, Source};

/// Which rooms a room may import from; imports point one way. `error` is open to all and not repeated here.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    // Below the stages: arithmetic and kernels that know nothing of texts.
    ("logarithm", &[]),
    ("simd", &[]),
    ("text", &["simd"]),
    // Siblings: none of these three may know another.
    ("fingerprint", &["logarithm", "text", "simd"]),
    ("neighbour", &["text", "simd"]),
    ("style", &["text"]),
    ("registry", &["logarithm", "simd", "text", "fingerprint", "neighbour", "style"]),
    ("search", &["logarithm", "text", "fingerprint", "registry", "simd"]),
    ("score", &["logarithm", "text", "fingerprint", "registry", "search"]),
    ("report", &["text", "fingerprint", "registry", "search", "score"]),
    ("policy", &["report"]),
    // The conductors: only these two call across stages.
    ("scanner", EVERY_EARLIER),
    ("stream", EVERY_EARLIER),
];

/// Every room that stands earlier in the table.
const EVERY_EARLIER: &[&str] = &["*"];

/// Names of the crate's root that are no room and may be used anywhere.
const ROOT_NAMES: &[&str] = &["VERSION"];

/// Paths that the core must not name, why, and the files (below `core/src`, by prefix) where they are allowed.
const FORBIDDEN_PATHS: &[(&[&str], &str, &[&str])] = &[
    (&["std", "net"], "the core has no network", &[]),
    (&["std", "time"], "the core has no clock", &[]),
    (&["std", "env"], "the core has no environment", &[]),
    (&["std", "process"], "the core starts and ends no process", &[]),
    (&["std", "io", "stdout"], "the core does not print", &[]),
    (&["std", "io", "stderr"], "the core does not print", &[]),
    (&["std", "io", "stdin"], "the core reads no terminal", &[]),
    (&["rand"], "the core has no unseeded randomness", &[]),
    (&["getrandom"], "the core has no unseeded randomness", &[]),
    (&["fastrand"], "the core has no unseeded randomness", &[]),
    (&["std", "os"], "files only in the registry's file rooms", FILE_ROOMS),
    (&["std", "fs"], "files only in the registry's file rooms", FILE_ROOMS),
    (&["memmap2"], "files are mapped only in the file-mapping room", MAPPING_ROOMS),
];

const FILE_ROOMS: &[&str] =
    &["registry/store.rs", "registry/store/", "registry/segment/map.rs", "registry/segment/texts.rs"];
const MAPPING_ROOMS: &[&str] = &["registry/segment/map.rs", "registry/segment/memory.rs"];

/// What lies under a forbidden path and is harmless: a duration tells no time.
const HARMLESS_PATHS: &[&[&str]] = &[&["std", "time", "Duration"]];

/// Macros that the core must not call.
const FORBIDDEN_MACROS: &[(&str, &str)] = &[
    ("println", "the core does not print"),
    ("eprintln", "the core does not print"),
    ("print", "the core does not print"),
    ("eprint", "the core does not print"),
    ("dbg", "the core does not print"),
    ("todo", "unfinished code"),
    ("unimplemented", "unfinished code"),
];

/// Files (below `core/src`, by prefix) that may say `unsafe`.
const UNSAFE_ROOMS: &[&str] = &["simd/", "registry/segment/map.rs"];

/// What belongs to front ends and must not stand in the core's manifest.
const FRONT_END_CRATES: &[&str] = &[
    "clap",
    "indicatif",
    "console",
    "anstyle",
    "anstream",
    "owo-colors",
    "terminal_size",
    "env_logger", // command line
    "pyo3",
    "numpy",
    "pyo3-build-config", // Python
    "wasm-bindgen",
    "js-sys",
    "web-sys",
    "serde-wasm-bindgen",
    "console_error_panic_hook", // browser
    "reqwest",
    "ureq",
    "hyper",
    "tokio",
    "chrono",
    "time", // network and clock
];

/// Crates that build on the façade.
const FRONT_ENDS: &[&str] =
    &["core/cli/src", "bindings-python/src", "bindings-wasm/src", "bindings-wasm/meaning/src"];

/// All violations in one file of the core. `file` is its path below `core/src`, with forward slashes.
fn violations(file: &str, text: &str) -> Vec<String> {
    let source = Source::parse(file, text).unwrap_or_else(|e| panic!("core/src/{file}: {e}"));
    let mut found = Vec::new();
    let mut say = |line: usize, what: String| found.push(format!("core/src/{file}:{line}: {what}"));

    for path in &source.paths {
        if let Some(what) = import_violation(&source.room, path) {
            say(path.line, what);
        }
        let harmless = HARMLESS_PATHS.iter().any(|harmless| path.starts_with(harmless));
        for (forbidden, why, allowed) in FORBIDDEN_PATHS.iter().filter(|_| !harmless) {
            if path.starts_with(forbidden) && !within(file, allowed) {
                say(path.line, format!("`{}`: {why}", path.text()));
            }
        }
    }
    for (name, line) in &source.macros {
        if let Some((_, why)) = FORBIDDEN_MACROS.iter().find(|(m, _)| m == name) {
            say(*line, format!("`{name}!`: {why}"));
        }
    }
    if !within(file, UNSAFE_ROOMS) {
        for line in &source.unsafes {
            say(*line, format!("`unsafe` stands only in {}", UNSAFE_ROOMS.join(", ")));
        }
    }
    found
}

fn within(file: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| file.starts_with(prefix))
}

fn import_violation(room: &str, path: &CodePath) -> Option<String> {
    // `crate::x::…` names a room; `super` and `self` were resolved to it while reading.
    let target = path.room()?;
    if room == FACADE || target == room || target == "error" || ROOT_NAMES.contains(&target) {
        return None;
    }
    if !ROOMS.iter().any(|(name, _)| *name == target) {
        return Some(format!("`{}`: import it from its room, not from the façade", path.text()));
    }
    let Some(place) = ROOMS.iter().position(|(name, _)| *name == room) else {
        return Some(format!("`{room}` is no room of the house: add it to the table of rooms"));
    };
    let allowed: Vec<&str> = match ROOMS[place].1 {
        EVERY_EARLIER => ROOMS[..place].iter().map(|(name, _)| *name).collect(),
        listed => listed.to_vec(),
    };
    let refused = !allowed.contains(&target);
    refused.then(|| {
        let list = allowed.iter().fold("error".to_owned(), |list, name| list + ", " + name);
        format!("`{}`: room `{room}` may import only from: {list}", path.text())
    })
}

/// What `lib.rs` is called here: it re-exports, so it may name every room.
const FACADE: &str = "lib";

fn rust_files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the source tree can be read").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let below = path.strip_prefix(folder).expect("walked from there");
            let name = below.to_str().expect("our file names are UTF-8").replace('\\', "/");
            (name, std::fs::read_to_string(&path).expect("source is UTF-8"))
        })
        .collect();
    files.sort();
    files
}

fn is_test_file(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs"))
}

#[test]
fn the_core_keeps_the_rules() {
    let files = rust_files(&workspace_root().join("core/src"));
    assert!(files.len() > 5, "the core's source was not found");
    let found: Vec<_> = files
        .iter()
        .filter(|(file, _)| !is_test_file(file))
        .flat_map(|(file, text)| violations(file, text))
        .collect();
    assert!(found.is_empty(), "the house has rules (core/ARCHITECTURE.md):\n{}", found.join("\n"));
}

#[test]
fn the_facade_only_re_exports() {
    let text =
        std::fs::read_to_string(workspace_root().join("core/src/lib.rs")).expect("the façade is there");
    let source = Source::parse("lib.rs", &text).expect("it is Rust");
    assert!(
        source
            .items
            .iter()
            .all(|item| !["fn", "struct", "enum", "impl", "trait", "static", "union"].contains(&&**item)),
        "core/src/lib.rs holds modules, re-exports and constants only, not: {:?}",
        source.items
    );
}

#[test]
fn the_core_depends_on_no_front_end() {
    let text =
        std::fs::read_to_string(workspace_root().join("core/Cargo.toml")).expect("the manifest is there");
    let manifest: toml::Table = text.parse().expect("a manifest is TOML");
    let mut tables = Vec::new();
    collect_dependencies(&manifest, &mut tables);
    let bad: Vec<_> = tables.iter().filter(|name| FRONT_END_CRATES.contains(&name.as_str())).collect();
    assert!(bad.is_empty(), "core/Cargo.toml: {bad:?} belong to a front end");
}

/// Names in every `dependencies` and `build-dependencies` table, those under `target.*` included.
fn collect_dependencies(table: &toml::Table, into: &mut Vec<String>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        if key == "dependencies" || key == "build-dependencies" {
            into.extend(inner.iter().map(|(name, value)| {
                // `x = { package = "y" }` depends on y.
                value.get("package").and_then(|p| p.as_str()).unwrap_or(name).to_owned()
            }));
        } else if key == "target" {
            inner.values().filter_map(|v| v.as_table()).for_each(|t| collect_dependencies(t, into));
        }
    }
}

#[test]
fn front_ends_use_the_facade() {
    let root = workspace_root();
    let facade = std::fs::read_to_string(root.join("core/src/lib.rs")).expect("the façade is there");
    let public = Source::parse("lib.rs", &facade).expect("it is Rust").public_names;
    for folder in FRONT_ENDS {
        for (file, text) in rust_files_if_any(&root.join(folder)) {
            let source = Source::parse(&file, &text).unwrap_or_else(|e| panic!("{folder}/{file}: {e}"));
            for path in source.paths.iter().filter(|p| p.segments.len() > 1 && p.segments[0] == "nagalm") {
                assert!(
                    public.contains(&path.segments[1]) || path.segments[1] == "*",
                    "{folder}/{file}:{}: `{}` is not in the façade",
                    path.line,
                    path.text()
                );
            }
            // Reaching into the core's files goes around the façade; what a front end shares with its own second module does not.
            let text = text.replace("#[path = \"../../src/errors.rs\"]\nmod errors;", "");
            assert!(!text.contains("#[path"), "{folder}/{file}: `#[path]` reaches around the façade");
        }
    }
}

/// Paths that the browser's front end must not name: a browser has none of these, and a call would only trap.
const NOT_IN_BROWSERS: &[&[&str]] = &[
    &["std", "env"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "os"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "time"],
];

#[test]
fn the_browser_gets_nothing_that_it_has_not() {
    // Of the second module's features, `meaning` alone.
    for (crate_folder, features) in
        [("bindings-wasm", None), ("bindings-wasm/meaning", Some(vec!["meaning".into()]))]
    {
        let folder = workspace_root().join(crate_folder);
        let files = rust_files(&folder.join("src"));
        assert!(!files.is_empty(), "the browser's front end was not found");
        for (file, text) in files {
            let file = format!("{crate_folder}/src/{file}");
            let source = Source::parse(&file, &text).unwrap_or_else(|e| panic!("{file}: {e}"));
            for path in &source.paths {
                let forbidden = NOT_IN_BROWSERS.iter().any(|forbidden| path.starts_with(forbidden));
                assert!(!forbidden, "{file}:{}: `{}`", path.line, path.text());
            }
            assert!(source.unsafes.is_empty(), "{file}: `unsafe` stands only in the core");
        }
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest is there");
        let manifest: toml::Table = text.parse().expect("a manifest is TOML");
        let core = &manifest["dependencies"]["nagalm"];
        assert_eq!(
            core.get("default-features").and_then(toml::Value::as_bool),
            Some(false),
            "no files, no threads"
        );
        assert_eq!(core.get("features").cloned(), features.map(toml::Value::Array), "no files, no threads");
    }
}

fn rust_files_if_any(folder: &Path) -> Vec<(String, String)> {
    if folder.is_dir() { rust_files(folder) } else { Vec::new() }
}

#[track_caller]
fn assert_violation(file: &str, text: &str, expected: &str) {
    let found = violations(file, text);
    assert!(
        found.len() == 1 && found[0].contains(expected),
        "expected one violation with {expected:?} in {file}, found {found:?}"
    );
}

#[test]
fn violations_are_caught() {
    assert_violation(
        "text/fold.rs",
        "use crate::registry::Work;",
        "core/src/text/fold.rs:1: `crate::registry::Work`",
    );
    assert_violation(
        "text/mod.rs",
        "\n\nuse crate::{error::Result, search::chain};",
        "mod.rs:3: `crate::search::chain`",
    );
    assert_violation("fingerprint/mod.rs", "use super::neighbour::Vector;", "`crate::neighbour::Vector`");
    assert_violation(
        "search/chain.rs",
        "mod inner { use super::super::super::scanner::X; }",
        "`crate::scanner::X`",
    );
    assert_violation("search/chain.rs", "fn f() { crate::score::bits(1) }", "`crate::score::bits`");
    assert_violation("policy.rs", "use crate::scanner::Settings;", "may import only from: error, report");
    assert_violation("scanner.rs", "use crate::stream::Piece;", "room `scanner` may import only from");
    assert_violation("score.rs", "use crate::Work;", "from its room, not from the façade");
    assert_violation("cellar.rs", "use crate::text::fold;", "is no room of the house");
    assert_violation("report.rs", "fn f() { let t = vec![std::time::Instant::now()]; }", "no clock");
    assert_violation("report.rs", "fn f() { println!(\"x\") }", "does not print");
    assert_violation("search/mod.rs", "use std::{collections::BTreeMap, fs::File};", "file rooms");
    assert_violation("registry/work.rs", "use std::fs;", "file rooms");
    assert_violation("text/mod.rs", "fn f(x: *const u8) -> u8 { unsafe { *x } }", "`unsafe` stands only in");
    assert_violation("text/mod.rs", "fn f() -> u64 { rand::random() }", "unseeded randomness");
}

#[test]
fn what_is_allowed_is_not_caught() {
    let allowed = [
        ("search/seeds.rs", "use crate::{error::Result, registry::Registry, text::fold, fingerprint};"),
        (
            "search/seeds.rs",
            "// use crate::scanner::X; println!()\nconst A: &str = \"std::fs crate::scanner unsafe\";",
        ),
        ("scanner.rs", "use crate::{search, score, report::Report, VERSION};"),
        ("registry/store/files.rs", "use std::fs::File;"),
        (
            "registry/store/files.rs",
            "use super::super::Work; use super::Writer; use crate::registry::Segment;",
        ),
        ("registry/mod.rs", "use std::time::Duration;"),
        ("simd/avx2.rs", "pub(crate) unsafe fn f() {}"),
        ("text/mod.rs", "#[cfg(test)] mod tests { use crate::registry::Work; fn f() { println!() } }"),
        ("text/mod.rs", "#[cfg(all(test, feature = \"x\"))] fn f() { std::env::temp_dir(); }"),
        ("text/mod.rs", "use std::fmt; const V: &str = env!(\"CARGO_PKG_VERSION\"); fn f() { x.rand(); }"),
    ];
    for (file, text) in allowed {
        assert_eq!(violations(file, text), Vec::<String>::new(), "{text}");
    }
    // `not(test)` is code that ships.
    assert_eq!(violations("text/mod.rs", "#[cfg(not(test))] fn f() { print!(\"x\") }").len(), 1);
}

#[test]
fn the_table_of_rooms_has_no_circle() {
    // The table stands in an order in which every room comes after all that it imports.
    for (place, (room, allowed)) in ROOMS.iter().enumerate() {
        for target in allowed.iter().filter(|_| *allowed != EVERY_EARLIER) {
            let other = ROOMS.iter().position(|(name, _)| name == target).expect("a room of the table");
            assert!(other < place, "`{room}` may import `{target}`, which stands after it");
        }
    }
}
