//! The conductor for whole texts: output in, report out.

mod candidates;
mod evidence;
mod grams;
#[cfg(feature = "meaning")]
mod meaning;
mod sealed;
mod settle;
mod tricks;
mod units;
mod works;

#[cfg(feature = "meaning")]
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::Result;
#[cfg(feature = "meaning")]
use crate::neighbour::Embedder;
use crate::registry::Registry;
#[cfg(feature = "meaning")]
use crate::registry::{Meaning, NearPassage};
use crate::report::{self, OffsetUnit, Report};
use crate::score::{Background, Grams};
use crate::search::{Hit, LookUps, Matrix, Prober, Promise};
use crate::text::{Folded, readings};
use evidence::{Evidence, Searched, Units};
#[cfg(feature = "meaning")]
use meaning::Reader;
use settle::Settled;
use works::Works;

/// A text that a model generated, with what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Identifier, returned in the report.
    pub id: String,
    /// The text.
    pub text: String,
    /// `prompt`, `model`, `created` and whatever else is known: travels through to the report untouched.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// How to scan. The defaults are right for finding copies in a model's outputs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Report matches up to this E-value: the number of matches this good expected by chance or convention in one scan.
    /// `f64::INFINITY` reports whatever shares a seed.
    pub max_evalue: f64,
    /// How much text a match should have: this many equal words in a row; or two more that are the same or nearly so,
    /// where words outside the longest run count half; or as many words' letters, five a word. What lacks text is more
    /// likely by chance: its E-value is ten times greater for each half word. Where works of the registry share longer
    /// phrases by convention, as manuals do, up to twice as much is asked for. Of a work that is matched elsewhere in
    /// the output, passages of five words are enough; where works share such phrases, only if they go on from that match
    /// or have letters enough to be none.
    pub min_words: usize,
    /// Report only passages that are equal word for word: of an edited copy the runs between the edits, where they say
    /// enough by themselves. Words that are cut otherwise end a run. About a quarter faster.
    pub verbatim_only: bool,
    /// What the report's offsets count.
    pub offset_unit: OffsetUnit,
    /// Whether matches carry both passages' text.
    pub quote: bool,
    /// Whether reports without a match carry the SHA-256 of their text, too, as those with one always do: for a record of
    /// what was scanned. Hashing is a tenth of what scanning an unrelated text takes.
    pub always_hash: bool,
    /// Where meaning is looked for, report paraphrases up to this E-value: the number of passages of the output expected
    /// to have so near a neighbour by chance. At 0.01 about one unrelated output in a hundred has one.
    pub max_meaning_evalue: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_evalue: 1e-4,
            min_words: 8,
            verbatim_only: false,
            offset_unit: OffsetUnit::Byte,
            quote: true,
            always_hash: false,
            max_meaning_evalue: 0.01,
        }
    }
}

/// Scans outputs against one registry. Cheap to clone, shared between threads as it is.
#[derive(Clone)]
pub struct Scanner(Arc<Inner>);

struct Inner {
    registry: Registry,
    background: Background,
    settings: Settings,
    /// What meaning is looked for with.
    #[cfg(feature = "meaning")]
    reader: Option<Reader>,
    /// Buffers that scans leave for later ones.
    idle: Mutex<Vec<Box<Buffers>>>,
}

/// What one scan needs and the next can use again.
#[derive(Default)]
struct Buffers {
    folded: Folded,
    rarity: Vec<i32>,
    /// Of each view.
    hits: Vec<Vec<Hit>>,
    kept: Vec<Hit>,
    look_ups: LookUps,
    given: Vec<i32>,
    promise: Promise,
    prober: Prober,
    works: Works,
    matrix: Matrix,
    grams: Grams,
    /// The registry's content hash, which every report shares: one for these buffers, since cores that count the users of
    /// one and the same would wait for each other.
    registry_hash: Option<Arc<str>>,
}

impl Scanner {
    /// A scanner over `registry` as it stands now, sealed or not. Through a sealed one only `offset_unit` and `always_hash`
    /// of the settings say anything. Adds up the registry's word counts and looks for its stock phrases:
    /// some ten milliseconds for 100,000 works.
    #[must_use]
    pub fn new(registry: Registry, settings: Settings) -> Self {
        Self(Arc::new(Inner::new(registry, settings)))
    }

    /// A scanner that looks for meaning, too: what copied words do not explain is embedded, and held against the vectors of
    /// the works' passages. The model takes nearly all of the time: some milliseconds a passage.
    ///
    /// # Errors
    /// `is_input`: `embedder` is not the model that made the vectors.
    #[cfg(feature = "meaning")]
    pub fn by_meaning(
        registry: Registry,
        settings: Settings,
        meaning: Meaning,
        embedder: Arc<dyn Embedder>,
    ) -> Result<Self> {
        let reader = Reader::new(meaning, embedder)?;
        Ok(Self(Arc::new(Inner { reader: Some(reader), ..Inner::new(registry, settings) })))
    }

    /// Scans one output. Linear in its length. Where it shows signs of a disguise (look-alike letters, rot13, base64, …),
    /// what stands behind it is searched, too; see [`Match::tricks`](crate::report::Match::tricks).
    ///
    /// # Errors
    /// Where a text of the registry can no longer be read from disk, and for an output of 1 GiB or more.
    pub fn scan(&self, output: &Output) -> Result<Report> {
        output.report(self.borrow().scan(&output.text))
    }

