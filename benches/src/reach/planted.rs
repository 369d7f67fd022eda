//! The planted workload: recall, false alarms and places on one registry of lyric-sized works.

use nagalm::report::Match;
use nagalm::{Report, Settings};
use nagalm_corpora::planted::{EDITED, LENGTHS, Plant};

use super::Bench;
use super::recall::{Outcome, Strength, level, outcome, strongest};
use crate::lists::List;
use crate::scan::{Registered, lax};
use crate::table::{Table, percent, share};
use crate::workload::{REAL_COPY, Workload};

const SET: &str = "planted";
/// Recall in percent that is asked for at each level of [`EDITED`].
const LEAST_RECALL: [f64; EDITED.len()] = [99.9, 99.5, 99.0, 96.0, 90.0];
/// The same where the threshold lets a share of false alarms through.
const LEAST_RECALL_AT: [(f64, &str, [f64; EDITED.len()]); 2] =
    [(0.01, "1%", [99.9, 99.8, 99.5, 98.0, 94.0]), (0.001, "0.1%", [99.5, 98.0, 96.0, 89.0, 80.0])];
/// E-value up to which matches are looked at where a threshold is swept.
const LAX: f64 = 10.0;
/// Entries of each list for reading.
const LISTED: usize = 400;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let workload = Workload::load(&bench.sources)?;
    let outputs = &workload.outputs;
    table.tell(SET, &format!("text: {}", workload.source), {
        let planted = workload.plants.iter().flatten().count();
        format!("{} works, {} outputs, {planted} planted", workload.works.len(), outputs.len())
    });
    let registered = Registered::new(workload.works.clone())?;
    eprintln!("  scanning at the default threshold");
    let scanned = registered.scan(&Settings::default(), outputs)?;
    let outcomes = outcomes(&workload, &scanned.reports, &registered);
    tell_recall(table, &workload, &outcomes);
    let quiet = tell_alarms(table, &workload, &scanned.reports);
    write_lists(bench, &workload, &scanned.reports, &outcomes, &registered)?;
    let mut wrong = scanned.wrong;

    eprintln!("  scanning with E up to {LAX}");
    let scanned = registered.scan(&lax(LAX), outputs)?;
    wrong += scanned.wrong;
    tell_fixed_rates(table, &workload, &quiet, &scanned.reports, &registered);
    table.answers(SET, 2 * outputs.len(), wrong);
    Ok(())
}

/// Plants with what became of them.
fn outcomes<'a>(
    workload: &'a Workload,
    reports: &[Report],
    registered: &Registered,
) -> Vec<(usize, &'a Plant, Outcome)> {
    workload
        .plants
        .iter()
        .enumerate()
        .filter_map(|(n, plant)| plant.as_ref().map(|plant| (n, plant)))
        .map(|(n, plant)| {
            (n, plant, outcome(&reports[n], plant, &workload.works[plant.work].work_id, registered))
        })
        .collect()
}

fn tell_recall(table: &mut Table, workload: &Workload, outcomes: &[(usize, &Plant, Outcome)]) {
    let count = |take: &dyn Fn(&Plant) -> bool| {
        let taken: Vec<&Outcome> = outcomes.iter().filter(|(_, p, _)| take(p)).map(|(_, _, o)| o).collect();
        (taken.iter().filter(|o| o.strength.is_some()).count(), taken.len())
    };
    for (at, (edited, least)) in EDITED.iter().zip(LEAST_RECALL).enumerate() {
        let edited = 100.0 * edited;
        let (found, all) = count(&|p| level(p) == at);
        let measure = format!("recall, {edited}% edited words");
        table.floor(SET, &measure, &format!(">= {least}%"), percent(found, all), share(found, all) >= least);
    }
    for (length, (least, most)) in LENGTHS.iter().enumerate() {
        let levels: Vec<String> = (0..EDITED.len())
            .map(|at| {
                let (found, all) = count(&|p| level(p) == at && p.length_class == length);
                format!("{:.1}", share(found, all))
            })
            .collect();
        let measure = format!("  {least}-{most} characters, by level");
        table.tell(SET, &measure, format!("{} %", levels.join(" / ")));
    }
    let mut languages: Vec<&str> = workload.languages.iter().map(String::as_str).collect();
    languages.sort_unstable();
    languages.dedup();
    for language in languages {
        let (found, all) = count(&|p| workload.languages[p.work] == language);
        if all >= 100 {
            table.tell(SET, &format!("  works in `{language}`, all levels"), percent(found, all));
        }
    }
    let (found, all) = count(&|p| LENGTHS[p.length_class].0 >= 300);
    table.floor(
        SET,
        "recall, 300 characters or more, every level",
        "100%",
        percent(found, all),
        found == all,
    );
    let found: Vec<&Outcome> = outcomes.iter().map(|(_, _, o)| o).filter(|o| o.strength.is_some()).collect();
    let mean = |of: &dyn Fn(&Outcome) -> f64| {
        100.0 * found.iter().map(|o| of(o)).sum::<f64>() / found.len().max(1) as f64
    };
    let overlap = mean(&|o| o.overlap);
    table.floor(
        SET,
        "mean overlap of found with planted place (shared / joint)",
        ">= 95%",
        format!("{overlap:.2}%"),
        overlap >= 95.0,
    );
    table.tell(SET, "  planted place covered, mean", format!("{:.2}%", mean(&|o| o.covered)));
}

