//! False alarms of the planted workload, once what the outputs really share with works is set aside.

use std::collections::{HashMap, HashSet};

use nagalm::Report;
use nagalm::report::Match;
use nagalm_corpora::planted::{EDITED, LENGTHS, Plant};

use super::Bench;
use super::recall::{Outcome, Strength, level, strongest};
use super::reused::Reused;
use crate::lists::List;
use crate::mueller_160::{Reuse, reuse};
use crate::table::{Table, percent, share};
use crate::workload::{REAL_COPY, Workload};

/// E-value up to which matches are looked at where a threshold is swept.
pub(super) const LAX: f64 = 10.0;
/// The shares of false alarms that a threshold lets through, and the recall in percent that is asked for there at
/// each level of [`EDITED`].
const LEAST_RECALL_AT: [(f64, &str, [f64; EDITED.len()]); 2] =
    [(0.01, "1%", [99.9, 99.8, 99.5, 98.0, 94.0]), (0.001, "0.1%", [99.5, 98.0, 96.0, 89.0, 80.0])];
/// Alarms that are listed for reading.
const LISTED: usize = 40;

/// Outputs in which nothing was planted, and what they share with works all the same. By rules that look at the
/// texts alone, and not at what was reported.
pub(super) struct Unplanted {
    all: Vec<usize>,
    /// Those that share [`REAL_COPY`] words in a row with no work.
    quiet: Vec<usize>,
    /// How many of all share eight words in a row with a work.
    share_eight: usize,
    /// Finer rules for what of a work may be in an output.
    rules: [Rule; 2],
}

/// What one more rule calls reuse.
struct Rule {
    /// The rule in the words of the table.
    name: String,
    /// How many of all outputs it says it of.
    reuse: usize,
    /// The quiet outputs of which it does not.
    clear: Vec<usize>,
}

impl Unplanted {
    /// Looks through all texts, which takes some seconds.
    pub(super) fn new(workload: &Workload) -> Self {
        let all: Vec<usize> = (0..workload.outputs.len()).filter(|&n| workload.plants[n].is_none()).collect();
        eprintln!("  looking for runs that unplanted outputs share with works by themselves");
        let (without_eight, quiet) = (workload.without_run(8).len(), workload.without_run(REAL_COPY));
        eprintln!("  looking for reuse by mueller-160 in them");
        let outputs: Vec<&str> = all.iter().map(|&n| workload.outputs[n].text.as_str()).collect();
        let works: Vec<&str> = workload.works.iter().map(|work| work.text.as_str()).collect();
        let found: HashMap<usize, Reuse> = all.iter().copied().zip(reuse(&outputs, &works)).collect();
        let rule = |name: String, is_reuse: &dyn Fn(&Reuse) -> bool| Rule {
            name,
            reuse: found.values().filter(|reuse| is_reuse(reuse)).count(),
            clear: quiet.iter().copied().filter(|n| !is_reuse(&found[n])).collect(),
        };
        let (shortest, _) = LENGTHS[0];
        let rules = [
            rule("reuse by mueller-160".into(), &|reuse| reuse.is_reuse()),
            rule(format!("one of its matches of {shortest} characters"), &|reuse| reuse.longest >= shortest),
        ];
        Self { share_eight: all.len() - without_eight, all, quiet, rules }
    }

    /// Those that share [`REAL_COPY`] words in a row with no work.
    pub(super) fn quiet(&self) -> &[usize] {
        &self.quiet
    }
}

