//! The planted workload: a registry of lyric-sized works, outputs that hold none of them, and outputs with one
//! passage planted. Made with a fixed seed, kept on disk between runs.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use nagalm::{Output, Work};
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand::{Rng, RngExt as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::Sources;
use crate::data::Data;
use crate::planted::{EDITED, LENGTHS, Plant, choose_passage, disguise, edit, embed, vocabulary};
use crate::scan::{output, work};
use crate::text_source::{Package, packages, split};
use crate::word_model::WordModel;

/// Changes where the generator makes something else of the same sources.
const GENERATOR: u32 = 1;
const SEED: u64 = 20_251_111;
/// Characters of a work and of an output.
const WORK_LENGTH: usize = 1_000;
const OUTPUT_LENGTH: usize = 2_000;
/// Words that edits of one language draw from.
const VOCABULARY: usize = 50_000;

/// `bench-cache` in the target folder that this program was built in.
pub(crate) fn default_cache() -> PathBuf {
    let built = std::env::current_exe().ok();
    let target = built.as_deref().and_then(Path::parent).and_then(Path::parent);
    target.map_or_else(std::env::temp_dir, Path::to_owned).join("bench-cache")
}

/// A text with the language it is in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Text {
    pub(crate) language: String,
    pub(crate) text: String,
}

/// Works, outputs, and what was planted where.
#[derive(Serialize, Deserialize)]
pub(crate) struct Workload {
    /// What the texts are, in words for the table.
    pub(crate) source: String,
    pub(crate) works: Vec<Text>,
    pub(crate) outputs: Vec<Text>,
    /// Per output what was planted in it.
    pub(crate) plants: Vec<Option<Plant>>,
    /// The outputs before this one are the base load, a twentieth of them planted; all from here on are planted.
    pub(crate) base: usize,
}

impl Workload {
    /// The workload for `sources`: from disk where it was made before.
    pub(crate) fn load(sources: &Sources) -> anyhow::Result<Self> {
        let path = sources.cache.join(format!("planted-{:016x}.json", key(sources)));
        if let Ok(file) = std::fs::File::open(&path) {
            eprintln!("  reading the workload from {}", path.display());
            if let Ok(workload) = serde_json::from_reader(BufReader::with_capacity(1 << 20, file)) {
                return Ok(workload);
            }
            eprintln!("  it cannot be read: making it again");
        }
        let workload = Self::make(sources)?;
        std::fs::create_dir_all(&sources.cache)
            .and_then(|()| std::fs::write(&path, serde_json::to_vec(&workload)?))
            .with_context(|| format!("keeping the workload at {}", path.display()))?;
        Ok(workload)
    }

    fn make(sources: &Sources) -> anyhow::Result<Self> {
        eprintln!("  making the planted workload");
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let wanted = sources.outputs + sources.outputs / 4;
        let (source, works, hosts) = match packages(&sources.text) {
            Ok(packages) => from_packages(packages, sources.works, wanted, &mut rng),
            Err(_) => (String::new(), Vec::new(), Vec::new()),
        };
        // Half of what was asked for still measures the same thing; less does not.
        let (source, works, hosts) = if works.len() * 2 >= sources.works && hosts.len() * 2 >= wanted {
            (source, works, hosts)
        } else {
            eprintln!("  too little text in {}: using the word model", sources.text.display());
            from_model(sources, wanted, &mut rng)?
        };
        let base = hosts.len() * 4 / 5;
        let vocabularies = Vocabularies::of(&works);
        let mut workload = Self { source, works, outputs: Vec::new(), plants: Vec::new(), base };
        let mut planted = 0;
        for (at, host) in hosts.into_iter().enumerate() {
            let plant = at >= base || at % 20 == 7;
            let planted_text = plant.then(|| {
                let text = plant_one(&workload.works, &host, planted, &vocabularies, &mut rng);
                planted += 1;
                text
            });
            match planted_text.flatten() {
                Some((text, plant)) => {
                    workload.outputs.push(Text { language: host.language, text });
                    workload.plants.push(Some(plant));
                }
                None => {
                    workload.outputs.push(host);
                    workload.plants.push(None);
                }
            }
        }
        Ok(workload)
    }

    /// The works as the library takes them: `work 17`.
    pub(crate) fn works(&self) -> Vec<Work> {
        self.works.iter().enumerate().map(|(n, w)| work(work_id(n), &w.text)).collect()
    }

    /// The outputs as the library takes them.
    pub(crate) fn outputs(&self) -> Vec<Output> {
        self.outputs.iter().enumerate().map(|(n, o)| output(format!("output {n}"), &o.text)).collect()
    }
}

