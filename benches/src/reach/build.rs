//! Building a registry, in memory and on disk, what it takes there, and how long it is until the first scan.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use nagalm::{Output, Registry, Scanner, Settings, Work, Writer};

use super::Bench;
use crate::table::Table;
use crate::workload::Workload;

const SET: &str = "build";
/// Megabytes of text a second that one core should build.
const LEAST_SPEED: f64 = 100.0;
/// Milliseconds from opening a mapped registry to the first report, at the most.
const MOST_MILLISECONDS: f64 = 50.0;
/// The best of so many counts.
const ROUNDS: usize = 3;
/// Works that a writer is given at once, as the command line does.
const AT_ONCE: usize = 1024;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let workload = Workload::load(&bench.sources)?;
    let bytes = workload.works.iter().map(|w| w.text.len()).sum::<usize>() as f64;
    table.tell(SET, &format!("text: {}", workload.source), {
        format!("{} works, {:.0} MB", workload.works.len(), bytes / 1e6)
    });
    let in_memory = |works: Vec<Work>| Registry::from_works(works).map(drop).context("building in memory");
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    eprintln!("  building in memory");
    let best = best(&workload.works, |works| one_core.install(|| in_memory(works)))?;
    let speed = bytes / 1e6 / best.busy();
    table.floor(
        SET,
        "in memory, one core (by its processor time)",
        &format!(">= {LEAST_SPEED:.0} MB/s"),
        format!("{speed:.0} MB/s, by the clock {:.0}", bytes / 1e6 / best.wall),
        speed >= LEAST_SPEED,
    );
    let best = self::best(&workload.works, in_memory)?;
    table.tell(SET, "in memory, all cores", format!("{:.0} MB/s", bytes / 1e6 / best.wall));

    eprintln!("  building on disk");
    let folder = tempfile::tempdir().context("making a folder")?;
    let path = folder.path().join("bench.nagalm");
    let best = self::best(&workload.works, |works| register(&path, works))?;
    table.tell(SET, "on disk with database and flushing, all cores", {
        format!("{:.0} MB/s, {:.0} by processor time", bytes / 1e6 / best.wall, bytes / 1e6 / best.busy())
    });
    tell_sizes(&path, bytes, table)?;
    measure_opening(&path, &workload.outputs[0], table)
}

/// How long something took.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    /// Of all threads, where the system says so.
    processor: Option<f64>,
}

impl Took {
    fn busy(self) -> f64 {
        self.processor.unwrap_or(self.wall)
    }
}

/// The best of a few rounds; what they are given is made before.
fn best(works: &[Work], round: impl Fn(Vec<Work>) -> anyhow::Result<()>) -> anyhow::Result<Took> {
    let mut best: Option<Took> = None;
    for _ in 0..ROUNDS {
        let works = works.to_vec();
        let (start, before) = (Instant::now(), processor_seconds());
        round(works)?;
        let wall = start.elapsed().as_secs_f64();
        let processor = before.zip(processor_seconds()).map(|(before, after)| after - before);
        let took = Took { wall, processor };
        if best.is_none_or(|best| took.busy() < best.busy()) {
            best = Some(took);
        }
    }
    best.context("no round was run")
}

/// Processor time of this process so far. Linux tells it in hundredths of a second.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the program's name, which may hold anything: the 12th and 13th are user and system time.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

fn register(path: &Path, works: Vec<Work>) -> anyhow::Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path).context("clearing the folder")?;
    }
    let mut writer = Writer::open(path)?;
    let mut works = works.into_iter();
    loop {
        let some: Vec<Work> = works.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        writer.add_all(some).into_iter().collect::<nagalm::Result<Vec<_>>>()?;
    }
    writer.commit().map(drop).context("committing")
}

/// Sections of an index file, in their order (`core/src/registry/FORMAT.md`).
const SECTIONS: [&str; 15] = [
    "ends of texts",
    "checksums of texts",
    "ends of words",
    "letters",
    "ends of names",
    "names",
    "tokens",
    "filter",
    "word seeds",
    "letter seeds",
    "counts of tokens",
    "counts of grams",
    "totals",
    "stretches",
    "sample",
];
/// Bytes of a row of the section table, and of the footer behind it.
const ROW: usize = 32;
const FOOTER: usize = 56;

/// What the index and the database take for a byte of text.
fn tell_sizes(path: &Path, text: f64, table: &mut Table) -> anyhow::Result<()> {
    let mut sections = [0_u64; SECTIONS.len()];
    for entry in std::fs::read_dir(path.join("segments")).context("reading the segments")? {
        let file = std::fs::read(entry?.path())?;
        let rows = &file[file.len() - FOOTER - SECTIONS.len() * ROW..file.len() - FOOTER];
        for (sum, row) in sections.iter_mut().zip(rows.as_chunks::<ROW>().0) {
            *sum += u64::from_le_bytes(*row[8..].first_chunk().context("a row is too short")?);
        }
    }
    let index = Registry::open(path)?.info().index_bytes as f64;
    table.tell(SET, "index without texts", format!("{:.2} bytes a byte of text", index / text));
    let mut parts: Vec<(f64, &str)> =
        sections.iter().zip(SECTIONS).map(|(&bytes, name)| (bytes as f64 / text, name)).collect();
    parts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let parts: Vec<String> = parts[..6].iter().map(|(share, name)| format!("{name} {share:.3}")).collect();
    table.tell(SET, "  its largest parts", parts.join(", "));
    let database = std::fs::metadata(path.join("works.db")).context("reading works.db")?.len() as f64;
    table.tell(SET, "database, texts and all", format!("{:.2} bytes a byte of text", database / text));
    Ok(())
}

/// From nothing to the first report, the index in the system's cache.
fn measure_opening(path: &Path, output: &Output, table: &mut Table) -> anyhow::Result<()> {
    for (name, mapped) in [("mapped", true), ("read", false)] {
        let mut best = [f64::INFINITY; 4];
        for _ in 0..ROUNDS + 2 {
            let start = Instant::now();
            let milliseconds = || start.elapsed().as_secs_f64() * 1e3;
            let registry = Registry::options().mapped(mapped).open(path)?;
            let opened = milliseconds();
            let scanner = Scanner::new(registry, Settings::default());
            let made = milliseconds();
            scanner.scan(output)?;
            let all = milliseconds();
            if all < best[3] {
                best = [opened, made - opened, all - made, all];
            }
        }
        let [open, scanner, scan, all] = best;
        let measure = format!("opening, {name}, to the first report");
        let measured = format!("{all:.0} ms: open {open:.0}, scanner {scanner:.0}, scan {scan:.1}");
        if mapped {
            let asked = format!("<= {MOST_MILLISECONDS:.0} ms");
            table.floor(SET, &measure, &asked, measured, all <= MOST_MILLISECONDS);
        } else {
            table.tell(SET, &measure, measured);
        }
    }
    Ok(())
}