    /// Scans a text of which nothing else is known: as [`scan`](Self::scan), and the text stays where it is. The report's
    /// `id` and `fields` are empty; whoever knows them may fill them in.
    ///
    /// # Errors
    /// As [`scan`](Self::scan).
    pub fn scan_text(&self, text: &str) -> Result<Report> {
        self.borrow().scan(text)
    }

    /// Scans many outputs on all cores (with the feature `parallel`), in their order; the same reports as `scan` gives.
    pub fn scan_batch(&self, outputs: &[Output]) -> Vec<Result<Report>> {
        self.batch(outputs, |borrowed, output| output.report(borrowed.scan(&output.text)))
    }

    /// Scans many texts on all cores (with the feature `parallel`), in their order; the same reports as
    /// [`scan_text`](Self::scan_text) gives.
    pub fn scan_texts<T: AsRef<str> + Sync>(&self, texts: &[T]) -> Vec<Result<Report>> {
        self.scan_texts_with(texts, |_, report| report)
    }

    /// The same, and what `each` makes of a text's report, on the core that has scanned it and while it is near.
    pub fn scan_texts_with<T: AsRef<str> + Sync, R: Send>(
        &self,
        texts: &[T],
        each: impl Fn(&T, Result<Report>) -> R + Send + Sync,
    ) -> Vec<R> {
        self.batch(texts, |borrowed, text| each(text, borrowed.scan(text.as_ref())))
    }

    /// The `k` passages of works that are nearest in meaning to each passage of `text`, nearest first, however far that is; each
    /// passage of the text comes with its bytes.
    ///
    /// # Errors
    /// `is_input`: this scanner does not look for meaning. Where the model cannot be run, and for a text of 1 GiB or more.
    #[cfg(feature = "meaning")]
    pub fn neighbours(&self, text: &str, k: usize) -> Result<Vec<(Range<usize>, Vec<NearPassage>)>> {
        self.0.neighbours(text, k)
    }

    /// Many are scanned with the same buffers: cores that take them from one list for each would wait for each other.
    fn batch<'a, T: Sync, R: Send>(
        &'a self,
        all: &'a [T],
        scan: impl Fn(&mut Borrowed<'a>, &'a T) -> R + Send + Sync,
    ) -> Vec<R> {
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            all.par_iter().map_init(|| self.borrow(), scan).collect()
        }
        #[cfg(not(feature = "parallel"))]
        {
            let mut borrowed = self.borrow();
            all.iter().map(|one| scan(&mut borrowed, one)).collect()
        }
    }

    fn borrow(&self) -> Borrowed<'_> {
        Borrowed { inner: &self.0, buffers: self.0.idle().pop() }
    }
}

impl Output {
    /// An output with what else is known about it: a field that has the name of one of the report's own travels as
    /// `input_NAME`.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        text: impl Into<String>,
        mut fields: serde_json::Map<String, serde_json::Value>,
    ) -> Self {
        if !fields.is_empty() {
            for name in report::FIELDS {
                if let Some(value) = fields.remove(*name) {
                    fields.insert(report::free_name(name, |name| fields.contains_key(name)), value);
                }
            }
        }
        Self { id: id.into(), text: text.into(), fields }
    }

    /// The report on its text, with what else is known about it.
    fn report(&self, of_text: Result<Report>) -> Result<Report> {
        of_text.map(|report| Report { id: self.id.clone(), fields: self.fields.clone(), ..report })
    }
}

/// Buffers that are given back in the end.
struct Borrowed<'a> {
    inner: &'a Inner,
    /// None before they are needed and once they are given back.
    buffers: Option<Box<Buffers>>,
}

impl Borrowed<'_> {
    fn scan(&mut self, text: &str) -> Result<Report> {
        self.inner.scan(text, self.buffers.get_or_insert_default())
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.inner.idle().extend(self.buffers.take());
    }
}

impl Inner {
    fn new(registry: Registry, settings: Settings) -> Self {
        let background = Background::new(registry.clone());
        Self {
            registry,
            background,
            settings,
            #[cfg(feature = "meaning")]
            reader: None,
            idle: Mutex::new(Vec::new()),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Box<Buffers>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn scan(&self, text: &str, buffers: &mut Buffers) -> Result<Report> {
        buffers.folded.fold(text)?;
        if let Some(registry) = self.registry.sealed() {
            return Ok(sealed::report(self, registry, text, &buffers.folded));
        }
        let units = Units::of(text, self.settings.offset_unit);
        let mut evidence = Evidence::new(self, text, &units);
        let settled = self.search(buffers)?;
        let Buffers { folded, works, .. } = buffers;
        evidence.add(Searched { text, folded, reading: None }, &settled, works)?;
        let readings = readings(text, folded);
        for reading in &readings {
            buffers.folded.fold(&reading.text)?;
            let settled = self.search(buffers)?;
            let Buffers { folded, works, .. } = buffers;
            let searched = Searched { text: &reading.text, folded, reading: Some(reading) };
            evidence.add_reading(searched, &settled, works, 1 + readings.len())?;
        }
        #[cfg(feature = "meaning")]
        let meaning = match &self.reader {
            Some(reader) => Some(reader.findings(self, text, &units, &evidence.covered())?),
            None => None,
        };
        #[cfg(not(feature = "meaning"))]
        let meaning = None;
        let hash = buffers.registry_hash.get_or_insert_with(|| self.registry.content_hash().into());
        Ok(Report { meaning, ..evidence.report(hash) })
    }

    /// Searches what was folded.
    fn search(&self, buffers: &mut Buffers) -> Result<Settled> {
        self.background.rarity(buffers.folded.tokens(), &mut buffers.rarity);
        self.settle(buffers)
    }
}
