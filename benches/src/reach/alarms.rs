//! False alarms of the planted workload, once what the outputs really share with works is set aside.

use std::collections::HashSet;

use nagalm::Report;
use nagalm::report::Match;
use nagalm_corpora::planted::{EDITED, Plant};

use super::Bench;
use super::recall::{Outcome, Strength, level, strongest};
use crate::answer::run_hashes;
use crate::lists::List;
use crate::mueller_160;
use crate::table::{Table, percent, share};
use crate::workload::Workload;

/// Words in a row that no two texts share by chance: an unplanted output that shares them with a work holds a real copy.
const REAL_COPY: usize = 13;
/// Recall in percent that is asked for at each level of [`EDITED`] where the threshold lets 1% of false alarms through,
const LEAST_AT_ONE: [f64; EDITED.len()] = [99.9, 99.8, 99.5, 98.0, 94.0];
/// and where it lets 0.1% through. So few that they must be false: asked for where reuse by both rules is set aside.
const LEAST_AT_TENTH: [f64; EDITED.len()] = [99.5, 98.0, 96.0, 89.0, 80.0];
/// Alarms that are listed for reading.
const LISTED: usize = 40;

/// Outputs in which nothing was planted, and what they share with works all the same. By rules that look at the
/// texts alone, and not at what was reported.
pub(super) struct Unplanted {
    all: Vec<usize>,
    /// Those that share [`REAL_COPY`] words in a row with no work.
    quiet: Vec<usize>,
    /// Those of them that do not reuse a work by [`mueller_160`] either.
    clear: Vec<usize>,
    /// How many of all share eight words in a row with a work.
    share_eight: usize,
    /// How many of all reuse a work by [`mueller_160`].
    reuse: usize,
}

impl Unplanted {
    /// Looks through all texts, which takes some seconds.
    pub(super) fn new(workload: &Workload) -> Self {
        let all: Vec<usize> = (0..workload.outputs.len()).filter(|&n| workload.plants[n].is_none()).collect();
        eprintln!("  looking for runs that unplanted outputs share with works by themselves");
        let without_run = |length: usize| -> Vec<usize> {
            let registered: HashSet<u64> =
                workload.works.iter().flat_map(|w| run_hashes(&w.text, length)).collect();
            let shares = |n: usize| {
                run_hashes(&workload.outputs[n].text, length).iter().any(|run| registered.contains(run))
            };
            all.iter().copied().filter(|&n| !shares(n)).collect()
        };
        let (without_eight, quiet) = (without_run(8).len(), without_run(REAL_COPY));
        eprintln!("  looking for reuse by mueller-160 in them");
        let outputs: Vec<&str> = all.iter().map(|&n| workload.outputs[n].text.as_str()).collect();
        let works: Vec<&str> = workload.works.iter().map(|work| work.text.as_str()).collect();
        let characters = mueller_160::reused(&outputs, &works);
        let reuse: HashSet<usize> = all
            .iter()
            .zip(characters)
            .filter(|(_, characters)| *characters > mueller_160::ALLOWED)
            .map(|(&n, _)| n)
            .collect();
        let clear = quiet.iter().copied().filter(|n| !reuse.contains(n)).collect();
        Self { share_eight: all.len() - without_eight, reuse: reuse.len(), all, quiet, clear }
    }
}

/// False alarms, and how much of the unplanted outputs is reuse.
pub(super) fn tell_alarms(set: &'static str, table: &mut Table, unplanted: &Unplanted, reports: &[Report]) {
    let reported = |outputs: &[usize]| outputs.iter().filter(|&&n| !reports[n].matches.is_empty()).count();
    let Unplanted { all, quiet, clear, share_eight, reuse } = unplanted;
    let alarms = reported(quiet);
    table.floor(
        set,
        &format!("false alarms on unplanted outputs without a shared run of {REAL_COPY} words"),
        "<= 1%",
        percent(alarms, quiet.len()),
        share(alarms, quiet.len()) <= 1.0,
    );
    table.tell(set, "  of these without reuse by mueller-160 either", percent(reported(clear), clear.len()));
    table.tell(set, "  reported among all unplanted outputs", percent(reported(all), all.len()));
    for (length, sharing) in [(8, *share_eight), (REAL_COPY, all.len() - quiet.len())] {
        let measure = format!("  unplanted outputs that share {length} words in a row with a work");
        table.tell(set, &measure, percent(sharing, all.len()));
    }
    table.tell(
        set,
        "  unplanted outputs that are reuse of a work by mueller-160",
        percent(*reuse, all.len()),
    );
    let more = quiet.len() - clear.len();
    let measure = format!("  of these without a shared run of {REAL_COPY} words");
    table.tell(set, &measure, format!("{more}, {} of them reported", alarms - reported(clear)));
}