/// False alarms, and how much of the unplanted outputs is reuse.
pub(super) fn tell_alarms(
    set: &'static str,
    table: &mut Table,
    unplanted: &Unplanted,
    reused: &Reused,
    reports: &[Report],
) {
    let reported = |outputs: &[usize]| outputs.iter().filter(|&&n| !reports[n].matches.is_empty()).count();
    let Unplanted { all, quiet, share_eight, rules } = unplanted;
    let alarms = reported(quiet);
    table.floor(
        set,
        &format!("false alarms on unplanted outputs without a shared run of {REAL_COPY} words"),
        "<= 1%",
        percent(alarms, quiet.len()),
        share(alarms, quiet.len()) <= 1.0,
    );
    table.tell(set, "  reported among all unplanted outputs", percent(reported(all), all.len()));
    for (length, sharing) in [(8, *share_eight), (REAL_COPY, all.len() - quiet.len())] {
        let measure = format!("  unplanted outputs that share {length} words in a row with a work");
        table.tell(set, &measure, percent(sharing, all.len()));
    }
    for Rule { name, reuse, clear } in rules {
        table.tell(set, &format!("  unplanted outputs with {name}"), percent(*reuse, all.len()));
        let (more, told) = (quiet.len() - clear.len(), alarms - reported(clear));
        table.tell(
            set,
            &format!("    of these without a shared run of {REAL_COPY} words"),
            format!("{more}, {told} of them reported"),
        );
        table.tell(set, "    false alarms without these", percent(reported(clear), clear.len()));
    }
    table.tell(set, "  the strongest of these alarms to a reader", reused.told());
    let (alarms, outputs) = (reported(&reused.clear), reused.clear.len());
    table.decided(
        set,
        "false alarms without what a reader calls real reuse",
        "<= 1%",
        percent(alarms, outputs),
        reused.verdict(share(alarms, outputs) <= 1.0),
    );
}

/// Recall where the threshold is set so that at most 1% and 0.1% of the outputs are reported that share no long run, and
/// of those that are no reuse by the finer rules or to a reader either.
pub(super) fn tell_recall_at(
    set: &'static str,
    table: &mut Table,
    unplanted: &Unplanted,
    reused: &Reused,
    reports: &[Report],
    outcomes: &[(usize, &Plant, Outcome)],
) {
    let listed = |shares: &[f64], digits: usize| {
        shares.iter().map(|share| format!("{share:.digits$}")).collect::<Vec<_>>().join(" / ")
    };
    for (rate, percent, least) in LEAST_RECALL_AT {
        let at_rate = |outputs: &[usize]| {
            let mut alarms: Vec<Strength> = outputs.iter().filter_map(|&n| strongest(&reports[n])).collect();
            alarms.sort_by(Strength::order);
            // The first alarm that must no longer be raised.
            let cut = alarms.get((rate * outputs.len() as f64) as usize);
            let recall = recall_below(cut, outcomes);
            let at = cut.map_or(format!("any E up to {LAX}"), |cut| format!("E below {:.1e}", cut.evalue));
            (recall, format!("{} % ({at})", listed(&recall, 2)))
        };
        let measure = format!("recall by level at {percent} false alarms");
        table.tell(set, &measure, at_rate(&unplanted.quiet).1);
        for Rule { name, clear, .. } in &unplanted.rules {
            table.tell(set, &format!("  without {name}"), at_rate(clear).1);
        }
        let (recall, measured) = at_rate(&reused.clear);
        table.decided(
            set,
            &format!("{measure}, without what a reader calls real reuse"),
            &format!(">= {} %", listed(&least, 1)),
            measured,
            reused.verdict(recall.iter().zip(least).all(|(recall, least)| *recall >= least)),
        );
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

/// Writes the strongest alarms that none of the rules calls reuse.
pub(super) fn write_clear(bench: &Bench, unplanted: &Unplanted, reports: &[Report]) -> anyhow::Result<()> {
    let strength = |found: &&Match| Strength::of(found);
    let [one, other] = &unplanted.rules;
    let also: HashSet<usize> = other.clear.iter().copied().collect();
    let clear: Vec<usize> = one.clear.iter().copied().filter(|n| also.contains(n)).collect();
    let strongest = |n: usize| reports[n].matches.iter().min_by(|a, b| strength(a).order(&strength(b)));
    let mut alarms: Vec<(&str, &Match)> =
        clear.iter().filter_map(|&n| Some((reports[n].id.as_str(), strongest(n)?))).collect();
    alarms.sort_by(|(_, one), (_, other)| Strength::of(one).order(&Strength::of(other)));
    let mut list = List::new(&format!(
        "The strongest match of each output without a planted passage, {REAL_COPY} words in a row, {} or {}",
        one.name, other.name
    ));
    for (id, found) in alarms.into_iter().take(LISTED) {
        list.matched(id, found);
    }
    bench.lists.write("planted-alarms-clear.md", list.text())
}
