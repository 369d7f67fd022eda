//! Passages that are hidden from a filter: what must be found, what is flagged, and that readings know where they are from.

use std::collections::HashMap;

use nagalm::report::Trick;
use nagalm::{Output, Registry, Report, Scanner, Settings, Work};
use nagalm_corpora::evasion::{TRICKS, Tier};
use nagalm_corpora::planted::{Rng, WordModel};
use nagalm_tests::invariants::violations;
use proptest::prelude::*;

use crate::worlds;

const SEED: u64 = 41;
/// Words of the passages.
const WORDS: [usize; 3] = [30, 60, 120];
/// Passages of each length.
const PASSAGES: usize = 12;
/// Of the passages of all lengths so many must be found where a trick changes nothing of what is read …
const MUST_MATCH: f64 = 0.9;
/// … and so many of the longest where it does.
const FLAGGED: f64 = 0.75;

/// The sample works and, of words as these have them, as many more that are longer.
fn works() -> Vec<Work> {
    let mut works = worlds::samples().works;
    let model = WordModel::train(works.iter().map(|work| work.text.as_str()));
    let mut rng = Rng::new(SEED);
    let written = |n: usize, rng: &mut Rng| Work {
        work_id: format!("written {n}"),
        text: model.generate(1_200, rng),
        ..Work::default()
    };
    works.extend((0..60).map(|n| written(n, &mut rng)));
    works
}

fn scan(scanner: &Scanner, works: &[Work], text: &str) -> Report {
    let output = Output { id: "hidden".into(), text: text.to_owned(), ..Output::default() };
    let report = scanner.scan(&output).expect("a scan in memory");
    let found = violations(&report, text, works);
    assert!(found.is_empty(), "{}\nin {text:?}", found.join("\n"));
    report
}

#[test]
fn each_trick_keeps_its_tier() {
    let works = works();
    let scanner =
        Scanner::new(Registry::from_works(works.clone()).expect("works that fit"), Settings::default());
    let model = WordModel::train(works.iter().map(|work| work.text.as_str()));
    let mut rng = Rng::new(SEED + 1);
    let other = model.generate(4_000, &mut rng);
    let vocabulary: Vec<&str> = other.split_whitespace().collect();
    let long: Vec<&Work> = works.iter().filter(|w| w.text.split_whitespace().count() > WORDS[2]).collect();
    let mut failed = Vec::new();
    for trick in TRICKS {
        let (mut found, mut named) = ([0; WORDS.len()], 0);
        for (level, words) in WORDS.iter().enumerate() {
            for n in 0..PASSAGES {
                let work = long[(7 * n) % long.len()];
                let all: Vec<&str> = work.text.split_whitespace().collect();
                let passage = all[..*words].join(" ");
                let hidden = trick.apply(&passage, &mut rng, &vocabulary, &other);
                let text =
                    format!("Of course, here you are.\n\n{hidden}\n\nIs there anything else that you need?");
                let report = scan(&scanner, &works, &text);
                let right = report
                    .matches
                    .iter()
                    .find(|m| m.work_id == work.work_id || m.also_in.contains(&work.work_id));
                found[level] += usize::from(right.is_some());
                if let (Some(right), Some(name)) = (right, trick.named) {
                    let is = serde_json::to_value(&right.tricks).expect("plain data");
                    named += usize::from(is.as_array().is_some_and(|tricks| tricks.contains(&name.into())));
                }
            }
        }
        // Some passages have few words with more than one syllable, say.
        if trick.named.is_some()
            && trick.tier == Tier::MustMatch
            && 4 * named < 3 * found.iter().sum::<usize>()
        {
            failed.push(format!("{}: named in {named} of {found:?}", trick.name));
        }
        let share = match trick.tier {
            Tier::MustMatch => found.iter().sum::<usize>() as f64 / (PASSAGES * WORDS.len()) as f64,
            _ => found[WORDS.len() - 1] as f64 / PASSAGES as f64,
        };
        let least = match trick.tier {
            Tier::MustMatch => MUST_MATCH,
            Tier::Flagged => FLAGGED,
            Tier::OutOfScope => 0.0,
        };
        if share < least {
            failed.push(format!("{}: {found:?} of {PASSAGES} each", trick.name));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A reading is no other text: it names no trick where there is none, and nothing but what stands there.
#[test]
fn plain_copies_name_no_trick() {
    let samples = worlds::samples();
    let scanner = samples.scanner();
    for work in &samples.works {
        let report = scan(&scanner, &samples.works, &work.text);
        assert!(!report.matches.is_empty(), "{}", work.work_id);
        for found in &report.matches {
            assert_eq!(found.tricks, [], "{}", work.work_id);
        }
    }
    let mut names: HashMap<Trick, usize> = HashMap::new();
    for output in &samples.outputs {
        for found in scan(&scanner, &samples.works, &output.text).matches {
            found.tricks.into_iter().for_each(|trick| *names.entry(trick).or_default() += 1);
        }
    }
    println!("{names:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Pieces of disguised text cut and put together anyhow: what is reported lies on characters and quotes what is there.
    #[test]
    fn readings_know_where_they_are_from(
        pieces in prop::collection::vec((0..TRICKS.len(), 0..20_usize, 2..60_usize, any::<u64>(), 0..3_usize), 1..5)
    ) {
        let (works, scanner) = &*WORLD;
        let mut text = String::new();
        for (trick, work, words, seed, cut) in pieces {
            let all: Vec<&str> = works[work % works.len()].text.split_whitespace().take(words).collect();
            let hidden = TRICKS[trick].apply(&all.join(" "), &mut Rng::new(seed), &["other", "wort"], "eine andere Zeile");
            // Cut off at either end by a few characters.
            let kept: String = hidden.chars().skip(cut).collect();
            text.push_str(&kept);
            text.push_str([" ", "\n", ""][cut]);
        }
        scan(scanner, works, &text);
    }

    /// Any characters at all, of those that readings look for.
    #[test]
    fn nothing_breaks_a_reading(text in "([a-eа-еα-ε0-4@$!|=+/\u{E0041}\u{E0101}\u{FE01}\u{200B} \n.-]|[A-Za-z0-9+/]{24}|g ur |r13){0,200}") {
        let (works, scanner) = &*WORLD;
        scan(scanner, works, &text);
    }
}

static WORLD: std::sync::LazyLock<(Vec<Work>, Scanner)> = std::sync::LazyLock::new(|| {
    let works = worlds::samples().works;
    let mut settings = Settings::default();
    settings.max_evalue = f64::INFINITY;
    settings.min_words = 1;
    let scanner = Scanner::new(Registry::from_works(works.clone()).expect("works that fit"), settings);
    (works, scanner)
});
