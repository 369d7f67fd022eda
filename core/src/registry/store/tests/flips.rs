//! Every bit of a small database flipped, and every length of it: refused, or the same answer. And whatever a writer
//! makes of a damaged database: it says no, or the registry is what it was.
//!
//! `cargo test` takes a sample; all of it takes minutes:
//!
//!     cargo test --release -p nagalm --lib flips -- --ignored --nocapture

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write as _};
use std::path::Path;

use tempfile::TempDir;

use super::super::super::{Registry, Work};
use super::super::{Writer, files, list};
use super::{exported, findings, register, searched, sql, text, work};
use crate::scanner::{Output, Scanner, Settings};

/// A registry with a database of about 64 KiB, and what it answers.
struct Small {
    home: TempDir,
    bytes: Vec<u8>,
    works: Vec<Work>,
    searched: BTreeMap<String, String>,
    snapshot: String,
    outputs: Vec<Output>,
    reports: String,
}

impl Small {
    fn new() -> Self {
        // In memory, where there is such a file system: no disk is asked a million times.
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let path = home.path();
        let long = |n: usize| (0..2).map(|k| text(3 * n + 500 * k)).collect::<Vec<_>>().join("\n");
        register(path, (0..60).map(|n| work(&format!("w{n}"), &long(n))));
        register(path, (60..90).map(|n| work(&format!("w{n}"), &long(n))));
        let mut writer = Writer::open(path).unwrap();
        (0..90).step_by(11).for_each(|n| assert!(writer.withdraw(&format!("w{n}")).unwrap()));
        writer.add(work("w7", &long(1000))).unwrap();
        writer.commit().unwrap();
        // Small pages, so that most of the file means something, and tables have inner pages.
        sql(path, "PRAGMA page_size = 1024; VACUUM");
        let bytes = fs::read(files::database(path)).unwrap();
        let registry = Registry::open(path).unwrap();
        let outputs = [0, 7, 11, 70].map(|n| Output { text: long(n), ..Output::default() }).to_vec();
        let reports = reports(&registry, &outputs);
        assert!(reports.contains("\"work_id\":\"w70\"") && !reports.contains("\"work_id\":\"w11\""));
        Self {
            works: exported(&registry),
            searched: searched(&registry),
            snapshot: list(path).unwrap().hash(),
            home,
            bytes,
            outputs,
            reports,
        }
    }

    /// Opens, exports and looks up in what lies there now; `thoroughly` also scans. Gives whether anything was refused.
    fn look(&self, what: &str, thoroughly: bool) -> bool {
        let path = self.home.path();
        let mut refused = false;
        let mut refuse = |e: crate::Error| {
            refused = true;
            let expected = e.is_corrupt() || e.is_version() || e.is_exists() || e.is_not_found();
            assert!(expected || e.is_io(), "{what}: {e:?}");
        };
        // What is opened follows from the list and the segments, of which only the list can have changed.
        match list(path) {
            Ok(listed) => assert_eq!(listed.hash(), self.snapshot, "{what}"),
            Err(e) => refuse(e),
        }
        if thoroughly {
            match Registry::open(path) {
                Ok(registry) => assert_eq!(reports(&registry, &self.outputs), self.reports, "{what}"),
                Err(e) => refuse(e),
            }
        }
        let mut works = self.works.iter();
        let mut is_same = true;
        let exported = super::super::export(path, |work| {
            // Each is one that was registered. Whether it was its turn may be known only at the end.
            assert!(self.works.contains(&work), "{what}: {work:?}");
            is_same &= works.next() == Some(&work);
            Ok(())
        });
        match exported {
            Ok(()) => assert!(is_same && works.next().is_none(), "{what}"),
            Err(e) => refuse(e),
        }
        match super::super::work(path, "w7") {
            // An index of the database that lost a work does not give it: `check` notices.
            Ok(None) => refused = true,
            Ok(Some(work)) => assert!(self.works.contains(&work) && work.work_id == "w7", "{what}"),
            Err(e) => refuse(e),
        }
        refused
    }

    /// Flips every `step`th bit; gives how many files there were, and how many of them were refused.
    fn flip(&self, step: usize) -> (usize, usize) {
        let mut file = File::options().write(true).open(files::database(self.home.path())).unwrap();
        let mut put = |at: usize, byte: u8| {
            file.seek(SeekFrom::Start(at as u64)).unwrap();
            file.write_all(&[byte]).unwrap();
        };
        let (mut tried, mut refused) = (0, 0);
        for bit in (0..8 * self.bytes.len()).step_by(step) {
            let (at, sound) = (bit / 8, self.bytes[bit / 8]);
            put(at, sound ^ 1 << (bit % 8));
            refused += usize::from(self.look(&format!("bit {} of byte {at}", bit % 8), tried % 16 == 0));
            put(at, sound);
            tried += 1;
        }
        (tried, refused)
    }

