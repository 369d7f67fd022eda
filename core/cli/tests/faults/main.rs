//! A writer that is killed, whose disk fails, or under which the power goes: afterwards there is the old registry or the
//! new one, and never anything else.
//!
//! The program itself is run, with its files watched (`shim.c`, which needs a C compiler). `cargo test` takes a sample of
//! the places at which something can go wrong; `NAGALM_FAULTS=all` takes all, `NAGALM_FAULT_SECONDS` says how long
//! programs are killed.
#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

mod kill;
mod replay;
mod seal;
mod watched;

use std::path::{Path, PathBuf};
use std::process::Command;

use nagalm::{Registry, Work, Writer, check};

/// One test at a time: a program that one of them starts holds, for a moment, the files that the others have open, locks
/// among them.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What is done to a registry, and what it is before and after.
struct Change {
    name: &'static str,
    /// The registry before; an empty folder where there is none.
    before: tempfile::TempDir,
    arguments: Vec<String>,
    /// Content hash and what is found, before (none: no registry) and after.
    old: Option<Answer>,
    new: Answer,
}

/// What a registry says: its content hash, and the works that are there.
type Answer = (String, Vec<Work>);

/// A folder where files are quickest.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
}

fn text(n: usize) -> String {
    format!("verse {n} of a song that nobody sings, with {} birds and a hill\n", n * 7).repeat(12)
}

fn work(n: usize) -> Work {
    Work { work_id: format!("w{n}"), text: text(n), ..Work::default() }
}

/// The name of the registry in its folder.
const NAME: &str = "songs.nagalm";

impl Change {
    fn all() -> Vec<Self> {
        let registry = || {
            let home = folder();
            let mut writer = Writer::open(&home.path().join(NAME)).expect("a new registry");
            (0..12).for_each(|n| drop(writer.add(work(n)).expect("a work")));
            writer.commit().expect("a commit");
            let mut writer = Writer::open(&home.path().join(NAME)).expect("a registry");
            (2..5).for_each(|n| assert!(writer.withdraw(&format!("w{n}")).expect("a registry")));
            writer.commit().expect("a commit");
            home
        };
        let works = |home: &tempfile::TempDir| {
            let lines = (9..20).map(|n| serde_json::to_string(&work(if n < 12 { n + 100 } else { n })));
            let mut lines = lines.collect::<Result<Vec<_>, _>>().expect("works are JSON");
            // Some replace others.
            lines[0] = lines[0].replace("w109", "w9");
            let path = home.path().join("works.jsonl");
            std::fs::write(&path, lines.join("\n")).expect("a file");
            path.to_str().expect("a plain path").to_owned()
        };
        let registering = registry();
        let file = works(&registering);
        let first = folder();
        let first_file = works(&first);
        vec![
            Self::new("register", registering, &["register", NAME, &file]),
            Self::new("withdraw", registry(), &["withdraw", NAME, "w1", "w7"]),
            Self::new("compact", registry(), &["compact", NAME]),
            Self::new("first registration", first, &["register", NAME, &first_file]),
        ]
    }

    fn new(name: &'static str, before: tempfile::TempDir, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(ToString::to_string).collect();
        let mut change = Self { name, before, arguments, old: None, new: Answer::default() };
        change.old = answer(change.before.path()).expect("a sound registry, or none");
        let home = change.begin();
        let done = change.command(home.path()).output().expect("the program runs");
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
        change.new = answer(home.path()).expect("a sound registry").expect("a registry");
        assert!(change.old.as_ref() != Some(&change.new) || name == "compact", "{name} changes nothing");
        change
    }

    /// A copy of the registry as it was.
    fn begin(&self) -> tempfile::TempDir {
        let home = folder();
        copy(self.before.path(), home.path());
        home
    }

    fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nagalm"));
        // Whole paths: what is watched is known by these.
        let registry = home.canonicalize().expect("a folder").join(NAME);
        for argument in &self.arguments {
            if argument == NAME {
                command.arg(&registry)
            } else {
                command.arg(argument)
            };
        }
        command.current_dir(home);
        command
    }

    /// Looks at what is left: the old or the new, or only the new; and the next writer goes on with it.
    fn judge(&self, home: &Path, must_be_new: bool, what: &str) {
        let what = format!("{}, {what}", self.name);
        let path = home.join(NAME);
        let there = answer(home).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        let is_new = there.as_ref() == Some(&self.new);
        assert!(is_new || !must_be_new && there == self.old, "{what}: neither old nor new");
        if there.is_some() {
            let found = check(&path, |_, _| ()).unwrap_or_else(|e| panic!("{what}: {e:?}"));
            assert!(found.iter().all(|finding| finding.problem.contains("killed")), "{what}: {found:?}");
        }
        let writer = Writer::open(&path).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        writer.commit().unwrap_or_else(|e| panic!("{what}: {e:?}"));
        let after = answer(home).unwrap_or_else(|e| panic!("{what}: {e:?}"));
        assert!(there.is_none() || after == there, "{what}: the next writer changed something");
        assert_eq!(check(&path, |_, _| ()).expect("a registry"), [], "{what}");
    }
}

/// What a registry says; none where there is none.
fn answer(home: &Path) -> nagalm::Result<Option<Answer>> {
    let registry = match Registry::open(&home.join(NAME)) {
        Ok(registry) => registry,
        Err(e) if e.is_not_found() => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut works = Vec::new();
    registry.export(|work| {
        works.push(work);
        Ok(())
    })?;
    Ok(Some((registry.content_hash().to_owned(), works)))
}

/// Copies all files below a folder.
fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let to = to.join(file.strip_prefix(from).expect("a file of the folder"));
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::copy(file, to).expect("a copy");
    }
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Whether all places are to be tried, and not a sample.
fn is_all() -> bool {
    std::env::var("NAGALM_FAULTS").is_ok_and(|value| value == "all")
}