/// Recall where the threshold is set so that at most 1% and 0.1% of the outputs are reported, of those without a long
/// shared run, and of those that are no reuse by mueller-160 either.
pub(super) fn tell_recall_at(
    set: &'static str,
    table: &mut Table,
    unplanted: &Unplanted,
    reports: &[Report],
    outcomes: &[(usize, &Plant, Outcome)],
) {
    let kinds = [
        ("false alarms", &unplanted.quiet, [Some(LEAST_AT_ONE), None]),
        ("false alarms, without reuse by mueller-160", &unplanted.clear, [None, Some(LEAST_AT_TENTH)]),
    ];
    for (name, outputs, least) in kinds {
        let mut alarms: Vec<Strength> = outputs.iter().filter_map(|&n| strongest(&reports[n])).collect();
        alarms.sort_by(Strength::order);
        for ((rate, percent), least) in [(0.01, "1%"), (0.001, "0.1%")].into_iter().zip(least) {
            // The first alarm that must no longer be raised.
            let cut = alarms.get((rate * outputs.len() as f64) as usize);
            let recall = recall_below(cut, outcomes);
            let at = cut.map_or("any E".into(), |cut| format!("E below {:.1e}", cut.evalue));
            let measure = format!("recall by level at {percent} {name}");
            let measured = format!("{} % ({at})", listed(&recall, 2));
            match least {
                Some(least) => {
                    let holds = recall.iter().zip(least).all(|(recall, least)| *recall >= least);
                    table.floor(set, &measure, &format!(">= {} %", listed(&least, 1)), measured, holds);
                }
                None => table.tell(set, &measure, measured),
            }
        }
    }
}

/// The share of plants of each level that were found by a stronger match than `cut`.
fn recall_below(cut: Option<&Strength>, outcomes: &[(usize, &Plant, Outcome)]) -> [f64; EDITED.len()] {
    std::array::from_fn(|at| {
        let of_level: Vec<_> = outcomes.iter().filter(|(_, p, _)| level(p) == at).collect();
        let found = of_level.iter().filter(|(_, _, outcome)| {
            outcome.strength.is_some_and(|s| cut.is_none_or(|cut| s.order(cut).is_lt()))
        });
        share(found.count(), of_level.len())
    })
}

fn listed(shares: &[f64], digits: usize) -> String {
    shares.iter().map(|share| format!("{share:.digits$}")).collect::<Vec<_>>().join(" / ")
}

/// Writes the strongest alarms that neither rule calls reuse.
pub(super) fn write_clear(bench: &Bench, unplanted: &Unplanted, reports: &[Report]) -> anyhow::Result<()> {
    let strength = |found: &&Match| Strength::of(found);
    let strongest = |n: usize| reports[n].matches.iter().min_by(|a, b| strength(a).order(&strength(b)));
    let mut alarms: Vec<(&str, &Match)> =
        unplanted.clear.iter().filter_map(|&n| Some((reports[n].id.as_str(), strongest(n)?))).collect();
    alarms.sort_by(|(_, one), (_, other)| Strength::of(one).order(&Strength::of(other)));
    let mut list = List::new(&format!(
        "The strongest match of each output without a planted passage, {REAL_COPY} words in a row or reuse by mueller-160"
    ));
    for (id, found) in alarms.into_iter().take(LISTED) {
        list.matched(id, found);
    }
    bench.lists.write("planted-alarms-clear.md", list.text())
}
