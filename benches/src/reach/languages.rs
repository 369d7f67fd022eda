//! The same planted workload in three languages: as many works, the same lengths, the same edits.

use std::collections::HashSet;

use nagalm::Settings;
use nagalm_corpora::planted::{self, EDITED, Planted, Source, passages};

use super::Bench;
use super::recall::{level, outcome};
use crate::answer::words;
use crate::data::Poem;
use crate::lists::List;
use crate::scan::{Registered, output, work};
use crate::table::{Table, percent, share};

const SET: &str = "languages";
/// Passages planted per language.
const PLANTS: usize = 2_500;
const WORK_LENGTH: usize = 1_000;
const SEED: u64 = 11;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let texts = |poems: Vec<Poem>| poems.into_iter().map(|p| p.text).collect::<Vec<_>>();
    let mut dutch = texts(bench.data.dutch_songs()?);
    dutch.extend(bench.data.dutch_novels()?.into_iter().map(|(_, text)| text));
    let (german, english) = (texts(bench.data.german_poems()?), texts(bench.data.english_poems()?));
    let works = [("nl", pieces(&dutch)), ("de", pieces(&german)), ("en", pieces(&english))];
    let works_each = works.iter().map(|(_, works)| works.len()).min().unwrap_or(0);
    let hosts: Vec<String> =
        bench.data.model_outputs()?.into_iter().filter(|o| o.spans.is_empty()).map(|o| o.text).collect();
    let hosts = hosts.join("\n\n");

    // The same seed for each language: the same hosts, lengths and levels.
    let settings = planted::Settings {
        works: works_each,
        outputs: PLANTS,
        planted_share: 1.0,
        extra_planted: 0,
        seed: SEED,
        ..planted::Settings::default()
    };
    let workloads = works.each_ref().map(|(language, works)| {
        let registry: Vec<_> = works.iter().map(|text| Source { name: language, language, text }).collect();
        let background = [Source { name: "host", language, text: &hosts }];
        (*language, Planted::build(&registry, &background, &settings))
    });
    let id = |language: &str, number: usize| format!("{language} {number}");
    let registered = workloads.iter().flat_map(|(language, workload)| {
        workload.works.iter().enumerate().map(move |(number, w)| work(id(language, number), w.text))
    });
    let registered = Registered::new(registered.collect())?;

    let mut recalls = Vec::new();
    let (mut wrong, mut scanned_outputs) = (0, 0);
    let mut missed = List::new("Planted passages that were not found, by language");
    for (language, workload) in &workloads {
        let outputs: Vec<_> = workload.outputs.iter().map(|o| output(&o.id, &o.text)).collect();
        let scanned = registered.scan(&Settings::default(), &outputs)?;
        wrong += scanned.wrong;
        scanned_outputs += outputs.len();
        let mut found = [[0; 2]; EDITED.len()];
        for (output, report) in workload.outputs.iter().zip(&scanned.reports) {
            let Some(plant) = &output.plant else { continue };
            let id = id(language, plant.work);
            let right = outcome(report, plant, &id, &registered).strength.is_some();
            found[level(plant)][usize::from(right)] += 1;
            if !right {
                let text = &workload.works[plant.work].text[plant.source.clone()];
                let planted = &output.text[plant.output.clone()];
                let why = format!("{:.0}% edited", 100.0 * plant.edited);
                missed.missed(&output.id, &id, &why, &[("planted", planted), ("work", text)]);
            }
        }
        let right: usize = found.iter().map(|f| f[1]).sum();
        let all: usize = found.iter().flatten().sum();
        let levels: Vec<String> = found.iter().map(|f| format!("{:.1}", share(f[1], f[0] + f[1]))).collect();
        table.tell(
            SET,
            &format!("recall, `{language}`, {works_each} works"),
            format!("{}; by level {} %", percent(right, all), levels.join(" / ")),
        );
        recalls.push(share(right, all));
    }
    let worst = recalls.iter().copied().fold(100.0, f64::min);
    let spread = recalls.iter().copied().fold(0.0, f64::max) - worst;
    let holds = spread <= 2.0 && worst > 0.0;
    table.floor(SET, "recall, best language less worst", "<= 2 points", format!("{spread:.2}"), holds);
    table.answers(SET, scanned_outputs, wrong);
    bench.lists.write("languages-missed.md", missed.text())
}

/// Texts of about 1,000 characters, none of which shares eight words in a row with an earlier one: a refrain or a
/// second printing would leave open which of two works a passage was copied from.
fn pieces(texts: &[String]) -> Vec<&str> {
    let mut seen: HashSet<[String; 8]> = HashSet::new();
    let mut pieces = Vec::new();
    for text in texts {
        for span in passages(text, WORK_LENGTH) {
            let piece = &text[span];
            let grams: Vec<[String; 8]> =
                words(piece).windows(8).filter_map(|gram| gram.to_vec().try_into().ok()).collect();
            // A piece must be cut into one work again, and hold the longest class of passages.
            let whole = piece.chars().count() >= WORK_LENGTH * 9 / 10;
            if whole && grams.iter().all(|gram| !seen.contains(gram)) {
                pieces.push(piece);
            }
            seen.extend(grams);
        }
    }
    pieces
}