/// The identifier of a work of the workload.
pub(crate) fn work_id(index: usize) -> String {
    format!("work {index}")
}

/// Words for edits, per language.
struct Vocabularies(Vec<(String, Vec<String>)>);

impl Vocabularies {
    fn of(works: &[Text]) -> Self {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for work in works {
            let at = all.iter().position(|(l, _)| *l == work.language).unwrap_or_else(|| {
                all.push((work.language.clone(), Vec::new()));
                all.len() - 1
            });
            if all[at].1.len() < VOCABULARY {
                all[at].1.extend(vocabulary(&work.text));
            }
        }
        Self(all)
    }

    fn get(&self, language: &str) -> &[String] {
        self.0.iter().find(|(l, _)| l == language).map_or(&[], |(_, words)| words)
    }
}

/// Plants a passage into `host`. `number` walks through all levels of editing and all classes of length. `None` where
/// no work is long enough.
fn plant_one(
    works: &[Text],
    host: &Text,
    number: usize,
    vocabularies: &Vocabularies,
    rng: &mut impl Rng,
) -> Option<(String, Plant)> {
    let (edited, length) = (number % EDITED.len(), number / EDITED.len() % LENGTHS.len());
    (0..100).find_map(|_| {
        let work = rng.random_range(0..works.len());
        let text = &works[work];
        let source = choose_passage(&text.text, &LENGTHS[length], rng)?;
        let passage = edit(&text.text[source.clone()], EDITED[edited], vocabularies.get(&text.language), rng);
        let (output, place) = embed(&host.text, &disguise(&passage, rng), rng);
        Some((output, Plant { work, source, place, edited, length }))
    })
}

type Texts = (String, Vec<Text>, Vec<Text>);

fn from_packages(packages: Vec<Package>, works: usize, outputs: usize, rng: &mut impl Rng) -> Texts {
    let count = packages.len();
    let (work_length, output_length) = ((works * WORK_LENGTH) as f64, (outputs * OUTPUT_LENGTH) as f64);
    let (for_works, for_outputs) = split(packages, output_length / (work_length + output_length));
    let works = take(&for_works, WORK_LENGTH, works, rng);
    let outputs = take(&for_outputs, OUTPUT_LENGTH, outputs, rng);
    let source = format!("prose of {count} packages, outputs from other packages than works");
    (source, works, outputs)
}

/// `wanted` pieces of `length` characters, drawn from all packages.
fn take(packages: &[Package], length: usize, wanted: usize, rng: &mut impl Rng) -> Vec<Text> {
    let mut texts: Vec<Text> = packages
        .iter()
        .flat_map(|p| p.pieces(length).into_iter().map(|text| Text { language: p.language().into(), text }))
        .collect();
    texts.shuffle(rng);
    texts.truncate(wanted);
    texts
}

fn from_model(sources: &Sources, outputs: usize, rng: &mut impl Rng) -> anyhow::Result<Texts> {
    let data = Data(sources.data.clone());
    let english: Vec<String> = data.english_poems()?.into_iter().map(|p| p.text).collect();
    let german: Vec<String> = data.german_poems()?.into_iter().map(|p| p.text).collect();
    let mut dutch: Vec<String> = data.dutch_songs()?.into_iter().map(|p| p.text).collect();
    dutch.extend(data.dutch_novels()?.into_iter().map(|(_, text)| text));
    let models = [("en", &english), ("de", &german), ("nl", &dutch)]
        .map(|(language, texts)| (language, WordModel::train(texts.iter().map(String::as_str))));
    let mut write = |wanted: usize, length: usize| {
        (0..wanted)
            .map(|n| {
                let (language, model) = &models[n % models.len()];
                Text { language: (*language).into(), text: model.write(length, rng) }
            })
            .collect::<Vec<_>>()
    };
    let works = write(sources.works, WORK_LENGTH);
    let outputs = write(outputs, OUTPUT_LENGTH);
    Ok(("a WORD MODEL of the shared poems and novels, not real text".into(), works, outputs))
}

/// Differs where the workload would.
fn key(sources: &Sources) -> u64 {
    let mut hasher = DefaultHasher::new();
    (GENERATOR, SEED, sources.works, sources.outputs).hash(&mut hasher);
    let mut files: Vec<(PathBuf, u64)> = std::fs::read_dir(&sources.text)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().and_then(|e| Some((e.path(), e.metadata().ok()?.len()))))
        .collect();
    files.sort();
    files.hash(&mut hasher);
    hasher.finish()
}
