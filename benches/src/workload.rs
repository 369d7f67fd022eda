//! The planted workload: a registry of lyric-sized works, outputs that hold none of them, and outputs with one
//! passage planted.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context as _, ensure};
use nagalm::{Output, Work};
use nagalm_corpora::planted::{Plant, Planted, Rng, Settings, Source, WordModel, passages};
use nagalm_corpora::sample;

use crate::Sources;
use crate::answer::run_hashes;
use crate::data::{Data, Missing, Poem};
use crate::definition::{Definition, Origin, TextSource};
use crate::phrases::common_phrases;
use crate::scan::{output, work};
use crate::text_source::{Package, halves, packages, split};

/// Share of the prose that outputs are cut from, whatever the sizes: a smaller workload is a sample of the full one.
pub(crate) const OUTPUT_SHARE: f64 = 1.0 / 3.0;

/// Words in a row that no two texts share by chance: an unplanted output that shares them with a work holds a real copy.
pub(crate) const REAL_COPY: usize = 13;

/// Works, outputs, and what was planted where.
pub(crate) struct Workload {
    /// What the texts are, in words for the table.
    pub(crate) source: String,
    pub(crate) works: Vec<Work>,
    /// The language of each work.
    pub(crate) languages: Vec<String>,
    pub(crate) outputs: Vec<Output>,
    /// The language of each output, of what a passage was planted into.
    pub(crate) output_languages: Vec<String>,
    /// Per output what was planted in it.
    pub(crate) plants: Vec<Option<Plant>>,
    /// The outputs before this one are the base load, a twentieth of them planted; all from here on are planted.
    pub(crate) base: usize,
}

/// Texts of one language, or of all.
struct Trained {
    language: String,
    texts: Vec<String>,
}

impl Workload {
    /// The lyrics workload in the size that was asked for.
    pub(crate) fn load(sources: &Sources) -> anyhow::Result<Self> {
        Self::make(&lyrics(sources)?, sources)
    }

    /// Makes a workload: the same for the same texts and definition. Takes a few seconds.
    pub(crate) fn make(definition: &Definition, sources: &Sources) -> anyhow::Result<Self> {
        eprintln!("  making the planted workload");
        match definition.text {
            TextSource::Packages => match Self::from_packages(definition, sources) {
                Ok(Some(workload)) => return Ok(workload),
                Ok(None) => {
                    eprintln!("  too little text in {}: using the word model", sources.text.display())
                }
                Err(error) if error.is::<Missing>() => eprintln!("  {error}: using the word model"),
                Err(error) => return Err(error),
            },
            TextSource::Model => {}
            TextSource::Sample => {
                let what = "a WORD MODEL of the sample works, not real text";
                return Ok(Self::from_model(definition, &sample_texts()?, what));
            }
        }
        let what = "a WORD MODEL of the shared poems and novels, not real text";
        Ok(Self::from_model(definition, &shared_texts(sources)?, what))
    }

    /// The unplanted outputs that share no run of so many words with a work.
    pub(crate) fn without_run(&self, length: usize) -> Vec<usize> {
        let registered: HashSet<u64> = self.works.iter().flat_map(|w| run_hashes(&w.text, length)).collect();
        let shares =
            |n: usize| run_hashes(&self.outputs[n].text, length).iter().any(|run| registered.contains(run));
        (0..self.outputs.len()).filter(|&n| self.plants[n].is_none() && !shares(n)).collect()
    }

    /// From real prose; `None` where there is less than half of the outputs that were asked for. Where there is less than
    /// half of the works, a word model of the same prose writes the others.
    fn from_packages(definition: &Definition, sources: &Sources) -> anyhow::Result<Option<Self>> {
        let settings = definition.settings();
        let packages = packages(&sources.text)?;
        let count = packages.len();
        let (which, (for_works, for_outputs)) = match definition.outputs.from {
            Origin::OtherPackages => ("outputs from others than works", split(packages, OUTPUT_SHARE)),
            Origin::CommonPhrases => {
                let (for_works, others) = split(packages, OUTPUT_SHARE);
                let characters = settings.outputs * settings.output_characters;
                let lists = common_phrases(&others, characters, &mut Rng::new(settings.seed));
                ("outputs of phrases that others than works share", (for_works, lists))
            }
            Origin::SamePackages => ("outputs from the same as works", halves(packages, OUTPUT_SHARE)),
        };
        let mut source = format!("prose of {count} packages, {which}");
        let real = |package: &Package| passages(&package.text, settings.work_characters).count();
        let there: usize = for_works.iter().map(real).sum();
        let missing = if there * 2 >= settings.works { 0 } else { settings.works - there };
        let written = more_like(&for_works, missing, &settings);
        if missing > 0 {
            source += &format!("; {missing} of the works by a WORD MODEL of the same prose");
        }
        let registry: Vec<Source<'_>> = for_works.iter().chain(&written).map(Package::source).collect();
        let background: Vec<Source<'_>> = for_outputs.iter().map(Package::source).collect();
        let planted = Planted::build(&registry, &background, &settings);
        Ok((there > 0 && planted.outputs.len() * 2 >= settings.outputs).then(|| Self::own(&planted, source)))
    }

