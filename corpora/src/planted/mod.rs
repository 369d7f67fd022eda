//! Workloads whose answer is known: outputs into which altered passages of works were planted.
//!
//! Works are cut from some texts and outputs from others; into a share of the outputs one passage of a work each is
//! copied, its words edited ([`edit`]), its dress changed ([`disguise`]), and where it came from and where it went is
//! kept as exact byte spans. The same texts, [`Settings`] and seed give the same workload, byte for byte.

mod alter;
mod passages;
mod rng;
mod word_model;

use std::collections::HashMap;
use std::ops::Range;

pub use alter::{disguise, edit};
pub use passages::passages;
pub use rng::Rng;
pub use word_model::WordModel;

/// Lengths of planted passages in characters of the work, least and most, one entry per [`Plant::length_class`]; the
/// project's figures are for these.
pub const LENGTHS: [(usize, usize); 4] = [(80, 150), (150, 300), (300, 600), (600, 1_000)];

/// Shares of edited words, taken in turn; the project's figures are for these.
pub const EDITED: [f64; 5] = [0.0, 0.05, 0.1, 0.2, 0.3];

/// A text to cut works or outputs from.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What it is called: a package, a book. Becomes part of the identifiers.
    pub name: &'a str,
    /// BCP 47 tag of its language.
    pub language: &'a str,
    /// The text.
    pub text: &'a str,
}

/// How large a workload is. Lengths are in Unicode code points.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many works; fewer come where the texts hold fewer.
    pub works: usize,
    /// Length of a work.
    pub work_characters: usize,
    /// How many outputs, planted ones included; fewer come where the texts hold fewer.
    pub outputs: usize,
    /// Length of an output before editing and disguise.
    pub output_characters: usize,
    /// Share of the outputs that carry a plant.
    pub planted_share: f64,
    /// How many further outputs, all with a plant, to measure recall on; fewer come where the texts hold fewer.
    pub extra_planted: usize,
    /// Lengths of planted passages, least and most, at least one: [`LENGTHS`] unless said otherwise.
    pub lengths: Vec<(usize, usize)>,
    /// Shares of edited words, at least one: [`EDITED`] unless said otherwise.
    pub edited: Vec<f64>,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

impl Default for Settings {
    /// The workload that the project's figures are for.
    fn default() -> Self {
        Self {
            works: 100_000,
            work_characters: 1_000,
            outputs: 20_000,
            output_characters: 2_000,
            planted_share: 0.05,
            extra_planted: 5_000,
            lengths: LENGTHS.to_vec(),
            edited: EDITED.to_vec(),
            seed: 1,
        }
    }
}

/// A work of a workload.
#[derive(Clone, Debug)]
pub struct PlantedWork<'a> {
    /// The name of its source and a number.
    pub id: String,
    /// BCP 47 tag.
    pub language: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// An output of a workload.
#[derive(Clone, Debug)]
pub struct PlantedOutput<'a> {
    /// The name of its source and a number.
    pub id: String,
    /// BCP 47 tag of the text around the plant.
    pub language: &'a str,
    /// Its text.
    pub text: String,
    /// What was planted; None in an output that copies nothing on purpose.
    pub plant: Option<Plant>,
    /// One of the [`Settings::extra_planted`], which do not count when speed and false alarms are measured.
    pub extra: bool,
}

/// A passage of a work that stands in an output.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant {
    /// Place of the work in [`Planted::works`].
    pub work: usize,
    /// The passage in the work's text, in bytes.
    pub source: Range<usize>,
    /// What became of it in the output's text, in bytes: exactly the edited and disguised passage.
    pub output: Range<usize>,
    /// The share of its words that was to be edited, one of [`Settings::edited`].
    pub edited: f64,
    /// Place in [`Settings::lengths`].
    pub length_class: usize,
}

/// A workload with its answer.
#[derive(Clone, Debug)]
pub struct Planted<'a> {
    /// What to register.
    pub works: Vec<PlantedWork<'a>>,
    /// What to scan: the [`Settings::outputs`] first, then the extra planted ones.
    pub outputs: Vec<PlantedOutput<'a>>,
}

