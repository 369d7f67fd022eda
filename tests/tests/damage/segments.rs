//! Every bit of a small segment flipped, and every length of it: refused, or the same answer. With the checksums made
//! good again an answer may be any, but there is one, soon, and in little memory.
//!
//! `cargo test` takes a sample. All of it takes an hour of one core, and says what it did:
//!
//!     cargo test -p nagalm-tests --test damage -- --ignored --nocapture --test-threads 1

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use nagalm::{Error, Output, Registry, Result, Scanner, Settings, Work, Writer};

use super::ALLOCATED;
use super::file::{File, SECTIONS, TOKEN_COUNTS};

/// Memory, beside the file's own bytes, that opening it and some scans may take. A scanner alone has tables of a few
/// hundred kilobytes, whatever the registry.
const MOST_MEMORY: usize = 4 << 20;
/// The same of time: a scan takes a tenth of a millisecond; the rest is for a machine that others use.
const MOST_TIME: Duration = Duration::from_secs(20);

/// A small segment, and what is asked of it.
struct Small {
    file: File,
    outputs: Vec<Output>,
    reports: String,
}

/// How many files there were, and what became of them.
#[derive(Default)]
struct Tally {
    tried: usize,
    refused: usize,
    /// Opened; a scan met the damage and said so.
    failed: usize,
    same: usize,
    other: usize,
    most_memory: usize,
}

impl Small {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = |n: usize| {
            let line = |k: usize| {
                format!(
                    "verse {k} has {} birds that nobody sees, and the same old refrain of the hills",
                    7 * k + n
                )
            };
            (n..n + 2).map(line).collect::<Vec<_>>().join("\n")
        };
        let mut writer = Writer::open(folder.path()).expect("a new registry");
        for n in 0..12 {
            let (work_id, title) = (format!("w{n}"), Some(format!("Verses {n}")));
            writer.add(Work { work_id, title, text: text(20 * n), ..Work::default() }).expect("a work");
        }
        writer.commit().expect("a commit");
        let segment = folder.path().join("segments/0000000001.segment");
        let file = File::new(std::fs::read(segment).expect("a segment"));
        // Found by words, by letters where words are cut, in many works, nowhere.
        let outputs = [
            format!("He said: {} and was gone.", text(40)),
            text(100).replace("birds", "b i r d s").replace("nobody", "no body"),
            "the same old refrain of the hills, that nobody sees".into(),
            "nothing of this stands anywhere else, as far as we know".into(),
        ]
        .map(|text| Output { text, ..Output::default() })
        .to_vec();
        let registry = Registry::from_segment_bytes(file.bytes.clone(), true).expect("a sound segment");
        let reports = scan(registry, &outputs).expect("sound texts");
        assert!(reports.contains("\"work_id\":\"w2\""), "{reports}");
        Self { file, outputs, reports }
    }

    /// Opens the bytes and scans. `is_repaired`: any answer will do.
    fn ask(&self, bytes: Vec<u8>, all: bool, is_repaired: bool, what: &str) -> Tally {
        let mut tally = Tally { tried: 1, ..Tally::default() };
        ALLOCATED.reset_peak_usage();
        let (before, began) = (ALLOCATED.current_usage(), Instant::now());
        match Registry::from_segment_bytes(bytes, all) {
            Err(e) => {
                assert!(expected(&e), "{what}: {e:?}");
                tally.refused = 1;
            }
            Ok(registry) => match scan(registry, &self.outputs) {
                Err(e) => {
                    assert!(expected(&e), "{what}: {e:?}");
                    tally.failed = 1;
                }
                Ok(reports) if reports == self.reports => tally.same = 1,
                Ok(reports) => {
                    assert!(is_repaired, "{what}: {reports}");
                    assert!(reports.len() < 100 * self.reports.len(), "{what}: {} bytes", reports.len());
                    tally.other = 1;
                }
            },
        }
        tally.most_memory = ALLOCATED.peak_usage().saturating_sub(before);
        assert!(
            tally.most_memory < self.file.bytes.len() + MOST_MEMORY,
            "{what}: {} bytes",
            tally.most_memory
        );
        assert!(began.elapsed() < MOST_TIME, "{what}: {:?}", began.elapsed());
        tally
    }

    /// Every `step`th bit.
    fn flip(&self, step: usize) -> Tally {
        let mut tally = Tally::default();
        for bit in (0..8 * self.file.bytes.len()).step_by(step) {
            let mut bytes = self.file.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            tally += self.ask(bytes, true, false, &format!("bit {} of byte {}", bit % 8, bit / 8));
        }
        tally
    }

    /// Every `step`th length.
    fn cut(&self, step: usize) -> Tally {
        let mut tally = Tally::default();
        for len in (0..self.file.bytes.len()).step_by(step) {
            tally += self.ask(self.file.bytes[..len].to_vec(), true, false, &format!("{len} bytes"));
        }
        tally
    }

    /// Every `step`th bit, the checksums made good; of the counts that are zero only every 64th of these. `all` or
    /// only what is checked of a mapped file.
    fn flip_repaired(&self, step: usize, all: bool) -> Tally {
        let mut tally = Tally::default();
        let mut zeros = 0;
        for bit in (0..8 * self.file.bytes.len()).step_by(step) {
            let (at, section) = (bit / 8, self.file.section_of(bit / 8));
            if section == Some(TOKEN_COUNTS) {
                let entry = at / 4 * 4;
                zeros += usize::from(self.file.bytes[entry..entry + 4] == [0; 4]);
                if self.file.bytes[entry..entry + 4] == [0; 4] && zeros % 64 != 0 {
                    continue;
                }
            }
            let mut file = self.file.clone();
            file.bytes[at] ^= 1 << (bit % 8);
            match section {
                Some(section) => file.repair(section),
                None if file.texts.contains(&at) => file.repair_text(at),
                None => file.repair_table(),
            }
            tally += self.ask(file.bytes, all, true, &format!("bit {} of byte {at}, repaired", bit % 8));
        }
        tally
    }

    /// Every section at about `count` lengths, the rest in order.
    fn cut_repaired(&self, count: usize, all: bool) -> Tally {
        let mut tally = Tally::default();
        for section in 0..SECTIONS {
            let len = self.file.sections[section].len();
            let step = (len / count).max(1);
            for len in (0..len).step_by(step).chain(len + 1..len + 70) {
                let bytes = self.file.with_length(section, len);
                tally += self.ask(bytes, all, true, &format!("section {section} of {len} bytes"));
            }
        }
        tally
    }
}

