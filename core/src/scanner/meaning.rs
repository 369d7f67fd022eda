//! What is close in meaning and copies no words: passages of the output against those of the works, as vectors.

use std::ops::Range;
use std::sync::Arc;

use super::Inner;
use super::evidence::{Offsets, Units};
use crate::error::{Error, Result};
use crate::neighbour::{Embedder, passages};
use crate::registry::{Meaning, NearPassage};
use crate::report::{MeaningFindings, Paraphrase, ParaphraseKind, Quote};

/// Neighbours that are asked for. The nearest is told; a walk that looks for one alone ends too soon to be sure of it.
const NEIGHBOURS: usize = 4;

/// What meaning is looked for with.
pub(super) struct Reader {
    meaning: Meaning,
    embedder: Arc<dyn Embedder>,
}

impl Reader {
    pub(super) fn new(meaning: Meaning, embedder: Arc<dyn Embedder>) -> Result<Self> {
        meaning.model().same_as(embedder.model())?;
        Ok(Self { meaning, embedder })
    }

    /// The passages of works that are nearest to each of these of `text`.
    fn nearest(&self, text: &str, passages: &[Range<usize>], k: usize) -> Result<Vec<Vec<NearPassage>>> {
        let texts: Vec<&str> = passages.iter().map(|bytes| &text[bytes.clone()]).collect();
        let vectors = self.embedder.embed(&texts)?;
        if vectors.len() != texts.len() {
            return Err(Error::model("the model gave another number of vectors than it was given passages"));
        }
        let vectors: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
        self.meaning.nearest(&vectors, k)
    }

    /// What is found in `text`, of which word for word `covered` is explained already.
    pub(super) fn findings(
        &self,
        scanner: &Inner,
        text: &str,
        units: &Units,
        covered: &[Range<usize>],
    ) -> Result<MeaningFindings> {
        let mut compared = passages(text)?;
        compared.retain(|passage| !is_explained(passage, covered));
        let nearest = self.nearest(text, &compared, NEIGHBOURS)?;
        let model = self.meaning.model();
        let chance = self.meaning.chance();
        let mut near: Vec<(f64, Range<usize>, NearPassage)> = Vec::new();
        for (bytes, nearest) in compared.iter().zip(nearest) {
            let Some(best) = nearest.into_iter().next() else { continue };
            let evalue = chance.evalue(f64::from(best.similarity), compared.len());
            if evalue <= scanner.settings.max_meaning_evalue {
                near.push((evalue, bytes.clone(), best));
            }
        }
        // Passages overlap: the nearest first, and none on another's place.
        near.sort_by(|a, b| {
            b.2.similarity.total_cmp(&a.2.similarity).then_with(|| a.1.start.cmp(&b.1.start))
        });
        let mut told: Vec<(f64, Range<usize>, NearPassage)> = Vec::new();
        for found in near {
            if told.iter().all(|other| other.1.end <= found.1.start || found.1.end <= other.1.start) {
                told.push(found);
            }
        }
        told.sort_by_key(|found| found.1.start);
        let mut offsets = Offsets::new(text, units);
        let mut matches = Vec::with_capacity(told.len());
        for (evalue, bytes, found) in told {
            let work = scanner.registry.work(&found.work_id)?.map(|work| work.text);
            // It was withdrawn or replaced since the vectors were opened.
            let is_same = |work: &String| {
                *blake3::hash(work.as_bytes()).as_bytes() == found.text_hash
                    && work.get(found.bytes.clone()).is_some()
            };
            let Some(work) = work.filter(is_same) else { continue };
            let of_work = Units::of(&work, scanner.settings.offset_unit);
            let similarity = f64::from(found.similarity);
            let quote =
                || Quote { output: text[bytes.clone()].into(), source: work[found.bytes.clone()].into() };
            matches.push(Paraphrase {
                kind: ParaphraseKind::Paraphrase,
                output: offsets.span(bytes.clone()),
                source: Offsets::new(&work, &of_work).span(found.bytes.clone()),
                similarity,
                evalue,
                probability: model.paraphrases.map(|spread| chance.probability(similarity, spread)),
                quote: scanner.settings.quote.then(quote),
                work_id: found.work_id,
                title: found.title,
                also_in: found.also_in,
            });
        }
        let (model, model_hash) = (model.name.clone(), model.hash.clone());
        Ok(MeaningFindings { model, model_hash, compared: compared.len(), matches })
    }
}

/// Whether copied words explain why a passage is near: more than half of it stands in matches.
fn is_explained(passage: &Range<usize>, covered: &[Range<usize>]) -> bool {
    let common =
        |other: &Range<usize>| other.end.min(passage.end).saturating_sub(other.start.max(passage.start));
    2 * covered.iter().map(common).sum::<usize>() > passage.len()
}

impl Inner {
    /// The passages of the works that are nearest to each passage of `text`.
    pub(super) fn neighbours(&self, text: &str, k: usize) -> Result<Vec<(Range<usize>, Vec<NearPassage>)>> {
        let Some(reader) = &self.reader else {
            return Err(Error::input(
                "this scanner does not look for meaning: make it with `Scanner::by_meaning`",
            ));
        };
        let found = passages(text)?;
        let nearest = reader.nearest(text, &found, k)?;
        Ok(found.into_iter().zip(nearest).collect())
    }
}
