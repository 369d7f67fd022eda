//! The same planted workload in three languages: as many works, the same lengths, the same edits.

use std::collections::HashSet;

use nagalm::Settings;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use super::Bench;
use super::recall::outcome;
use crate::answer::words;
use crate::lists::List;
use crate::planted::{EDITED, LENGTHS, Plant, choose_passage, disguise, edit, embed, vocabulary};
use crate::scan::{Registered, output, work};
use crate::table::{Table, percent, share};
use crate::text_source::Package;

const SET: &str = "languages";
/// Passages planted per language.
const PLANTS: usize = 4_000;
const WORK_LENGTH: usize = 1_000;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let texts = |poems: Vec<crate::data::Poem>| poems.into_iter().map(|p| p.text).collect::<Vec<_>>();
    let mut dutch = texts(bench.data.dutch_songs()?);
    dutch.extend(bench.data.dutch_novels()?.into_iter().map(|(_, text)| text));
    let mut languages = vec![
        ("nl", pieces(dutch)),
        ("de", pieces(texts(bench.data.german_poems()?))),
        ("en", pieces(texts(bench.data.english_poems()?))),
    ];
    let hosts: Vec<String> = bench
        .data
        .model_outputs()?
        .into_iter()
        .filter(|o| o.spans.is_empty() && o.text.chars().count() >= 1_500)
        .map(|o| o.text)
        .collect();
    let works_each = languages.iter().map(|(_, works)| works.len()).min().unwrap_or(0);
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for (_, works) in &mut languages {
        works.shuffle(&mut rng);
        works.truncate(works_each);
    }
    let works = languages.iter().flat_map(|(language, works)| {
        works.iter().enumerate().map(move |(n, text)| work(format!("{language} {n}"), text))
    });
    let registered = Registered::new(works.collect())?;
    let mut recalls = Vec::new();
    let (mut wrong, mut all) = (0, 0);
    let mut missed = List::new("Planted passages that were not found, by language");
    for (language, works) in &languages {
        // The same seed for each: the same lengths, levels, hosts and works by number.
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let pool: Vec<String> = works.iter().take(500).flat_map(|w| vocabulary(w)).collect();
        let (mut outputs, mut plants) = (Vec::new(), Vec::new());
        while plants.len() < PLANTS {
            let number = plants.len();
            let (edited, length) = (number % EDITED.len(), number / EDITED.len() % LENGTHS.len());
            let at = rand::RngExt::random_range(&mut rng, 0..works.len());
            let Some(source) = choose_passage(&works[at], &LENGTHS[length], &mut rng) else { continue };
            let passage = edit(&works[at][source.clone()], EDITED[edited], &pool, &mut rng);
            let host = &hosts[number % hosts.len()];
            let (text, place) = embed(host, &disguise(&passage, &mut rng), &mut rng);
            outputs.push(output(format!("{language} output {number}"), text));
            plants.push(Plant { work: at, source, place, edited, length });
        }
        let scanned = registered.scan(&Settings::default(), &outputs)?;
        wrong += scanned.wrong;
        all += outputs.len();
        let mut found = [[0; 2]; EDITED.len()];
        for ((output, plant), report) in outputs.iter().zip(&plants).zip(&scanned.reports) {
            let id = format!("{language} {}", plant.work);
            let right = outcome(report, plant, &id, &registered).strength.is_some();
            found[plant.edited][usize::from(right)] += 1;
            if !right {
                let text = &works[plant.work][plant.source.clone()];
                let planted = &output.text[plant.place.clone()];
                let why = format!("{}% edited", EDITED[plant.edited]);
                missed.missed(&output.id, &id, &why, &[("planted", planted), ("work", text)]);
            }
        }
        let right: usize = found.iter().map(|f| f[1]).sum();
        let levels: Vec<String> = found.iter().map(|f| format!("{:.1}", share(f[1], f[0] + f[1]))).collect();
        table.tell(
            SET,
            &format!("recall, `{language}`, {works_each} works"),
            format!("{}; by level {} %", percent(right, plants.len()), levels.join(" / ")),
        );
        recalls.push(share(right, plants.len()));
    }
    let worst = recalls.iter().copied().fold(100.0, f64::min);
    let spread = recalls.iter().copied().fold(0.0, f64::max) - worst;
    table.floor(
        SET,
        "recall, best language less worst",
        "<= 2 points",
        format!("{spread:.2}"),
        spread <= 2.0,
    );
    table.answers(SET, all, wrong);
    bench.lists.write("languages-missed.md", missed.text())
}

/// Texts of about 1,000 characters, none of which shares eight words in a row with an earlier one: a refrain or a
/// second printing would leave open which of two works a passage was copied from.
fn pieces(texts: Vec<String>) -> Vec<String> {
    let mut seen: HashSet<[String; 8]> = HashSet::new();
    let mut pieces = Vec::new();
    for text in texts {
        let text = Package { name: String::new(), paragraphs: vec![text] };
        for piece in text.pieces(WORK_LENGTH) {
            let grams: Vec<[String; 8]> =
                words(&piece).windows(8).filter_map(|gram| gram.to_vec().try_into().ok()).collect();
            if grams.iter().all(|gram| !seen.contains(gram)) {
                pieces.push(piece);
            }
            seen.extend(grams);
        }
    }
    pieces
}
