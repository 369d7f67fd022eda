//! Whether E-values mean what they say: on unrelated text, a share x of scans has a best match with E below x.

use std::fmt::Write as _;

use nagalm::{Output, Work};
use nagalm_corpora::planted::passages;

use super::Bench;
use super::recall::strongest;
use crate::answer::words;
use crate::data::{Missing, Poem};
use crate::scan::{Registered, lax, output, work};
use crate::table::{Table, percent, share};
use crate::text_source::{Package, packages};
use crate::workload::Workload;

const SET: &str = "evalue";
const OUTPUT_LENGTH: usize = 2_000;
/// Scans of one pairing at most.
const MOST_SCANS: usize = 5_000;
/// E-value up to which matches are asked for.
const LAX: f64 = 10.0;
/// The E-values at which shares are told.
const AT: [f64; 5] = [1.0, 0.1, 0.01, 0.001, 1e-4];

/// Texts that have nothing to do with each other, in one language.
struct Pairing {
    name: String,
    works: Vec<Work>,
    outputs: Vec<Output>,
    /// Whether some of the outputs may well hold real reuse: then the pairing is told, not pooled.
    reuse: bool,
}

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let mut all = Vec::new();
    let mut tsv = String::from("pairing\toutput\twords\tbest bits\tbest evalue\n");
    let (mut wrong, mut scans) = (0, 0);
    for pairing in pairings(bench, table)? {
        eprintln!("  {}: {} works, {} scans", pairing.name, pairing.works.len(), pairing.outputs.len());
        let registered = Registered::new(pairing.works)?;
        // Of any length: what `min_words` would hold back is chance, too, and what E-values speak of.
        let mut settings = lax(LAX);
        settings.min_words = 1;
        let scanned = registered.scan(&settings, &pairing.outputs)?;
        wrong += scanned.wrong;
        scans += pairing.outputs.len();
        let mut best = Vec::new();
        for (output, report) in pairing.outputs.iter().zip(&scanned.reports) {
            let found = strongest(report);
            best.push(found.map_or(f64::INFINITY, |s| s.evalue));
            let (bits, evalue) = found.map_or((0.0, f64::INFINITY), |s| (s.bits, s.evalue));
            let _ = writeln!(
                tsv,
                "{}\t{}\t{}\t{bits:.2}\t{evalue:.3e}",
                pairing.name,
                output.id,
                words(&output.text).len()
            );
        }
        table.tell(
            SET,
            &format!("{}: share with E below 1 / .1 / .01 / .001 / .0001", pairing.name),
            shares(&best),
        );
        if !pairing.reuse {
            all.append(&mut best);
        }
    }
    if all.is_empty() {
        table.skip(SET, "no pairing of unrelated texts has data");
        return Ok(());
    }
    table.tell(SET, "all but the last: E below 1 / .1 / .01 / .001 / .0001", shares(&all));
    let below = all.iter().filter(|e| **e < 0.01).count();
    let found = share(below, all.len());
    table.floor(
        SET,
        "unrelated scans with a best E below 0.01",
        "0.2% to 2%",
        percent(below, all.len()),
        (0.2..=2.0).contains(&found),
    );
    table.answers(SET, scans, wrong);
    bench.lists.write("evalue-best.tsv", &tsv)
}

fn shares(best: &[f64]) -> String {
    let shares: Vec<String> = AT
        .iter()
        .map(|at| format!("{:.2}", share(best.iter().filter(|e| *e < at).count(), best.len())))
        .collect();
    format!("{} % of {}", shares.join(" / "), best.len())
}

fn pairings(bench: &Bench, table: &mut Table) -> anyhow::Result<Vec<Pairing>> {
    let mut pairings = Vec::new();
    let songs = bench.data.dutch_songs()?;
    let novels: Vec<Package> =
        bench.data.dutch_novels()?.into_iter().map(|(name, text)| Package { name, text }).collect();
    pairings.push(Pairing {
        name: "nl novels on nl songs".into(),
        works: poems(songs.clone()),
        outputs: outputs(&novels),
        reuse: false,
    });
    let chapters: Vec<Work> = novels
        .iter()
        .flat_map(|n| {
            passages(&n.text, 1_000).map(|span| work(format!("{} {}", n.name, span.start), &n.text[span]))
        })
        .collect();
    match packages(&bench.sources.text) {
        Ok(packages) => {
            let of = |language: &str| {
                let (those, _): (Vec<_>, Vec<_>) = packages.iter().partition(|p| p.language() == language);
                outputs(those)
            };
            let registries = [
                ("en", "en poems", poems(bench.data.english_poems()?)),
                ("de", "de poems", poems(bench.data.german_poems()?)),
                ("nl", "nl novels and songs", poems(songs).into_iter().chain(chapters).collect()),
            ];
            for (language, name, works) in registries {
                let outputs = of(language);
                if !outputs.is_empty() {
                    let name = format!("{language} documentation on {name}");
                    pairings.push(Pairing { name, works, outputs, reuse: false });
                }
            }
        }
        Err(error) if error.is::<Missing>() => table.skip(SET, &format!("documentation: {error}")),
        Err(error) => return Err(error),
    }
    let workload = Workload::load(&bench.sources)?;
    let unplanted = workload.outputs.into_iter().zip(&workload.plants).filter(|(_, plant)| plant.is_none());
    pairings.push(Pairing {
        name: "unplanted outputs on planted works (may hold real reuse)".into(),
        works: workload.works,
        outputs: unplanted.map(|(output, _)| output).take(MOST_SCANS).collect(),
        reuse: true,
    });
    Ok(pairings)
}

fn poems(poems: Vec<Poem>) -> Vec<Work> {
    poems.into_iter().map(|p| work(p.id, p.text)).collect()
}

/// Outputs from packages, evenly from all of their text.
fn outputs<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Vec<Output> {
    let all: Vec<Output> = packages
        .into_iter()
        .flat_map(|p| {
            passages(&p.text, OUTPUT_LENGTH)
                .map(|span| output(format!("{} {}", p.name, span.start), &p.text[span]))
        })
        .collect();
    let step = all.len().div_ceil(MOST_SCANS).max(1);
    all.into_iter().step_by(step).collect()
}
