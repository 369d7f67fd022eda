//! Scans the planted outputs over and over on one thread, for a profiler.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nagalm::{Registry, Scanner, Settings};

use crate::Sources;
use crate::workload::Workload;

/// Builds the planted registry once, then scans for `seconds` and prints the speed of each round.
pub(crate) fn run(seconds: u64, sources: &Sources) -> anyhow::Result<ExitCode> {
    let workload = Workload::load(sources)?;
    eprintln!("{}", workload.source);
    let start = Instant::now();
    let registry = Registry::from_works(workload.works).context("building the registry")?;
    eprintln!("registry built in {:.2} s; scanning", start.elapsed().as_secs_f64());
    let scanner = Scanner::new(registry, Settings::default());
    let outputs = &workload.outputs[..workload.base];
    let megabytes = outputs.iter().map(|o| o.text.len()).sum::<usize>() as f64 / 1e6;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        let round = Instant::now();
        let mut matches = 0;
        for output in outputs {
            matches += scanner.scan(output).context("scanning")?.matches.len();
        }
        println!("{:.1} MB/s, {matches} matches", megabytes / round.elapsed().as_secs_f64());
    }
    Ok(ExitCode::SUCCESS)
}
