//! Tricks that hide a passage from a filter: what of it is found, at what length, and what is named in the match.

use std::ops::Range;

use nagalm::report::Match;
use nagalm::{Output, Settings};
use nagalm_corpora::evasion::{TRICKS, Tier, Trick};
use nagalm_corpora::planted::{Rng, passages};

use super::Bench;
use crate::scan::{Registered, names, output};
use crate::table::{Table, percent, share};
use crate::workload::Workload;

const SET: &str = "evasion";
/// Words of the passages that are hidden.
const WORDS: [usize; 3] = [30, 60, 120];
/// Passages of each length, the same ones for each trick.
const PASSAGES: usize = 400;
const SEED: u64 = 29;
/// Least recall in percent over all lengths, of tricks that must be seen through …
const MUST_MATCH: f64 = 97.0;
/// … and at the greatest length of those that are flagged.
const FLAGGED: f64 = 80.0;

/// A passage to hide and the text that it is hidden in.
struct Plant<'a> {
    work_id: &'a str,
    passage: &'a str,
    host: &'a str,
    filler: &'a str,
}

/// An output with the place of what was hidden in it.
struct Hidden {
    output: Output,
    place: Range<usize>,
}

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let workload = Workload::load(&bench.sources)?;
    table.tell(
        SET,
        &format!("text: {}", workload.source),
        format!("{} works, {PASSAGES} passages of each length a trick", workload.works.len()),
    );
    let registered = Registered::new(workload.works.clone())?;
    let mut rng = Rng::new(SEED);
    // Outputs that hold no copy of a work as they are.
    let quiet = workload.without_run(8);
    anyhow::ensure!(!quiet.is_empty(), "every output shares eight words with a work");
    let host = |rng: &mut Rng| workload.outputs[quiet[rng.below(quiet.len())]].text.as_str();
    let vocabulary: Vec<&str> = (0..50).flat_map(|_| host(&mut rng).split_whitespace()).collect();
    let plants = WORDS.map(|words| {
        let mut plants = Vec::with_capacity(PASSAGES);
        let mut tries = 0;
        while plants.len() < PASSAGES && tries < 100 * PASSAGES {
            tries += 1;
            let work = &workload.works[rng.below(workload.works.len())];
            if let Some(passage) = some_words(&work.text, words, &mut rng) {
                let (host, filler) = (host(&mut rng), host(&mut rng));
                plants.push(Plant { work_id: &work.work_id, passage, host, filler });
            }
        }
        plants
    });
    let mut wrong = 0;
    let mut scanned = 0;
    for trick in TRICKS {
        let mut all = (0, 0);
        let mut named = (0, 0);
        let mut levels = Vec::new();
        for plants in &plants {
            let hidden: Vec<Hidden> = plants
                .iter()
                .enumerate()
                .map(|(n, plant)| hide(n, plant, trick, &vocabulary, &mut rng))
                .collect();
            let outputs: Vec<Output> = hidden.iter().map(|hidden| hidden.output.clone()).collect();
            let reports = registered.scan(&Settings::default(), &outputs)?;
            (wrong, scanned) = (wrong + reports.wrong, scanned + outputs.len());
            let mut found = 0;
            for ((report, hidden), plant) in reports.reports.iter().zip(&hidden).zip(plants) {
                let right: Vec<&Match> = report
                    .matches
                    .iter()
                    .filter(|m| is_right(m, plant, &hidden.place, &registered))
                    .collect();
                found += usize::from(!right.is_empty());
                if let (Some(name), false) = (trick.named, right.is_empty()) {
                    let is_named =
                        right.iter().any(|m| m.tricks.iter().any(|t| serde_json::json!(t) == name));
                    named = (named.0 + usize::from(is_named), named.1 + 1);
                }
            }
            all = (all.0 + found, all.1 + plants.len());
            levels.push((found, plants.len()));
        }
        tell(table, trick, all, named, &levels);
    }
    table.answers(SET, scanned, wrong);
    alarms(table, &workload, &registered)
}

