//! How long one output takes whose caller waits for it.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Context as _;
use nagalm::{Output, Registry, Scanner, Settings};

use super::{ROUNDS, SET};
use crate::table::Table;

/// Shares of all scans, and what is asked of them in microseconds; of 1 there is the longest.
const SHARES: [(&str, f64, Option<f64>); 4] =
    [("p50", 0.5, Some(10.0)), ("p99", 0.99, None), ("p99.9", 0.999, Some(100.0)), ("max", 1.0, None)];

pub(super) fn measure(
    table: &mut Table,
    registry: &Registry,
    outputs: &[Output],
    full: bool,
) -> anyhow::Result<()> {
    eprintln!("  measuring single outputs");
    let scanner = Scanner::new(registry.clone(), Settings::default());
    let mut best = SHARES.map(|_| f64::INFINITY);
    // The first round warms up.
    for round in 0..=ROUNDS {
        let mut times = Vec::with_capacity(outputs.len());
        for output in outputs {
            let start = Instant::now();
            let report = black_box(scanner.scan(output));
            times.push(start.elapsed().as_secs_f64() * 1e6);
            report.context("scanning")?;
        }
        times.sort_by(f64::total_cmp);
        for ((_, share, _), best) in SHARES.iter().zip(&mut best).filter(|_| round > 0) {
            let rank = (share * times.len() as f64).ceil() as usize;
            *best = times.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN).min(*best);
        }
    }
    for ((name, _, most), time) in SHARES.iter().zip(best) {
        let measure =
            format!("one output of 2,000 characters, {name} of {}, best of {ROUNDS}", outputs.len());
        let told = format!("{time:.1} us");
        match most.filter(|_| full) {
            Some(most) => table.floor(SET, &measure, &format!("<= {most} us"), told, time <= most),
            None => table.tell(SET, &measure, told),
        }
    }
    Ok(())
}
