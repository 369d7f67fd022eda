//! All outputs, one after the other: as they are scanned by default, word for word only, with lesser instructions, on two
//! cores, and by the peer.

use anyhow::Context as _;
use nagalm::{InstructionSet, Output, Registry, Report, Scanner, Settings};

use super::{ROUNDS, SET, megabytes, rate};
use crate::clock::{best_of, timed};
use crate::engines::straightforward::{Straightforward, Words};
use crate::table::Table;

/// Seconds that one scan of all outputs may take.
const LONGEST_ROUND: f64 = 15.0;
/// Outputs whose reports are compared.
const COMPARED: usize = 2_000;

pub(super) fn measure(
    table: &mut Table,
    registry: &Registry,
    outputs: &[Output],
    peer: Option<&Straightforward>,
    full: bool,
) -> anyhow::Result<()> {
    let scanner = Scanner::new(registry.clone(), Settings::default());
    let outputs = as_many_as_fit(&scanner, outputs)?;
    let size = megabytes(outputs);
    // The first scan warms up.
    let expected = matches(&scanner, outputs)?;
    let steady = |found: usize| {
        anyhow::ensure!(found == expected, "the same scans gave {expected} matches, then {found}");
        Ok(())
    };
    let mut strict = Settings::default();
    strict.verbatim_only = true;
    let strict = Scanner::new(registry.clone(), strict);
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    let threads =
        |count| rayon::ThreadPoolBuilder::new().num_threads(count).build().context("starting threads");
    let (one_thread, two_threads) = (threads(1)?, threads(2)?);
    // The same call on one core and on two: it keeps the reports, which the loop of single scans does not.
    let batch = |threads: &rayon::ThreadPool| {
        let reports = threads.install(|| scanner.scan_batch(outputs));
        steady(reports.iter().flatten().map(|report| report.matches.len()).sum())
    };
    let mut words = Words::default();

    let took = best_of(
        ROUNDS,
        &mut [
            &mut || steady(matches(&scanner, outputs)?),
            &mut || matches(&strict, outputs).map(drop),
            &mut || batch(&one_thread),
            &mut || batch(&two_threads),
            &mut || limited(InstructionSet::Avx2, || steady(matches(&scanner, outputs)?)),
            &mut || limited(InstructionSet::Plain, || steady(matches(&scanner, outputs)?)),
            &mut || {
                let Some(peer) = peer else { return Ok(()) };
                let copied = outputs.iter().filter(|output| peer.copied(&output.text, &mut words) > 0);
                anyhow::ensure!(copied.count() > 0, "the hash map of 8-word grams finds nothing");
                Ok(())
            },
        ],
    )?;
    let [one, strict, one_batch, two_batch, avx2, plain, by_peer] = took[..] else {
        anyhow::bail!("as many measures as jobs")
    };

    let measure = format!("scan on one core, {} outputs, best of {ROUNDS}", outputs.len());
    let speed = size / one.wall;
    let least = if full { 250.0 } else { 150.0 };
    table.floor(SET, &measure, &format!(">= {least} MB/s"), rate(size, one), speed >= least);
    let measure = "  word for word only";
    if full {
        table.floor(SET, measure, ">= 450 MB/s", rate(size, strict), size / strict.wall >= 450.0);
    } else {
        table.tell(SET, measure, rate(size, strict));
    }
    if cores >= 2 {
        let times = one_batch.wall / two_batch.wall;
        let told =
            format!("{times:.2} times (`scan_batch`: {}, {})", rate(size, one_batch), rate(size, two_batch));
        table.floor(SET, "  on two cores, against one", ">= 1.9 times", told, times >= 1.9);
    } else {
        table.skip(SET, "  on two cores, against one: this machine has one");
    }
    let best = InstructionSet::used();
    for (set, least, took) in [(InstructionSet::Avx2, 0.7, avx2), (InstructionSet::Plain, 0.35, plain)] {
        let measure = format!("  with {set:?} instructions, against {best:?}");
        if set < best {
            let times = one.processor / took.processor;
            let told = format!("{times:.2} times ({})", rate(size, took));
            table.floor(SET, &measure, &format!(">= {least} times"), told, times >= least);
        } else {
            table.skip(SET, &format!("{measure}: this machine has nothing better"));
        }
    }
    if peer.is_some() {
        let times = by_peer.processor / one.processor;
        let told = format!("{} (nagalm: {times:.2} times that)", rate(size, by_peer));
        table.tell(SET, "  a straightforward hash map of exact 8-word grams", told);
    }
    let compared = &outputs[..outputs.len().min(COMPARED)];
    let differ = differing(&scanner, compared)?;
    table.wrong(SET, "reports that differ by cores or instructions", compared.len(), differ);
    Ok(())
}

/// The outputs, or where scanning is so slow that a round would take minutes, some of them.
fn as_many_as_fit<'a>(scanner: &Scanner, outputs: &'a [Output]) -> anyhow::Result<&'a [Output]> {
    let some = &outputs[..outputs.len().min(100)];
    let (took, found) = timed(|| matches(scanner, some));
    found?;
    let expected_seconds = took.wall * megabytes(outputs) / megabytes(some);
    let part = (outputs.len() as f64 * (LONGEST_ROUND / expected_seconds).min(1.0)) as usize;
    Ok(&outputs[..part.clamp(some.len(), outputs.len())])
}

/// Scans on one core and counts what is found.
pub(super) fn matches<'a>(
    scanner: &Scanner,
    outputs: impl IntoIterator<Item = &'a Output>,
) -> anyhow::Result<usize> {
    let mut matches = 0;
    for output in outputs {
        matches += scanner.scan(output).context("scanning")?.matches.len();
    }
    Ok(matches)
}

/// Does something with no more than these instructions.
fn limited<T>(set: InstructionSet, work: impl FnOnce() -> T) -> T {
    set.limit();
    let answer = work();
    InstructionSet::Avx512.limit();
    answer
}

/// How many outputs have another report on all cores, or with lesser instructions, than on one with the best.
fn differing(scanner: &Scanner, outputs: &[Output]) -> anyhow::Result<usize> {
    let one_by_one = || outputs.iter().map(|output| scanner.scan(output)).collect::<Result<Vec<Report>, _>>();
    let expected = one_by_one().context("scanning")?;
    let mut others = vec![scanner.scan_batch(outputs).into_iter().collect::<Result<_, _>>()];
    others.extend(InstructionSet::ALL.map(|set| limited(set, one_by_one)));
    let mut differs = vec![false; outputs.len()];
    for reports in others {
        let reports: Vec<Report> = reports.context("scanning")?;
        for ((differs, report), expected) in differs.iter_mut().zip(&reports).zip(&expected) {
            *differs |= report != expected;
        }
    }
    Ok(differs.into_iter().filter(|differs| *differs).count())
}
