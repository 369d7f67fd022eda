//! How fast the planted workload is built and scanned: on one core and two, by language, with lesser instructions, and
//! one output at a time; beside a straightforward hash map in the same run.

mod alike;
mod latency;
mod scans;

use anyhow::Context as _;
use nagalm::{Output, Registry};

use super::Bench;
use crate::clock::{Took, timed};
use crate::engines::straightforward::Straightforward;
use crate::table::Table;
use crate::workload::Workload;

const SET: &str = "speed";
/// Rounds of which the best counts.
const ROUNDS: usize = 5;
/// The size that most floors are for: in a larger registry scans are slower.
const FULL: usize = 100_000;
/// From here on the hash map of all grams would take many gigabytes.
const MOST_FOR_PEER: usize = 300_000;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let Workload { source, works, mut outputs, output_languages, base, .. } = Workload::load(&bench.sources)?;
    outputs.truncate(base);
    let count = works.len();
    table.tell(SET, &format!("text: {source}"), format!("{count} works, {base} outputs"));
    let peer = if count <= MOST_FOR_PEER {
        Some(Straightforward::new(works.iter().map(|work| work.text.as_str())))
    } else {
        table.skip(SET, "the hash map of 8-word grams: of so many works it would take many gigabytes");
        None
    };

    let text: usize = works.iter().map(|work| work.text.len()).sum();
    eprintln!("  building a registry of {:.0} MB", text as f64 / 1e6);
    let (took, registry) = timed(|| Registry::from_works(works));
    let registry = registry.context("building the registry")?;
    table.tell(SET, "build in memory, all cores", rate(text as f64 / 1e6, took));

    eprintln!("  measuring scans");
    let full = count <= FULL;
    scans::measure(table, &registry, &outputs, peer.as_ref(), full)?;
    drop(peer);
    alike::measure(table, &registry, &by_language(&outputs, &output_languages))?;
    latency::measure(table, &registry, &outputs, full)
}

/// The languages that there are enough outputs of, and of each as many.
fn by_language<'a>(outputs: &'a [Output], languages: &'a [String]) -> Vec<(&'a str, Vec<&'a Output>)> {
    const FEWEST: usize = 100;
    let mut by_language: std::collections::BTreeMap<&str, Vec<&Output>> = Default::default();
    for (output, language) in outputs.iter().zip(languages) {
        by_language.entry(language).or_default().push(output);
    }
    by_language.retain(|_, outputs| outputs.len() >= FEWEST);
    let each = by_language.values().map(Vec::len).min().unwrap_or(0);
    by_language.values_mut().for_each(|outputs| outputs.truncate(each));
    by_language.into_iter().collect()
}

fn megabytes<'a>(outputs: impl IntoIterator<Item = &'a Output>) -> f64 {
    outputs.into_iter().map(|output| output.text.len()).sum::<usize>() as f64 / 1e6
}

/// Megabytes a second, by the wall's clock and by the processor's.
fn rate(megabytes: f64, took: Took) -> String {
    format!("{:.1} MB/s ({:.1} by processor time)", megabytes / took.wall, megabytes / took.processor)
}
