//! The planted workload: recall, false alarms and places on one registry of lyric-sized works.

use nagalm::report::Match;
use nagalm::{Report, Settings};
use nagalm_corpora::planted::{EDITED, LENGTHS, Plant};

use super::Bench;
use super::alarms::{LAX, Unplanted, tell_alarms, tell_recall_at, write_clear};
use super::recall::{Outcome, Strength, level, outcome};
use super::reused::Reused;
use crate::lists::List;
use crate::scan::{Registered, lax};
use crate::table::{Table, percent, share};
use crate::workload::Workload;

const SET: &str = "planted";
/// Recall in percent that is asked for at each level of [`EDITED`].
const LEAST_RECALL: [f64; EDITED.len()] = [99.9, 99.5, 99.0, 96.0, 90.0];
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
    let unplanted = Unplanted::new(&workload);
    write_lists(bench, &workload, &scanned.reports, &outcomes, &registered)?;
    write_clear(bench, &unplanted, &scanned.reports)?;

    eprintln!("  scanning with E up to {LAX}");
    let swept = registered.scan(&lax(LAX), outputs)?;
    let reused = Reused::new(bench, SET, unplanted.quiet(), &swept.reports)?;
    tell_alarms(SET, table, &unplanted, &reused, &scanned.reports);
    let outcomes = self::outcomes(&workload, &swept.reports, &registered);
    tell_recall_at(SET, table, &unplanted, &reused, &swept.reports, &outcomes);
    let wrong = scanned.wrong + swept.wrong;
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
