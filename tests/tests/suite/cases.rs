//! The suite's cases, run by the core and by the command line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output as Finished};

use nagalm::report::OffsetUnit;
use nagalm::{Report, Scanner};
use nagalm_tests::cases::{self, Case};
use nagalm_tests::workspace_root;

#[test]
fn core() {
    let mut failed = Vec::new();
    let all = cases::all();
    for case in &all {
        let report = Scanner::new(case.registry(), Case::settings())
            .scan(&case.scanned())
            .unwrap_or_else(|e| panic!("{:?}: {e}", case.name));
        let problems = case.problems(&report);
        if !problems.is_empty() {
            failed.push(format!("{:?} ({})\n    {}", case.name, case.why, problems.join("\n    ")));
        }
    }
    assert!(failed.is_empty(), "{} of {} cases failed:\n{}", failed.len(), all.len(), failed.join("\n"));
}

/// The command line prints exactly the report that the core makes, and its exit code says whether something was found.
#[test]
fn command_line() {
    let binary = nagalm_binary();
    for case in cases::all() {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let in_folder = |name: &str| folder.path().join(name);
        let works: Vec<_> = case.registered().iter().map(json_line).collect();
        std::fs::write(in_folder("works.jsonl"), works.concat()).expect("a file for a test");
        std::fs::write(in_folder("outputs.jsonl"), json_line(&case.scanned())).expect("a file for a test");

        let registered = run(&binary, folder.path(), &["register", "songs.nagalm", "works.jsonl"]);
        assert_eq!(registered.status.code(), Some(0), "{:?}: register: {}", case.name, stderr(&registered));
        let scanned =
            run(&binary, folder.path(), &["scan", "songs.nagalm", "outputs.jsonl", "-o", "report.jsonl"]);

        let mut settings = Case::settings();
        settings.offset_unit = OffsetUnit::CodePoint;
        // As the command line does.
        settings.always_hash = true;
        let expected =
            Scanner::new(case.registry(), settings).scan(&case.scanned()).expect("the core scans it");
        let code = i32::from(!expected.matches.is_empty());
        assert_eq!(scanned.status.code(), Some(code), "{:?}: scan: {}", case.name, stderr(&scanned));
        let printed = std::fs::read_to_string(in_folder("report.jsonl")).expect("scan wrote a report");
        let printed: Report = serde_json::from_str(printed.trim_end())
            .unwrap_or_else(|e| panic!("{:?}: one report, one line: {e}\n{printed}", case.name));
        assert_eq!(printed, expected, "{:?}: the command line's report and the core's", case.name);
    }
}

fn json_line(value: &impl serde::Serialize) -> String {
    format!("{}\n", serde_json::to_string(value).expect("plain data"))
}

fn run(binary: &Path, folder: &Path, arguments: &[&str]) -> Finished {
    Command::new(binary).args(arguments).current_dir(folder).output().expect("the binary starts")
}

fn stderr(finished: &Finished) -> String {
    String::from_utf8_lossy(&finished.stderr).into_owned()
}

/// The command line of this build: cargo builds it, with the profile that this test was built with. Asked for all that
/// `cargo test --workspace` builds, it finds it built; asked for the command line alone, it would build Arrow again, since
/// that has other features of shared dependencies.
fn nagalm_binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it lies");
    // <target>/<profile>/deps/suite-<hash>
    let profile = test.ancestors().nth(2).expect("cargo puts tests three folders deep");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--quiet", "--workspace", "--no-run"]).current_dir(workspace_root());
    cargo.arg("--target-dir").arg(profile.parent().expect("a profile lies in the target folder"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    if cfg!(feature = "all-features") {
        cargo.arg("--all-features");
    }
    assert!(cargo.status().expect("cargo starts").success(), "the command line was not built");
    profile.join(format!("nagalm{}", std::env::consts::EXE_SUFFIX))
}
