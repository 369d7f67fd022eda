//! What processes of their own do: one after the other, through files in one folder.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use nagalm::{Output, Registry, Scanner, Settings, Work, Writer};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Made, Registering, Scanning};
use crate::Sources;
use crate::clock::{best_of, peak_memory, timed};
use crate::workload::Workload;

const WORKS: &str = "works.jsonl";
const OUTPUTS: &str = "outputs.jsonl";
const REGISTRY: &str = "registry.nagalm";
/// Rounds of which the best counts.
const ROUNDS: usize = 3;

/// Writes works and outputs to files.
pub(super) fn make(folder: &Path, sources: &Sources) -> anyhow::Result<Made> {
    let mut workload = Workload::load(sources)?;
    workload.outputs.truncate(workload.base);
    write(&folder.join(WORKS), &workload.works)?;
    write(&folder.join(OUTPUTS), &workload.outputs)?;
    Ok(Made {
        source: workload.source,
        works: workload.works.len(),
        text_bytes: workload.works.iter().map(|work| work.text.len() as u64).sum(),
    })
}

/// Registers the works on disk, one in memory at a time.
pub(super) fn register(folder: &Path) -> anyhow::Result<Registering> {
    eprintln!("  registering");
    let path = folder.join(REGISTRY);
    let (took, done) = timed(|| -> anyhow::Result<()> {
        let mut writer = Writer::open(&path)?;
        for work in read::<Work>(&folder.join(WORKS))? {
            writer.add(work?)?;
        }
        writer.commit()?;
        Ok(())
    });
    done?;
    Ok(Registering {
        seconds: took.wall,
        processor_seconds: took.processor,
        peak_memory: peak_memory().context("asking for the memory of this process")?,
        index_bytes: Registry::open(&path)?.info().index_bytes,
        disk_bytes: files(&path)?,
    })
}

/// Scans the outputs against the registry on disk.
pub(super) fn scan(folder: &Path) -> anyhow::Result<Scanning> {
    eprintln!("  scanning");
    let outputs: Vec<Output> = read(&folder.join(OUTPUTS))?.collect::<anyhow::Result<_>>()?;
    let megabytes = outputs.iter().map(|output| output.text.len()).sum::<usize>() as f64 / 1e6;
    let scanner = Scanner::new(Registry::open(&folder.join(REGISTRY))?, Settings::default());
    let two = rayon::ThreadPoolBuilder::new().num_threads(2).build().context("starting two threads")?;
    let mut one_by_one = || -> anyhow::Result<()> {
        outputs.iter().try_for_each(|output| scanner.scan(output).map(drop))?;
        Ok(())
    };
    // Warms up, and brings the index into memory.
    one_by_one()?;
    let mut both = || -> anyhow::Result<()> {
        two.install(|| scanner.scan_batch(&outputs)).into_iter().try_for_each(|report| report.map(drop))?;
        Ok(())
    };
    let took = best_of(ROUNDS, &mut [&mut one_by_one, &mut both])?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Scanning {
        one_core: megabytes / took[0].wall,
        one_core_processor: megabytes / took[0].processor,
        two_cores: (cores >= 2).then(|| megabytes / took[1].wall),
        peak_memory: peak_memory().context("asking for the memory of this process")?,
    })
}

fn write(path: &Path, rows: &[impl Serialize]) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut file = BufWriter::new(file);
    for row in rows {
        serde_json::to_writer(&mut file, row)?;
        file.write_all(b"\n")?;
    }
    file.flush().with_context(|| format!("writing {}", path.display()))
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<T>>> {
    let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(BufReader::new(file).lines().map(|line| Ok(serde_json::from_str(&line?)?)))
}

/// Bytes of all files below a folder.
fn files(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { files(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