/// A line of the table.
fn tell(
    table: &mut Table,
    trick: &Trick,
    all: (usize, usize),
    named: (usize, usize),
    levels: &[(usize, usize)],
) {
    let by_length: Vec<String> = levels
        .iter()
        .map(|&(found, all)| {
            let (low, high) = wilson(found, all);
            format!("{:.1} [{low:.1}, {high:.1}]", share(found, all))
        })
        .collect();
    let name = match trick.named {
        Some(name) => format!("; named `{name}` {:.1}%", share(named.0, named.1)),
        None => String::new(),
    };
    let measured = format!("{}{name}", by_length.join(" / "));
    let measure = format!("{}: {}", trick.tier.name(), trick.name);
    match trick.tier {
        Tier::MustMatch => {
            let holds = share(all.0, all.1) >= MUST_MATCH;
            table.floor(SET, &measure, &format!(">= {MUST_MATCH}%"), measured, holds);
        }
        Tier::Flagged => {
            let holds = levels.last().is_some_and(|&(found, all)| share(found, all) >= FLAGGED);
            table.floor(SET, &measure, &format!(">= {FLAGGED}% of {}", WORDS[2]), measured, holds);
        }
        Tier::OutOfScope => table.tell(SET, &measure, measured),
    }
}

/// What readings find in outputs in which nothing was hidden.
fn alarms(table: &mut Table, workload: &Workload, registered: &Registered) -> anyhow::Result<()> {
    let unplanted: Vec<Output> = (0..workload.outputs.len())
        .filter(|&n| workload.plants[n].is_none())
        .map(|n| workload.outputs[n].clone())
        .collect();
    let scanned = registered.scan(&Settings::default(), &unplanted)?;
    let with_trick =
        scanned.reports.iter().filter(|r| r.matches.iter().any(|m| !m.tricks.is_empty())).count();
    let holds = share(with_trick, unplanted.len()) <= 0.1;
    let measure = "outputs without a planted passage that have a match with a trick";
    table.floor(SET, measure, "<= 0.1%", percent(with_trick, unplanted.len()), holds);
    table.answers(SET, unplanted.len(), scanned.wrong);
    Ok(())
}

/// A number of words in a row of a text, as they stand there.
fn some_words<'a>(text: &'a str, words: usize, rng: &mut Rng) -> Option<&'a str> {
    let places: Vec<usize> = text
        .char_indices()
        .zip(std::iter::once(' ').chain(text.chars()))
        .filter(|((_, c), before)| before.is_whitespace() && !c.is_whitespace())
        .map(|((at, _), _)| at)
        .collect();
    let last = places.len().checked_sub(words + 1)?;
    let first = rng.below(last + 1);
    Some(text[places[first]..places[first + words]].trim_end())
}

fn hide(number: usize, plant: &Plant<'_>, trick: &Trick, vocabulary: &[&str], rng: &mut Rng) -> Hidden {
    let hidden = trick.apply(plant.passage, rng, vocabulary, plant.filler);
    // Between two paragraphs of about the same length.
    let cut = passages(plant.host, plant.host.chars().count() / 2).next().map_or(0, |first| first.end);
    let (before, behind) = plant.host.split_at(cut);
    let text = format!("{}\n\n{hidden}\n\n{}", before.trim_end(), behind.trim_start());
    let start = before.trim_end().len() + 2;
    Hidden { place: start..start + hidden.len(), output: output(format!("{} {number}", trick.name), text) }
}

/// Whether a match lies where the passage was hidden and names its work, or one that holds the same words.
fn is_right(found: &Match, plant: &Plant<'_>, place: &Range<usize>, registered: &Registered) -> bool {
    let touches = found.output.start < place.end && place.start < found.output.end;
    let holds =
        |id: &str| registered.text(id).is_some_and(|text| crate::answer::nearly_holds(text, plant.passage));
    touches && (names(found, plant.work_id) || holds(&found.work_id))
}

/// The interval of a share that holds the true one with 95% (Wilson 1927), in percent.
pub(super) fn wilson(part: usize, whole: usize) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    if whole == 0 {
        return (0.0, 100.0);
    }
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let middle = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 100.0 / (1.0 + Z * Z / n);
    ((scale * (middle - half)).max(0.0), (scale * (middle + half)).min(100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_wilson_s() {
        // Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (part, whole, low, high) in
            [(81, 263, 25.53, 36.62), (15, 148, 6.24, 16.05), (0, 20, 0.0, 16.11), (1, 29, 0.61, 17.18)]
        {
            let (is_low, is_high) = wilson(part, whole);
            assert!((is_low - low).abs() < 0.01 && (is_high - high).abs() < 0.01, "{is_low} {is_high}");
        }
    }

    #[test]
    fn passages_have_their_words() {
        let text = "eins zwei\ndrei  vier fünf sechs";
        for seed in 0..20 {
            let passage = some_words(text, 3, &mut Rng::new(seed)).expect("there are enough");
            assert_eq!(passage.split_whitespace().count(), 3);
            assert!(text.contains(passage));
        }
        assert_eq!(some_words(text, 6, &mut Rng::new(1)), None);
    }
}