    /// Cuts the file off at every `step`th length; gives how many files there were, and how many were refused.
    fn cut(&self, step: usize) -> (usize, usize) {
        let path = files::database(self.home.path());
        let (mut tried, mut refused) = (0, 0);
        let file = File::options().write(true).open(&path).unwrap();
        for len in (0..self.bytes.len()).rev().step_by(step) {
            file.set_len(len as u64).unwrap();
            refused += usize::from(self.look(&format!("{len} bytes"), tried % 16 == 0));
            tried += 1;
        }
        fs::write(path, &self.bytes).unwrap();
        (tried, refused)
    }

    /// Compacts, registers and withdraws with every `step`th bit flipped; gives how often, and how often it was refused.
    fn write(&self, step: usize) -> (usize, usize) {
        let (mut tried, mut refused) = (0, 0);
        let mut damaged = self.bytes.clone();
        let sound = super::copy(self.home.path());
        for bit in (0..8 * self.bytes.len()).step_by(step) {
            let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
            let path = home.path();
            fs::create_dir(files::segments(path)).unwrap();
            for name in files::list_segments(sound.path()).unwrap() {
                let [from, to] = [sound.path(), path].map(|folder| files::segments(folder).join(&name));
                fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop)).unwrap();
            }
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs::write(files::database(path), &damaged).unwrap();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let what = format!("bit {} of byte {}", bit % 8, bit / 8);
            let mut expected = self.searched.clone();
            let done = match tried % 3 {
                0 => Writer::open(path).and_then(|mut writer| {
                    writer.compact()?;
                    writer.commit()
                }),
                1 => {
                    expected.remove("w8");
                    withdraw(path, "w8")
                }
                _ => {
                    expected.insert("w8".into(), text(2000));
                    Writer::open(path).and_then(|mut writer| {
                        writer.add(work("w8", &text(2000)))?;
                        writer.commit()
                    })
                }
            };
            tried += 1;
            refused += usize::from(done.is_err());
            if done.is_ok() {
                // What was damaged before and is not touched is refused now, or found by a check.
                match Registry::open(path) {
                    Ok(registry) => assert_eq!(searched(&registry), expected, "{what}"),
                    Err(e) => assert!(!findings(path).is_empty(), "{what}: {e:?}"),
                }
            }
        }
        (tried, refused)
    }
}

fn withdraw(path: &Path, work_id: &str) -> crate::Result<super::Commit> {
    let mut writer = Writer::open(path)?;
    if !writer.withdraw(work_id)? {
        return Err(crate::Error::not_found(work_id));
    }
    writer.commit()
}

fn reports(registry: &Registry, outputs: &[Output]) -> String {
    let scanner = Scanner::new(registry.clone(), Settings::default());
    let reports: Vec<_> = outputs.iter().map(|output| scanner.scan(output).unwrap()).collect();
    serde_json::to_string(&reports).unwrap()
}

#[test]
fn a_flipped_bit_is_refused_or_changes_nothing() {
    let small = Small::new();
    let (tried, refused) = small.flip(97);
    assert!(tried > 1000 && refused > tried / 3, "{refused} of {tried} were refused");
    let (tried, refused) = small.cut(211);
    assert!(tried > 100 && refused > tried / 2, "{refused} of {tried} were refused");
}

#[test]
fn nothing_sound_is_written_over_damage() {
    let small = Small::new();
    let (tried, refused) = small.write(2003);
    assert!(tried > 100 && refused > tried / 10, "{refused} of {tried} were refused");
}

#[test]
#[ignore = "takes minutes: run it by hand with --release"]
fn every_bit_and_every_length() {
    let small = Small::new();
    let (tried, refused) = small.flip(1);
    println!(
        "{} bytes: {tried} flipped bits, {refused} refused, the others the same answers",
        small.bytes.len()
    );
    let (tried, refused) = small.cut(1);
    println!("{tried} lengths, {refused} refused, the others the same answers");
    let (tried, refused) = small.write(53);
    println!("{tried} flipped bits, then written to: {refused} refused, the others as they should be");
}