/// False alarms, and how much of the unplanted outputs holds real copies. Gives the outputs that are neither planted
/// nor share a long run of words with a work: what is reported there is a false alarm beyond doubt.
fn tell_alarms(table: &mut Table, workload: &Workload, reports: &[Report]) -> Vec<usize> {
    eprintln!("  looking for runs that unplanted outputs share with works by themselves");
    let unplanted: Vec<usize> = (0..reports.len()).filter(|&n| workload.plants[n].is_none()).collect();
    let reported = |outputs: &[usize]| outputs.iter().filter(|&&n| !reports[n].matches.is_empty()).count();
    let quiet = workload.without_run(REAL_COPY);
    let alarms = reported(&quiet);
    table.floor(
        SET,
        &format!("false alarms on unplanted outputs without a shared run of {REAL_COPY} words"),
        "<= 1%",
        percent(alarms, quiet.len()),
        share(alarms, quiet.len()) <= 1.0,
    );
    table.tell(SET, "  reported among all unplanted outputs", percent(reported(&unplanted), unplanted.len()));
    for (length, without) in [(8, workload.without_run(8).len()), (REAL_COPY, quiet.len())] {
        let measure = format!("  unplanted outputs that share {length} words in a row with a work");
        table.tell(SET, &measure, percent(unplanted.len() - without, unplanted.len()));
    }
    quiet
}

/// Recall where the threshold is set so that at most 1% and 0.1% of the quiet outputs are reported.
fn tell_fixed_rates(
    table: &mut Table,
    workload: &Workload,
    quiet: &[usize],
    reports: &[Report],
    registered: &Registered,
) {
    let outcomes = outcomes(workload, reports, registered);
    let mut alarms: Vec<Strength> = quiet.iter().filter_map(|&n| strongest(&reports[n])).collect();
    alarms.sort_by(Strength::order);
    for (rate, name, least) in LEAST_RECALL_AT {
        // The first alarm that must no longer be raised.
        let cut = alarms.get((rate * quiet.len() as f64) as usize);
        let recall: Vec<f64> = (0..EDITED.len())
            .map(|at| {
                let of_level: Vec<_> = outcomes.iter().filter(|(_, p, _)| level(p) == at).collect();
                let found = of_level.iter().filter(|(_, _, outcome)| {
                    outcome.strength.is_some_and(|s| cut.is_none_or(|cut| s.order(cut).is_lt()))
                });
                share(found.count(), of_level.len())
            })
            .collect();
        let listed = |shares: &[f64], digits: usize| {
            shares.iter().map(|share| format!("{share:.digits$}")).collect::<Vec<_>>().join(" / ")
        };
        let at = cut.map_or(format!("any E up to {LAX}"), |cut| format!("E below {:.1e}", cut.evalue));
        table.floor(
            SET,
            &format!("recall by level at {name} false alarms"),
            &format!(">= {} %", listed(&least, 1)),
            format!("{} % ({at})", listed(&recall, 2)),
            recall.iter().zip(least).all(|(recall, least)| *recall >= least),
        );
    }
}

fn write_lists(
    bench: &Bench,
    workload: &Workload,
    reports: &[Report],
    outcomes: &[(usize, &Plant, Outcome)],
    registered: &Registered,
) -> anyhow::Result<()> {
    // From the strongest to the weakest, evenly thinned out.
    let mut reported: Vec<(&str, &Match)> = workload
        .plants
        .iter()
        .zip(reports)
        .filter(|(plant, _)| plant.is_none())
        .flat_map(|(_, report)| report.matches.iter().map(|m| (report.id.as_str(), m)))
        .collect();
    reported.sort_by(|(_, one), (_, other)| Strength::of(one).order(&Strength::of(other)));
    let mut alarms = List::new("Reported in outputs without a planted passage, the strongest first");
    for (id, found) in reported.iter().step_by(reported.len().div_ceil(LISTED).max(1)) {
        alarms.matched(id, found);
    }
    let mut missed = List::new("Planted passages that were not found");
    let lost = outcomes.iter().filter(|(_, _, o)| o.strength.is_none());
    for (n, plant, _) in lost.take(LISTED) {
        let id = &workload.works[plant.work].work_id;
        let text = registered.text(id).unwrap_or_default();
        let there: Vec<String> =
            reports[*n].matches.iter().map(|m| format!("{} {:?}", m.work_id, m.output)).collect();
        missed.missed(
            &reports[*n].id,
            id,
            &format!(
                "{:.0}% edited, at {:?}; reported: [{}]",
                100.0 * plant.edited,
                plant.output,
                there.join(", ")
            ),
            &[
                ("planted", &workload.outputs[*n].text[plant.output.clone()]),
                ("work", &text[plant.source.clone()]),
            ],
        );
    }
    bench.lists.write("planted-alarms.md", alarms.text())?;
    bench.lists.write("planted-missed.md", missed.text())
}
