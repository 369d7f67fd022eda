//! The planted workload: a registry of lyric-sized works, outputs that hold none of them, and outputs with one
//! passage planted.

use std::collections::BTreeMap;

use nagalm::{Output, Work};
use nagalm_corpora::planted::{Plant, Planted, Rng, Settings, Source, WordModel, passages};

use crate::Sources;
use crate::data::{Data, Missing};
use crate::scan::{output, work};
use crate::text_source::{Package, packages, split};

/// Everything that is drawn is drawn from this.
pub(crate) const SEED: u64 = 20_251_111;

/// Share of the prose that outputs are cut from, whatever the sizes: a smaller workload is a sample of the full one.
pub(crate) const OUTPUT_SHARE: f64 = 1.0 / 3.0;

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

impl Workload {
    /// Makes the workload: the same for the same texts and sizes. Takes a few seconds.
    pub(crate) fn load(sources: &Sources) -> anyhow::Result<Self> {
        eprintln!("  making the planted workload");
        match Self::from_packages(sources) {
            Ok(Some(workload)) => return Ok(workload),
            Ok(None) => eprintln!("  too little text in {}: using the word model", sources.text.display()),
            Err(error) if error.is::<Missing>() => eprintln!("  {error}: using the word model"),
            Err(error) => return Err(error),
        }
        Self::from_model(sources)
    }

    /// From real prose; `None` where there is less than half of the outputs that were asked for. Where there is less than
    /// half of the works, a word model of the same prose writes the others.
    fn from_packages(sources: &Sources) -> anyhow::Result<Option<Self>> {
        let settings = settings(sources);
        let packages = packages(&sources.text)?;
        let mut source = format!("prose of {} packages, outputs from others than works", packages.len());
        let (for_works, for_outputs) = split(packages, OUTPUT_SHARE);
        let real = |package: &Package| passages(&package.text, settings.work_characters).count();
        let there: usize = for_works.iter().map(real).sum();
        let missing = if there * 2 >= settings.works { 0 } else { settings.works - there };
        let written = more_like(&for_works, missing, settings.work_characters);
        if missing > 0 {
            source += &format!("; {missing} of the works by a WORD MODEL of the same prose");
        }
        let registry: Vec<Source<'_>> = for_works.iter().chain(&written).map(Package::source).collect();
        let background: Vec<Source<'_>> = for_outputs.iter().map(Package::source).collect();
        let planted = Planted::build(&registry, &background, &settings);
        Ok((there > 0 && planted.outputs.len() * 2 >= settings.outputs).then(|| Self::own(&planted, source)))
    }

    /// From a word model of the shared poems and novels.
    fn from_model(sources: &Sources) -> anyhow::Result<Self> {
        let settings = settings(sources);
        let data = Data(sources.data.clone());
        let texts = |poems: Vec<crate::data::Poem>| poems.into_iter().map(|p| p.text).collect::<Vec<_>>();
        let mut dutch = texts(data.dutch_songs()?);
        dutch.extend(data.dutch_novels()?.into_iter().map(|(_, text)| text));
        let training =
            [("en", texts(data.english_poems()?)), ("de", texts(data.german_poems()?)), ("nl", dutch)];
        let mut rng = Rng::new(SEED);
        let mut write = |model: &WordModel, works: usize, length: usize| {
            let pieces: Vec<String> = (0..works).map(|_| model.generate(length, &mut rng)).collect();
            pieces.join("\n\n")
        };
        let written = training.map(|(language, texts)| {
            let model = WordModel::train(texts.iter().map(String::as_str));
            let works = write(&model, settings.works / 3 + 2, settings.work_characters + 8);
            let outputs = (settings.outputs + settings.extra_planted) / 3 + 2;
            (language, works, write(&model, outputs, settings.output_characters + 8))
        });
        let source = |language, text| Source { name: language, language, text };
        let registry = written.each_ref().map(|(language, works, _)| source(language, works));
        let background = written.each_ref().map(|(language, _, outputs)| source(language, outputs));
        let planted = Planted::build(&registry, &background, &settings);
        Ok(Self::own(&planted, "a WORD MODEL of the shared poems and novels, not real text".into()))
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

/// Text for so many more works, in the languages of `packages` as these have them.
fn more_like(packages: &[Package], works: usize, characters: usize) -> Vec<Package> {
    if works == 0 {
        return Vec::new();
    }
    eprintln!("  writing {works} works with a word model");
    let mut by_language: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        by_language.entry(package.language()).or_default().push(&package.text);
    }
    let total: usize = packages.iter().map(|package| package.text.len()).sum();
    let mut rng = Rng::new(SEED);
    let mut write = |(language, texts): (&str, Vec<&str>)| {
        let share = texts.iter().map(|text| text.len()).sum::<usize>() as f64 / total.max(1) as f64;
        let model = WordModel::train(texts);
        let wanted = (works as f64 * share) as usize + 1;
        // A little longer than a work: the cut falls before the word that reaches the length.
        let text = model.generate(wanted * (characters + 1), &mut rng);
        Package { name: format!("{language}-model"), text }
    };
    by_language.into_iter().map(&mut write).collect()
}

/// Sizes as asked for; the further planted outputs are a quarter of the base load.
pub(crate) fn settings(sources: &Sources) -> Settings {
    Settings {
        works: sources.works,
        outputs: sources.outputs,
        extra_planted: sources.outputs / 4,
        seed: SEED,
        ..Settings::default()
    }
}
