//! Sealing that is killed, or whose disk fails: the sealed file is the old one or the new one, the key whole or not there.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nagalm::Registry;

use super::watched::shim;
use super::{Change, NAME, copy, folder, is_all};

const FILE: &str = "songs.sealed";

fn seal(home: &Path, release: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nagalm"));
    let home = home.canonicalize().expect("a folder");
    command.arg("seal").arg(home.join(NAME)).arg("-o").arg(home.join(FILE));
    command.args(["--profile", "contract", "--recipient", "a lab", "--release", release]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A registry with a key and a file of the first release, and the file of the second.
fn world() -> (tempfile::TempDir, [Vec<u8>; 2]) {
    let home = Change::all().swap_remove(2).begin();
    let file = |release| {
        assert!(seal(home.path(), release).status().expect("the program runs").success());
        std::fs::read(home.path().join(FILE)).expect("the sealed file")
    };
    let new = file("2");
    let old = file("1");
    (home, [old, new])
}

/// Looks at what is left, and seals again.
fn judge(home: &Path, files: &[Vec<u8>; 2], has_key: bool, done: bool, what: &str) {
    let there = std::fs::read(home.join(FILE)).unwrap_or_default();
    if has_key {
        assert!(there == files[1] || !done && there == files[0], "{what}: neither old nor new");
    } else {
        // Another key, other bytes; but a whole file, or none.
        assert!(!(done && there.is_empty()), "{what}: no file");
        assert!(there.is_empty() || Registry::open(&home.join(FILE)).is_ok(), "{what}: part of a file");
    }
    assert!(seal(home, "2").status().expect("the program runs").success(), "{what}: the key is not whole");
    if has_key {
        assert!(std::fs::read(home.join(FILE)).expect("the sealed file") == files[1], "{what}");
    }
}

#[test]
fn a_failing_disk_leaves_the_old_file_or_the_new() {
    let _alone = super::alone();
    let Some(shim) = shim() else { return };
    let (before, files) = world();
    let mut refused = 0;
    for has_key in [true, false] {
        for (kinds, errno) in [("w", 28), ("s", 5), ("r", 5), ("c", 30)] {
            for at in (1..).step_by(if is_all() { 1 } else { 2 }) {
                let (home, fired) = (folder(), folder());
                copy(before.path(), home.path());
                if !has_key {
                    std::fs::remove_file(home.path().join(NAME).join("society.key")).expect("the key");
                    std::fs::remove_file(home.path().join(FILE)).expect("the file");
                }
                let fired = fired.path().join("fired");
                let mut command = seal(home.path(), "2");
                command
                    .env("LD_PRELOAD", shim)
                    .env("FAULT_ROOT", home.path().canonicalize().expect("a folder"));
                command.env("FAULT_KINDS", kinds).env("FAULT_AT", at.to_string());
                command.env("FAULT_ERRNO", errno.to_string()).env("FAULT_FIRED", &fired);
                let code = command.status().expect("the program runs").code();
                if !fired.exists() {
                    break;
                }
                refused += usize::from(code == Some(2));
                assert!(matches!(code, Some(0 | 2)), "{kinds} {at}: {code:?}");
                judge(home.path(), &files, has_key, code == Some(0), &format!("{kinds} {at} fails"));
            }
        }
    }
    assert!(refused >= 4, "{refused}");
}

#[test]
fn a_killed_program_leaves_the_old_file_or_the_new() {
    let _alone = super::alone();
    let (before, files) = world();
    let (mut killed, rounds) = (0, if is_all() { 400 } else { 40 });
    for round in 0..rounds {
        let home = folder();
        copy(before.path(), home.path());
        let began = Instant::now();
        assert!(seal(home.path(), "1").status().expect("the program runs").success());
        let whole = began.elapsed();
        let mut child = seal(home.path(), "2").spawn().expect("the program starts");
        std::thread::sleep(whole.mul_f64(1.1 * f64::from(round) / f64::from(rounds)));
        child.kill().expect("a process of ours");
        let status = child.wait().expect("a process of ours");
        killed += usize::from(!status.success());
        judge(home.path(), &files, true, status.success(), &format!("killed in round {round}"));
    }
    println!("{killed} of {rounds} programs killed");
    assert!(killed > 0);
}
