//! Programs whose n-th write, sync, rename or new file fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use super::{Change, copy, files, folder, is_all};

/// Compiles what stands between the program and its files; none, with a visible line, where there is no compiler.
pub(crate) fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    SHIM.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/shim.c");
        let object = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-{}.so", std::process::id()));
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&object).arg(source);
        match compiler.arg("-ldl").output() {
            Ok(done) => {
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
                Some(object)
            }
            Err(e) => {
                println!("SKIPPED: no C compiler: {e}");
                None
            }
        }
    })
    .as_deref()
}

/// The program, with its files below `home` watched.
pub(crate) fn watched(change: &Change, home: &Path, shim: &Path) -> Command {
    let mut command = change.command(home);
    command
        .env("LD_PRELOAD", shim)
        .env("FAULT_ROOT", home.canonicalize().expect("a folder").join(super::NAME));
    command
}

/// One way in which a disk fails.
struct Fault {
    name: &'static str,
    kinds: &'static str,
    errno: i32,
    stays: bool,
    /// What a message says of it.
    told: &'static str,
}

const FAULTS: [Fault; 5] = [
    Fault { name: "write", kinds: "w", errno: 5, stays: false, told: "could not" },
    Fault { name: "sync", kinds: "s", errno: 5, stays: false, told: "could not" },
    Fault { name: "rename", kinds: "r", errno: 5, stays: false, told: "could not" },
    Fault { name: "write on a full disk", kinds: "wc", errno: 28, stays: true, told: "disk" },
    Fault { name: "write on a read-only disk", kinds: "wc", errno: 30, stays: true, told: "could not" },
];

#[test]
fn a_failing_disk_leaves_the_old_or_the_new() {
    let _alone = super::alone();
    let Some(shim) = shim() else { return };
    let (mut runs, mut refused) = (0, 0);
    for change in Change::all() {
        for fault in &FAULTS {
            // A sample begins at another place for each, and takes every third.
            let step = if is_all() || fault.kinds == "r" { 1 } else { 5 };
            let mut at = 1 + runs % step;
            loop {
                let home = change.begin();
                let fired = folder();
                let fired = fired.path().join("fired");
                let done = fail(&change, fault, at, home.path(), &fired, shim);
                if !fired.exists() {
                    break;
                }
                let what = format!("{} {at} fails", fault.name);
                let said = String::from_utf8_lossy(&done.stderr);
                runs += 1;
                match done.status.code() {
                    Some(0) => change.judge(home.path(), true, &what),
                    Some(2) => {
                        refused += 1;
                        assert!(said.contains(fault.told), "{}, {what}: {said}", change.name);
                        change.judge(home.path(), false, &what);
                    }
                    _ => panic!("{}, {what}: {}: {said}", change.name, done.status),
                }
                at += step;
            }
        }
    }
    println!(
        "{runs} runs with a fault, {refused} of them refused by the program, the others done all the same"
    );
    assert!(refused > 20, "{refused} of {runs}");
}

fn fail(change: &Change, fault: &Fault, at: usize, home: &Path, fired: &Path, shim: &Path) -> Output {
    let mut command = watched(change, home, shim);
    command
        .env("FAULT_KINDS", fault.kinds)
        .env("FAULT_AT", at.to_string())
        .env("FAULT_ERRNO", fault.errno.to_string())
        .env("FAULT_ON", if fault.stays { "1" } else { "0" })
        .env("FAULT_FIRED", fired);
    command.output().expect("the program runs")
}

/// A small file system in memory, gone when it is dropped.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(kib: usize) -> Option<Self> {
        let place = tempfile::tempdir().expect("a temporary folder");
        let size = format!("size={kib}k");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "nagalm-test"]).arg(place.path());
        mount.output().is_ok_and(|done| done.status.success()).then(|| Self(place))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_leaves_the_old_or_the_new_and_says_so() {
    let _alone = super::alone();
    let (mut full, mut enough) = (0, 0);
    for change in Change::all() {
        let begun = change.begin();
        let needed: u64 = files(begun.path())
            .iter()
            .map(|file| file.metadata().expect("a file").len().next_multiple_of(4096))
            .sum();
        for more in (8..1200).step_by(if is_all() { 16 } else { 120 }) {
            let Some(disk) = SmallDisk::new(needed as usize / 1024 + more) else {
                println!("SKIPPED: no file system can be mounted here; a full disk is only feigned");
                return;
            };
            let home = disk.0.path();
            copy(begun.path(), home);
            let done = change.command(home).env("TMPDIR", "/dev/shm").output().expect("the program runs");
            let said = String::from_utf8_lossy(&done.stderr);
            let what = format!("{more} KiB of room");
            // It is looked at elsewhere, where there is room for the next writer.
            let elsewhere = folder();
            copy(home, elsewhere.path());
            match done.status.code() {
                Some(0) => enough += 1,
                Some(2) => {
                    full += 1;
                    assert!(said.contains("disk"), "{}, {what}: {said}", change.name);
                }
                _ => panic!("{}, {what}: {}: {said}", change.name, done.status),
            }
            change.judge(elsewhere.path(), done.status.success(), &what);
        }
    }
    println!("{full} times the disk was full, {enough} times there was room enough");
    assert!(full > 4 && enough > 4, "{full} times full, {enough} times not");
}
