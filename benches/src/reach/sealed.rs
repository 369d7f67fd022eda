//! What sealed registries find of the planted workload, beside the open one; their size and speed.

use std::time::Instant;

use anyhow::Context as _;
use nagalm::{Output, Profile, Registry, Report, Scanner, SealKey, SealOptions, Settings, Trust};
use nagalm_corpora::planted::{EDITED, LENGTHS};

use super::Bench;
use super::recall::level;
use crate::table::{Table, percent};
use crate::workload::Workload;

const SET: &str = "sealed";
/// Bytes for each byte of text that the public profile may take.
const MOST_BYTES: f64 = 0.3;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let workload = Workload::load(&bench.sources)?;
    let text: usize = workload.works.iter().map(|work| work.text.len()).sum();
    let megabytes = workload.outputs.iter().map(|output| output.text.len()).sum::<usize>() as f64 / 1e6;
    eprintln!("  building the registry");
    let registry = Registry::from_works(workload.works.clone()).context("building the registry")?;
    let open = scan(&registry, &workload.outputs)?;
    let found = |report: &Report, work_id: &str| {
        report.matches.iter().any(|m| m.work_id == work_id || m.also_in.iter().any(|other| other == work_id))
    };
    tell_recall(table, "open", &workload, &open, found);
    let key = SealKey::new([42; 32], "nagalm-bench")?;
    for profile in [Profile::Public, Profile::Contract] {
        eprintln!("  the profile {profile:?}");
        let start = Instant::now();
        let file = registry.seal(&key, &SealOptions::new(profile, "bench", "1"))?;
        let took = start.elapsed().as_secs_f64();
        let share = file.bytes.len() as f64 / text as f64;
        let measure = format!("{profile:?}: bytes of the file, a byte of text, identifiers among them");
        let told = format!("{share:.2} ({} works too short)", file.too_short.len());
        match profile {
            Profile::Public => {
                table.floor(SET, &measure, &format!("<= {MOST_BYTES}"), told, share <= MOST_BYTES)
            }
            Profile::Contract => table.tell(SET, &measure, told),
        }
        table.tell(
            SET,
            &format!("{profile:?}: sealing, all cores"),
            format!("{:.0} MB/s", text as f64 / 1e6 / took),
        );
        let sealed = Registry::from_sealed(file.bytes, &Trust::default())?;
        let start = Instant::now();
        let reports = scan(&sealed, &workload.outputs)?;
        let speed = megabytes / start.elapsed().as_secs_f64();
        table.tell(SET, &format!("{profile:?}: scan, all cores"), format!("{speed:.0} MB/s"));
        let named = |leads: bool| {
            move |report: &Report, work_id: &str| {
                let sealed = report.sealed.iter();
                let all = sealed
                    .flat_map(|found| found.matches.iter().chain(found.leads.iter().filter(move |_| leads)));
                all.filter_map(|found| found.work_id.as_deref()).any(|named| named == work_id)
            }
        };
        tell_recall(table, &format!("{profile:?}, matches"), &workload, &reports, named(false));
        tell_recall(table, &format!("{profile:?}, matches and leads"), &workload, &reports, named(true));
        let unplanted: Vec<&Report> = reports[..workload.base]
            .iter()
            .zip(&workload.plants)
            .filter(|(_, plant)| plant.is_none())
            .map(|(report, _)| report)
            .collect();
        let with = |some: &dyn Fn(&Report) -> bool| unplanted.iter().filter(|report| some(report)).count();
        let matches = with(&|report| report.match_count() > 0);
        let leads = with(&|report| report.sealed.as_ref().is_some_and(|found| !found.leads.is_empty()));
        table.tell(SET, &format!("{profile:?}: unplanted outputs with matches; with leads"), {
            format!("{}; {}", percent(matches, unplanted.len()), percent(leads, unplanted.len()))
        });
    }
    Ok(())
}

fn scan(registry: &Registry, outputs: &[Output]) -> anyhow::Result<Vec<Report>> {
    let scanner = Scanner::new(registry.clone(), Settings::default());
    scanner.scan_batch(outputs).into_iter().collect::<Result<_, _>>().context("scanning")
}

/// The share of plants whose work is named, by their length and by how much of them was edited.
fn tell_recall(
    table: &mut Table,
    what: &str,
    workload: &Workload,
    reports: &[Report],
    found: impl Fn(&Report, &str) -> bool,
) {
    for (class, (least, most)) in LENGTHS.iter().enumerate() {
        let of_level = |at: usize| {
            let plants =
                reports.iter().zip(&workload.plants).filter_map(|(r, plant)| Some((r, plant.as_ref()?)));
            let plants = plants.filter(|(_, plant)| plant.length_class == class && level(plant) == at);
            let hit = plants.map(|(report, plant)| found(report, &workload.works[plant.work].work_id));
            let hits: Vec<bool> = hit.collect();
            percent(hits.iter().filter(|&&hit| hit).count(), hits.len())
        };
        let levels: Vec<String> = (0..EDITED.len()).map(of_level).collect();
        table.tell(
            SET,
            &format!("{what}: recall, {least} to {most} characters, 0/5/10/20/30% edited"),
            levels.join(" / "),
        );
    }
}