    /// From word models, one of each language.
    fn from_model(definition: &Definition, training: &[Trained], what: &str) -> Self {
        let settings = definition.settings();
        let mut rng = Rng::new(settings.seed);
        let mut write = |model: &WordModel, works: usize, length: usize| {
            let pieces: Vec<String> = (0..works).map(|_| model.generate(length, &mut rng)).collect();
            pieces.join("\n\n")
        };
        let share = |all: usize| all / training.len() + 2;
        let mut written = Vec::new();
        for Trained { language, texts } in training {
            let model = WordModel::train(texts.iter().map(String::as_str));
            let works = write(&model, share(settings.works), settings.work_characters + 8);
            let outputs = share(settings.outputs + settings.extra_planted);
            written.push((language, works, write(&model, outputs, settings.output_characters + 8)));
        }
        let source = |language, text| Source { name: language, language, text };
        let registry: Vec<_> = written.iter().map(|(language, works, _)| source(language, works)).collect();
        let background: Vec<_> =
            written.iter().map(|(language, _, outputs)| source(language, outputs)).collect();
        Self::own(&Planted::build(&registry, &background, &settings), what.into())
    }

    fn own(planted: &Planted<'_>, source: String) -> Self {
        let base = planted.outputs.iter().filter(|o| !o.extra).count();
        Self {
            source,
            works: planted.works.iter().map(|w| work(&w.id, w.text)).collect(),
            languages: planted.works.iter().map(|w| w.language.to_owned()).collect(),
            outputs: planted.outputs.iter().map(|o| output(&o.id, &o.text)).collect(),
            output_languages: planted.outputs.iter().map(|o| o.language.to_owned()).collect(),
            plants: planted.outputs.iter().map(|o| o.plant.clone()).collect(),
            base,
        }
    }
}

/// The lyrics workload's definition in the size that was asked for.
pub(crate) fn lyrics(sources: &Sources) -> anyhow::Result<Definition> {
    let mut definition = Definition::named("lyrics")?.with_outputs(sources.outputs);
    definition.works.count = sources.works;
    Ok(definition)
}

/// Text for so many more works, in the languages of `packages` as these have them.
fn more_like(packages: &[Package], works: usize, settings: &Settings) -> Vec<Package> {
    if works == 0 {
        return Vec::new();
    }
    eprintln!("  writing {works} works with a word model");
    let mut by_language: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        by_language.entry(package.language()).or_default().push(&package.text);
    }
    let total: usize = packages.iter().map(|package| package.text.len()).sum();
    let mut rng = Rng::new(settings.seed);
    let mut write = |(language, texts): (&str, Vec<&str>)| {
        let share = texts.iter().map(|text| text.len()).sum::<usize>() as f64 / total.max(1) as f64;
        let model = WordModel::train(texts);
        let wanted = (works as f64 * share) as usize + 1;
        // A little longer than a work: the cut falls before the word that reaches the length.
        let text = model.generate(wanted * (settings.work_characters + 1), &mut rng);
        Package { name: format!("{language}-model"), text }
    };
    by_language.into_iter().map(&mut write).collect()
}

/// The shared poems and novels.
fn shared_texts(sources: &Sources) -> anyhow::Result<Vec<Trained>> {
    let data = Data(sources.data.clone());
    let texts = |poems: Vec<Poem>| poems.into_iter().map(|p| p.text).collect::<Vec<_>>();
    let mut dutch = texts(data.dutch_songs()?);
    dutch.extend(data.dutch_novels()?.into_iter().map(|(_, text)| text));
    let languages =
        [("en", texts(data.english_poems()?)), ("de", texts(data.german_poems()?)), ("nl", dutch)];
    Ok(languages.map(|(language, texts)| Trained { language: language.into(), texts }).into())
}

/// The sample works.
fn sample_texts() -> anyhow::Result<Vec<Trained>> {
    let mut languages: Vec<Trained> = Vec::new();
    for line in sample::works_jsonl().lines() {
        let row: serde_json::Value = serde_json::from_str(line).context("reading the sample works")?;
        let (Some(language), Some(text)) = (row["language"].as_str(), row["text"].as_str()) else { continue };
        match languages.iter_mut().find(|known| known.language == language) {
            Some(known) => known.texts.push(text.to_owned()),
            None => languages.push(Trained { language: language.into(), texts: vec![text.into()] }),
        }
    }
    ensure!(!languages.is_empty(), "the sample works are empty");
    Ok(languages)
}
