//! The jobs: what every scan does, in small. All texts are made here, from invented words.

use std::hint::black_box;

use anyhow::Context as _;
use nagalm::{InstructionSet, Output, Registry, Scanner, Settings, Work};
use nagalm_corpora::planted::{self, Planted, Rng, Source, WordModel};

/// In the order in which they are done.
pub(crate) const NAMES: [&str; 6] = [
    "build: 1,000 works of 1,000 characters",
    "fold: 200 outputs of 2,000 characters against one work",
    "fold: the same, one word in ten with a letter that is not ASCII",
    "nothing found: 200 outputs against 1,000 works",
    "one in twenty planted: 200 outputs",
    "all planted and edited, so aligned: 100 outputs",
];

const SEED: u64 = 7;

/// Does all jobs, each within one call of [`counted`].
pub(crate) fn run() -> anyhow::Result<()> {
    InstructionSet::Avx2.limit();
    anyhow::ensure!(
        InstructionSet::used() == InstructionSet::Avx2,
        "the counts are kept for AVX2, which this processor, or Valgrind on it, does not have"
    );
    let texts = Texts::write(&PLAIN_VOWELS);
    let umlauts = Texts::write(&[&PLAIN_VOWELS[..], &["ö"]].concat());
    let planted = texts.plant(0.05, 200);
    let works = || planted.works.iter().map(|w| (w.id.as_str(), w.text)).map(work).collect::<Vec<_>>();

    let mut registry = None;
    let mut taken = Some(works());
    counted(&mut || registry = taken.take().map(Registry::from_works));
    let registry = registry.context("the job was done")?.context("building the registry")?;
    let all = Scanner::new(registry, Settings::default());
    let one = Registry::from_works(works().into_iter().take(1)).context("building a registry of one work")?;
    let one = Scanner::new(one, Settings::default());

    let unplanted = texts.plant(0.0, 200);
    let edited = texts.plant(1.0, 100);
    scan(&one, &unplanted, |found| found == 0)?;
    scan(&one, &umlauts.plant(0.0, 200), |found| found == 0)?;
    scan(&all, &unplanted, |found| found == 0)?;
    scan(&all, &planted, |found| (8..=12).contains(&found))?;
    scan(&all, &edited, |found| found >= 90)
}

/// What Callgrind counts: it looks for this function's name.
#[inline(never)]
fn counted(job: &mut dyn FnMut()) {
    job();
    // Something after the call, so that it is no tail call: this function is left when the job is done.
    black_box(true);
}

/// Scans all outputs once to warm up and once to be counted. A count of a scan that finds something else than it should
/// would say nothing.
fn scan(scanner: &Scanner, workload: &Planted<'_>, right: impl Fn(usize) -> bool) -> anyhow::Result<()> {
    let outputs: Vec<Output> = workload
        .outputs
        .iter()
        .map(|o| Output { id: o.id.clone(), text: o.text.clone(), ..Output::default() })
        .collect();
    let found = || outputs.iter().filter(|o| scanner.scan(o).is_ok_and(|r| !r.matches.is_empty())).count();
    let expected = found();
    anyhow::ensure!(right(expected), "a job found something in {expected} of {} outputs", outputs.len());
    let mut again = 0;
    counted(&mut || again = found());
    anyhow::ensure!(again == expected, "the same scans found {expected} and then {again}");
    Ok(())
}

fn work((id, text): (&str, &str)) -> Work {
    Work { work_id: id.to_owned(), text: text.to_owned(), ..Work::default() }
}

/// What works and outputs are cut from.
struct Texts {
    works: String,
    outputs: String,
}

impl Texts {
    /// Writes both with word models of their own over the same words and phrases: they share what any two texts share.
    fn write(vowels: &[&str]) -> Self {
        let mut rng = Rng::new(SEED);
        let words: Vec<String> = (0..20_000).map(|_| invented(vowels, &mut rng)).collect();
        let phrase = |rng: &mut Rng| {
            let length = rng.between((2, 5));
            (0..length).map(|_| zipf(&words, rng)).collect::<Vec<_>>().join(" ")
        };
        let phrases: Vec<String> = (0..4_000).map(|_| phrase(&mut rng)).collect();
        let mut write = |characters| {
            let training = sentences(&words, &phrases, 100_000, &mut rng);
            WordModel::train([training.as_str()]).generate(characters, &mut rng)
        };
        Self { works: write(1_010_000), outputs: write(420_000) }
    }

    /// The same works every time, and outputs of which a share is planted.
    fn plant(&self, planted_share: f64, outputs: usize) -> Planted<'_> {
        let source = |text| [Source { name: "invented", language: "en", text }];
        let settings = planted::Settings {
            works: 1_000,
            outputs,
            planted_share,
            extra_planted: 0,
            seed: SEED,
            ..Default::default()
        };
        Planted::build(&source(&self.works), &source(&self.outputs), &settings)
    }
}

const PLAIN_VOWELS: [&str; 15] =
    ["a", "e", "i", "o", "u", "e", "a", "ie", "ei", "oo", "ee", "au", "e", "i", "y"];

/// A word of one to four syllables.
fn invented(vowels: &[&str], rng: &mut Rng) -> String {
    const ONSETS: [&str; 20] = [
        "b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "sch", "gr",
        "",
    ];
    const CODAS: [&str; 8] = ["", "n", "r", "s", "t", "nd", "l", ""];
    let count = rng.pick(&[1, 1, 2, 2, 2, 3, 3, 4]).copied().unwrap_or(1);
    let mut word = String::new();
    for _ in 0..count {
        for parts in [&ONSETS[..], vowels, &CODAS[..]] {
            word += rng.pick(parts).copied().unwrap_or_default();
        }
    }
    word
}

/// One of them, as frequent as words of its rank are in a language (Zipf's law).
fn zipf<'a>(all: &'a [String], rng: &mut Rng) -> &'a str {
    // The integral of 1 / rank turned round.
    let rank = (all.len() as f64).powf(rng.unit()) as usize;
    &all[rank.clamp(1, all.len()) - 1]
}

/// So many words and phrases, in sentences and lines.
fn sentences(words: &[String], phrases: &[String], count: usize, rng: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..count {
        text.push_str(zipf(if rng.chance(0.1) { phrases } else { words }, rng));
        text.push_str(match rng.below(24) {
            0 => ". ",
            1 => ",\n",
            2 => ", ",
            3 => "\n",
            _ => " ",
        });
    }
    text
}