fn scan(registry: Registry, outputs: &[Output]) -> Result<String> {
    let scanner = Scanner::new(registry, Settings::default());
    let reports: Vec<_> = outputs.iter().map(|output| scanner.scan(output)).collect::<Result<_>>()?;
    Ok(serde_json::to_string(&reports).expect("a report is JSON"))
}

fn expected(e: &Error) -> bool {
    e.is_corrupt() || e.is_version()
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.tried += other.tried;
        self.refused += other.refused;
        self.failed += other.failed;
        self.same += other.same;
        self.other += other.other;
        self.most_memory = self.most_memory.max(other.most_memory);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tried, refused, failed, same, other, most_memory } = self;
        write!(
            f,
            "{tried} files: {refused} refused, {failed} opened and refused by a scan, {same} the same answer, {other} \
             another; at most {most_memory} bytes of memory"
        )
    }
}

// One test, not several: what is allocated is counted for the whole process.
#[test]
fn damage_is_refused_or_changes_nothing_and_hostile_files_are_bounded() {
    let small = Small::new();
    other_versions_are_refused_by_name(&small);
    let tally = small.flip(997);
    assert!(tally.refused > tally.tried * 9 / 10 && tally.other == 0, "{tally}");
    let tally = small.cut(1009);
    assert!(tally.refused == tally.tried, "{tally}");
    for all in [true, false] {
        let tally = small.flip_repaired(1499, all);
        assert!(tally.refused > 0 && tally.same > 0, "{tally}");
        let tally = small.cut_repaired(5, all);
        assert!(tally.refused > 0, "{tally}");
    }
}

fn other_versions_are_refused_by_name(small: &Small) {
    for (at, byte, told) in
        [(7, 2, "format 2: this build reads format 1; update"), (8, 1, "folded by Unicode 1.")]
    {
        let mut file = small.file.clone();
        file.bytes[at] = byte;
        file.repair_table();
        let refused = Registry::from_segment_bytes(file.bytes, true).err().expect("refused");
        assert!(refused.is_version() && refused.to_string().contains(told), "{refused}");
    }
}

#[test]
#[ignore = "takes an hour"]
fn every_bit_and_every_length() {
    let small = Small::new();
    println!("a segment of {} bytes", small.file.bytes.len());
    println!("flipped bits: {}", small.flip(1));
    println!("lengths: {}", small.cut(1));
    for (all, how) in [(true, "read"), (false, "as if mapped")] {
        println!("flipped bits, checksums good, {how}: {}", small.flip_repaired(1, all));
        println!("lengths of sections, checksums good, {how}: {}", small.cut_repaired(1000, all));
    }
}