impl<'a> Planted<'a> {
    /// Builds a workload out of texts for the works and *other* texts for the outputs: what both share by themselves
    /// would count as a false alarm.
    ///
    /// Plants take the classes of [`Settings::lengths`] and the shares of [`Settings::edited`] in turn, so that every combination is
    /// equally frequent, and come from a work in the output's language where there is one. A passage shorter than its
    /// class asks for is planted where the work itself is shorter. Time and memory are linear in the texts.
    pub fn build(registry: &[Source<'a>], background: &[Source<'a>], settings: &Settings) -> Self {
        let mut rng = Rng::new(settings.seed);
        let works = cut(registry, settings.works, settings.work_characters, &mut rng);
        let wanted = settings.outputs + settings.extra_planted;
        let texts = cut(background, wanted, settings.output_characters, &mut rng);
        let by_language = works_by_language(&works);
        let vocabularies = vocabularies(&texts);

        let mut plain = planted_places(settings, texts.len(), &mut rng);
        let mut kinds = (0..settings.lengths.len() * settings.edited.len()).cycle();
        let outputs = texts
            .into_iter()
            .enumerate()
            .map(|(number, around)| {
                let language = around.language;
                let extra = number >= settings.outputs;
                let own =
                    by_language.get(language).or_else(|| by_language.get(ANY)).map_or(&[][..], Vec::as_slice);
                let carries = extra || plain.next_if_eq(&number).is_some();
                let (text, plant) = match rng.pick(own).filter(|_| carries) {
                    Some(&work) => {
                        let kind = kinds.next().unwrap_or_default();
                        let vocabulary = vocabularies.get(language).map_or(&[][..], Vec::as_slice);
                        let length_class = kind % settings.lengths.len();
                        let length = rng.between(settings.lengths[length_class]);
                        let edited = settings.edited[kind / settings.lengths.len()];
                        let passage = Passage { work, text: works[work].text, length_class, length, edited };
                        let (text, plant) = passage.plant_into(around.text, vocabulary, &mut rng);
                        (text, Some(plant))
                    }
                    None => (around.text.to_owned(), None),
                };
                PlantedOutput { id: around.id, language, text, plant, extra }
            })
            .collect();
        Self { works, outputs }
    }
}

/// Stands for all languages together; no BCP 47 tag is empty.
const ANY: &str = "";

/// Numbers of the ordinary outputs that carry a plant, ascending.
fn planted_places(
    settings: &Settings,
    there: usize,
    rng: &mut Rng,
) -> std::iter::Peekable<std::vec::IntoIter<usize>> {
    let mut places: Vec<usize> = (0..settings.outputs.min(there)).collect();
    let wanted = (places.len() as f64 * settings.planted_share).round() as usize;
    rng.shuffle(&mut places);
    places.truncate(wanted);
    places.sort_unstable();
    places.into_iter().peekable()
}

/// Passages of all sources in random order, as many as wanted.
fn cut<'a>(sources: &[Source<'a>], wanted: usize, characters: usize, rng: &mut Rng) -> Vec<PlantedWork<'a>> {
    let mut places: Vec<(usize, usize, Range<usize>)> = sources
        .iter()
        .enumerate()
        .flat_map(|(source, text)| {
            passages(text.text, characters).enumerate().map(move |(number, span)| (source, number, span))
        })
        .collect();
    rng.shuffle(&mut places);
    places.truncate(wanted);
    places
        .into_iter()
        .map(|(source, number, span)| {
            let Source { name, language, text } = sources[source];
            PlantedWork { id: format!("{name}-{number}"), language, text: &text[span] }
        })
        .collect()
}

fn works_by_language<'a>(works: &[PlantedWork<'a>]) -> HashMap<&'a str, Vec<usize>> {
    let mut by_language: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, work) in works.iter().enumerate() {
        by_language.entry(work.language).or_default().push(number);
    }
    by_language.insert(ANY, (0..works.len()).collect());
    by_language
}

/// Words to edit with, per language, as often as they stand in the first outputs.
fn vocabularies<'a>(texts: &[PlantedWork<'a>]) -> HashMap<&'a str, Vec<&'a str>> {
    const ENOUGH: usize = 100_000;
    let mut vocabularies: HashMap<&str, Vec<&str>> = HashMap::new();
    for text in texts {
        let words = vocabularies.entry(text.language).or_default();
        if words.len() < ENOUGH {
            words.extend(text.text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)));
        }
    }
    vocabularies
}

/// A work to plant from, and the length and edits whose turn it is.
struct Passage<'a> {
    work: usize,
    text: &'a str,
    length_class: usize,
    length: usize,
    edited: f64,
}

impl Passage<'_> {
    /// The text with an altered passage of the work set between two of its words; the text loses as many characters
    /// at its end as the passage has, so that the output keeps its length.
    fn plant_into(&self, around: &str, vocabulary: &[&str], rng: &mut Rng) -> (String, Plant) {
        let source = passages::random_passage(self.text, self.length, rng);
        let passage = &self.text[source.clone()];
        // An edit may delete every word of a short passage; a plant of nothing would be a riddle.
        let altered = (0..16)
            .map(|_| disguise(edit(passage, self.edited, rng, vocabulary).trim(), rng))
            .find(|altered| altered.chars().any(char::is_alphanumeric))
            .unwrap_or_else(|| passage.to_owned());

        let kept =
            passages::ends_with_word(around, around.chars().count().saturating_sub(passage.chars().count()));
        let (before, after) = passages::split_at_word(&around[..kept], rng);
        let start = if before.is_empty() { 0 } else { before.len() + 1 };
        let output = start..start + altered.len();
        let text = [before, &altered, after]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let Self { work, length_class, edited, .. } = *self;
        (text, Plant { work, source, output, edited, length_class })
    }
}

#[cfg(test)]
mod tests;
