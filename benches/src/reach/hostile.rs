//! Outputs and registries made to take long: what a byte of each takes, beside ordinary ones.
//!
//! Each input is made in three sizes. Two things are asked: that none takes much longer a byte than the median of all, and
//! that none takes much longer a byte when it is ten times as long.

mod inputs;

use nagalm::report::OffsetUnit;
use nagalm::{Registry, Scanner, Settings};

use super::Bench;
use crate::clock::timed;
use crate::scan::output;
use crate::table::Table;
use inputs::{INPUTS, Input};

const SET: &str = "hostile";
/// Bytes of an output.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Each is scanned so often; the least counts.
const ROUNDS: usize = 3;
/// How many times longer than the median the slowest may take.
const MOST_TIMES: f64 = 3.0;
/// How many times longer a byte may take in an output ten times as long: caches, and sorting.
const MOST_GROWTH: f64 = 2.0;

pub(super) fn measure(_: &Bench, table: &mut Table) -> anyhow::Result<()> {
    // As the command line scans: positions in code points cost a look at the texts.
    let mut settings = Settings::default();
    settings.offset_unit = OffsetUnit::CodePoint;
    let mut all: Vec<(f64, &str, usize)> = Vec::new();
    let mut steepest = (0.0, "");
    for Input { name, make } in INPUTS {
        let mut nanoseconds = Vec::new();
        let mut told = Vec::new();
        for size in SIZES {
            let (works, text) = make(size);
            let scanner = Scanner::new(Registry::from_works(works)?, settings.clone());
            let output = output(*name, text);
            let mut best = f64::INFINITY;
            let mut report = scanner.scan(&output)?;
            for _ in 0..ROUNDS {
                let (took, again) = timed(|| scanner.scan(&output));
                report = again?;
                best = best.min(took.processor);
            }
            let each = best * 1e9 / output.text.len() as f64;
            nanoseconds.push(each);
            let complete = if report.complete { "" } else { ", not complete" };
            told.push(format!("{each:.1} ({} matches{complete})", report.matches.len()));
            all.push((each, name, size));
        }
        eprintln!("  {name}: {}", told.join("; "));
        table.tell(SET, &format!("{name}: ns a byte at {}", sizes()), told.join("; "));
        let growth = nanoseconds[2] / nanoseconds[1];
        if growth > steepest.0 {
            steepest = (growth, name);
        }
    }
    let mut sorted: Vec<f64> = all.iter().map(|&(each, ..)| each).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    let Some(&(most, slowest, size)) = all.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else { return Ok(()) };
    table.tell(SET, "median of all, ns a byte", format!("{median:.1}"));
    let told = format!("{:.2} times ({most:.1} ns a byte: {slowest}, {size} bytes)", most / median);
    let asked = format!("<= {MOST_TIMES} times");
    table.floor(SET, "the slowest, against the median", &asked, told, most <= MOST_TIMES * median);
    let told = format!("{:.2} times ({})", steepest.0, steepest.1);
    let asked = format!("<= {MOST_GROWTH} times");
    table.floor(
        SET,
        "a byte of 1 MB against one of 100 KB, at most",
        &asked,
        told,
        steepest.0 <= MOST_GROWTH,
    );
    Ok(())
}

fn sizes() -> String {
    SIZES.map(|size| format!("{} KB", size / 1000)).join(" / ")
}
