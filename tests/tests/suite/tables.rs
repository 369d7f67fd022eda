//! A registry as tables: what outputs ask for, joined with what the index holds, gives excerpts that report the same as the
//! whole.

use std::collections::{BTreeSet, HashMap};

use nagalm::{IndexedWork, Output, Registry, Scanner, Seed, Settings, Statistics, Work};
use nagalm_corpora::planted::Rng;

use crate::worlds;

/// The tables of a registry, as an engine would join them.
struct Tables {
    works: HashMap<u64, IndexedWork>,
    seeds: HashMap<u64, Vec<Seed>>,
    statistics: Statistics,
}

impl Tables {
    fn of(scanner: &Scanner, registry: &Registry) -> Self {
        let (mut works, mut seeds) = (HashMap::new(), HashMap::<u64, Vec<Seed>>::new());
        let each = |work: IndexedWork| {
            assert!(works.insert(work.number, work).is_none(), "a number that stands twice");
            Ok(())
        };
        registry.index_works(each).expect("works in memory");
        let each = |seed: Seed| {
            seeds.entry(seed.key).or_default().push(seed);
            Ok(())
        };
        registry.seeds(each).expect("seeds of works in memory");
        let bytes = scanner.statistics().expect("nothing was withdrawn").to_bytes();
        Self { works, seeds, statistics: Statistics::from_bytes(&bytes).expect("what was just written") }
    }

    /// What these outputs need, scanned with it.
    fn reports(&self, outputs: &[Output], settings: &Settings) -> Vec<String> {
        let nothing = self.statistics.excerpt([], []).expect("an empty excerpt");
        let asks = Scanner::new(nothing, settings.clone());
        let keys: BTreeSet<u64> =
            outputs.iter().flat_map(|output| asks.grams(&output.text).expect("a short text")).collect();
        let seeds: Vec<Seed> = keys.iter().filter_map(|key| self.seeds.get(key)).flatten().copied().collect();
        let numbers: BTreeSet<u64> = seeds.iter().filter_map(|seed| seed.work).collect();
        let works = numbers.iter().rev().map(|number| self.works[number].clone());
        let excerpt = self.statistics.excerpt(works, seeds).expect("seeds of these works");
        let scanner = Scanner::new(excerpt, settings.clone());
        outputs.iter().map(|output| report(&scanner, output)).collect()
    }
}

fn report(scanner: &Scanner, output: &Output) -> String {
    serde_json::to_string(&scanner.scan(output).expect("a scan in memory")).expect("a report is JSON")
}

fn same(name: &str, works: Vec<Work>, outputs: &[Output], chunk: usize) -> usize {
    let settings = Settings::default();
    let registry = Registry::from_works(works).expect("works that fit");
    let scanner = Scanner::new(registry.clone(), settings.clone());
    let tables = Tables::of(&scanner, &registry);
    let mut found = 0;
    for chunk in outputs.chunks(chunk) {
        let reports = tables.reports(chunk, &settings);
        for (output, by_excerpt) in chunk.iter().zip(reports) {
            let whole = report(&scanner, output);
            found += usize::from(whole.contains("\"work_id\""));
            assert_eq!(by_excerpt, whole, "{name}, output {:?}", output.id);
        }
    }
    found
}

#[test]
fn excerpts_report_what_the_whole_reports() {
    let found: usize =
        worlds::all().into_iter().map(|world| same(&world.name, world.works, &world.outputs, 8)).sum();
    assert!(found > 50, "only {found} reports with matches");
}

/// Works out of a small vocabulary that quote each other, and outputs that copy, edit and disguise.
#[test]
fn excerpts_of_many_works_that_share_phrases_report_what_the_whole_reports() {
    let mut rng = Rng::new(11);
    let words: Vec<String> =
        (0..4000_u32).map(|k| format!("{}{}", ["ka", "lo", "mi", "nu", "te"][k as usize % 5], k)).collect();
    let text = |rng: &mut Rng, count: usize| -> Vec<String> {
        let word =
            |rng: &mut Rng| words[(words.len() as f64).powf(rng.unit()) as usize % words.len()].clone();
        (0..count).map(|_| word(rng)).collect()
    };
    let phrases: Vec<Vec<String>> = (0..40).map(|k| text(&mut rng, 6 + k % 20)).collect();
    let works: Vec<Vec<String>> = (0..1500)
        .map(|_| {
            let mut work = text(&mut rng, 60);
            work.extend_from_slice(&phrases[rng.below(phrases.len())]);
            work.extend(text(&mut rng, 60));
            work
        })
        .collect();
    let outputs: Vec<Output> = (0..120)
        .map(|n| {
            let mut output = text(&mut rng, 20);
            for _ in 0..rng.between((1, 4)) {
                let work = &works[rng.below(works.len())];
                let start = rng.below(work.len() - 30);
                let mut passage = work[start..start + 30].to_vec();
                if rng.below(2) == 0 {
                    passage.iter_mut().step_by(7).for_each(|word| *word = "other".into());
                }
                output.extend(passage);
                output.extend(text(&mut rng, 10));
            }
            let mut text = output.join(" ");
            if n % 10 == 0 {
                // Letters apart: found by grams of letters.
                text = text.chars().filter(|c| *c != ' ').flat_map(|c| [c, ' ']).collect();
            }
            Output { id: n.to_string(), text, ..Output::default() }
        })
        .collect();
    let works: Vec<Work> = works
        .into_iter()
        .enumerate()
        .map(|(n, words)| Work { work_id: n.to_string(), text: words.join(" "), ..Work::default() })
        .collect();
    let found = same("random", works, &outputs, 7);
    assert!(found > 100, "only {found} reports with matches");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let world = worlds::samples();
    let (registry, scanner) = (world.registry(), world.scanner());
    let statistics = scanner.statistics().unwrap();
    let mut works = Vec::new();
    let keep = |work| {
        works.push(work);
        Ok(())
    };
    registry.index_works(keep).unwrap();
    let twice = statistics.excerpt([works[0].clone(), works[0].clone()], []);
    assert!(twice.is_err_and(|e| e.is_input() && e.to_string().contains("twice")));
    let elsewhere = IndexedWork { number: 7 << 32, ..works[0].clone() };
    assert!(statistics.excerpt([elsewhere], []).is_err_and(|e| e.is_input()));
    let behind = Seed { key: 1, work: Some(works[0].number), word: 1_000_000 };
    assert!(statistics.excerpt([works[0].clone()], [behind]).is_err_and(|e| e.is_input()));
    let bytes = statistics.to_bytes();
    assert_eq!(Statistics::from_bytes(&bytes).unwrap(), statistics);
    for end in [0, 5, 8, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(Statistics::from_bytes(&bytes[..end]).is_err_and(|e| e.is_corrupt()), "{end}");
    }
    for at in (0..bytes.len()).step_by(1 + bytes.len() / 300) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert!(Statistics::from_bytes(&damaged).is_err(), "{at}");
    }
}
