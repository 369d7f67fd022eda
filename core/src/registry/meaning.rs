//! A registry's works by meaning: the vectors of their passages, and which works these stand in.

use std::ops::Range;
use std::sync::Arc;

use super::segment::Memory;
use super::{Registry, Works};
use crate::error::{Error, Result};
use crate::neighbour::{Chance, Embedder, Model, TextHash, Vectors, VectorsBuilder};

/// The vectors of a registry's passages, for scanning by meaning: made by [`embed`](super::embed) for one on disk, or by
/// [`Registry::embed`] in memory. What it finds stands in works that were in the registry when it was opened; works without
/// vectors are not found, and [`missing`](Self::missing) counts them. Cheap to clone.
#[derive(Clone)]
pub struct Meaning(Arc<Inner>);

struct Inner {
    model: Model,
    parts: Vec<Part>,
    works: Vec<Named>,
    chance: Chance,
    missing: usize,
}

struct Part {
    vectors: Arc<Vectors<Memory>>,
    /// The works that have each text, as a range of `works`; none where it was withdrawn.
    works: Vec<Range<u32>>,
}

/// A work, and the hash of its text.
#[derive(Clone)]
pub(super) struct Named {
    pub(super) text_hash: TextHash,
    pub(super) work_id: String,
    pub(super) title: Option<String>,
}

/// A passage of a work that is near to another in meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct NearPassage {
    /// The work.
    pub work_id: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// BLAKE3 of the work's text, as it was when its vectors were made.
    pub text_hash: [u8; 32],
    /// Bytes of the work's text in which the passage stands.
    pub bytes: Range<usize>,
    /// How like the other it is: the cosine of their vectors, up to 1.
    pub similarity: f32,
    /// Other works that have the same passage, by identifier.
    pub also_in: Vec<String>,
}

impl Meaning {
    /// `works` are all of the registry.
    pub(super) fn new(vectors: Vec<Vectors<Memory>>, mut works: Vec<Named>) -> Result<Self> {
        let Some(first) = vectors.first() else {
            let message = "the registry has no vectors: make them with `nagalm embed`";
            return Err(Error::not_found(message));
        };
        let model = first.model().clone();
        for other in &vectors[1..] {
            model.same_as(other.model())?;
        }
        works.sort_by(|a, b| (a.text_hash, &a.work_id).cmp(&(b.text_hash, &b.work_id)));
        let of_text = |hash: &TextHash| {
            let start = works.partition_point(|work| work.text_hash < *hash);
            let end = start + works[start..].partition_point(|work| work.text_hash == *hash);
            start as u32..end as u32
        };
        let part = |vectors: Vectors<Memory>| {
            let works = vectors.texts().iter().map(of_text).collect();
            Part { vectors: Arc::new(vectors), works }
        };
        let parts: Vec<Part> = vectors.into_iter().map(part).collect();
        let mut has_vectors = vec![false; works.len()];
        parts.iter().flat_map(|part| &part.works).for_each(|range| {
            has_vectors[range.start as usize..range.end as usize].fill(true);
        });
        let missing = has_vectors.iter().filter(|&&has| !has).count();
        let chance = chance(&parts);
        Ok(Self(Arc::new(Inner { model, parts, works, chance, missing })))
    }

    /// The same without works that are not `wanted`: those of one language, say, one society or holder. Linear in the works.
    #[must_use]
    pub fn only(&self, mut wanted: impl FnMut(&str) -> bool) -> Self {
        let Inner { model, parts, works, chance, missing } = &*self.0;
        // They stand one behind the other by their texts, and so do those that are kept.
        let mut before = vec![0];
        let mut kept = Vec::new();
        for work in works {
            if wanted(&work.work_id) {
                kept.push(work.clone());
            }
            before.push(kept.len() as u32);
        }
        let only = |range: &Range<u32>| before[range.start as usize]..before[range.end as usize];
        let part = |part: &Part| Part {
            vectors: Arc::clone(&part.vectors),
            works: part.works.iter().map(only).collect(),
        };
        let parts = parts.iter().map(part).collect();
        let (model, chance, missing) = (model.clone(), *chance, *missing);
        Self(Arc::new(Inner { model, parts, works: kept, chance, missing }))
    }

    /// The model that made the vectors.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.0.model
    }

    /// Passages that have a vector, equal ones counted each.
    #[must_use]
    pub fn passages(&self) -> usize {
        self.0.parts.iter().map(|part| part.vectors.passages()).sum()
    }

    /// Different vectors, and the bytes that searching keeps in memory for them; the vectors in full stay on disk.
    #[must_use]
    pub fn vectors(&self) -> (usize, usize) {
        let indexes = self.0.parts.iter().map(|part| part.vectors.index());
        indexes.fold((0, 0), |(rows, bytes), index| (rows + index.len(), bytes + index.resident_bytes()))
    }

    /// Works of the registry that have no vectors yet.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.0.missing
    }

    /// How like each other passages of this registry are by chance.
    #[must_use]
    pub fn chance(&self) -> Chance {
        self.0.chance
    }

    /// The `k` passages nearest to each vector, nearest first.
    ///
    /// # Errors
    /// A vector of other dimensions, or one that is none (`is_input`).
    pub fn nearest(&self, vectors: &[&[f32]], k: usize) -> Result<Vec<Vec<NearPassage>>> {
        let mut all: Vec<Vec<NearPassage>> = vec![Vec::new(); vectors.len()];
        for Part { vectors: part, works } in &self.0.parts {
            let is_there = |text: u32| !works[text as usize].is_empty();
            for (near, found) in part.nearest(vectors, k, &is_there)?.into_iter().zip(&mut all) {
                found.extend(near.into_iter().filter_map(|near| {
                    let mut places = part.places(near.row).filter(|place| is_there(place.text));
                    let first = places.next()?;
                    let named = |text: u32| {
                        let range = works[text as usize].clone();
                        &self.0.works[range.start as usize..range.end as usize]
                    };
                    let (work, same_text) = named(first.text).split_first()?;
                    let mut also_in: Vec<String> =
                        same_text.iter().map(|work| work.work_id.clone()).collect();
                    also_in.extend(
                        places.flat_map(|place| named(place.text)).map(|other| other.work_id.clone()),
                    );
                    also_in.retain(|other| *other != work.work_id);
                    also_in.sort_unstable();
                    also_in.dedup();
                    Some(NearPassage {
                        work_id: work.work_id.clone(),
                        title: work.title.clone(),
                        text_hash: work.text_hash,
                        bytes: first.bytes,
                        similarity: near.similarity,
                        also_in,
                    })
                }));
            }
        }
        for found in &mut all {
            found.sort_by(|a, b| {
                b.similarity.total_cmp(&a.similarity).then_with(|| a.work_id.cmp(&b.work_id))
            });
            // Of parts that were put together and not yet removed.
            found.dedup_by(|a, b| {
                (&a.work_id, &a.bytes, &a.text_hash) == (&b.work_id, &b.bytes, &b.text_hash)
            });
            found.truncate(k);
        }
        Ok(all)
    }
}

/// What chance gives in all parts: what it gives in the largest, moved up as the greatest of more is greater.
fn chance(parts: &[Part]) -> Chance {
    let rows = |part: &&Part| part.vectors.index().len();
    let Some(largest) = parts.iter().max_by_key(rows) else { return Chance::UNKNOWN };
    let all: usize = parts.iter().map(|part| rows(&part)).sum();
    let chance = largest.vectors.chance();
    let more = all as f64 / rows(&largest).max(1) as f64;
    Chance { location: chance.location + chance.scale * more.ln().max(0.0), ..chance }
}

impl Registry {
    /// The vectors of this registry's passages, as they stand on disk now.
    ///
    /// # Errors
    /// `is_not_found`: there are none. `is_corrupt`: they are damaged. `is_input`: the registry is sealed, or in memory, where
    /// [`embed`](Self::embed) makes them.
    pub fn meaning(&self) -> Result<Meaning> {
        match &self.0.works {
            #[cfg(feature = "store")]
            Works::Folder(path) => super::store::meaning(path),
            Works::Memory(_) => {
                Err(Error::input("this registry is in memory: its vectors are made with `embed`"))
            }
            Works::Sealed(_) => Err(Error::input(
                "this registry is sealed: it holds no vectors, since a text can be guessed from them",
            )),
        }
    }

    /// Makes the vectors of all works, in memory. Linear in the works; the model takes nearly all of the time.
    ///
    /// # Errors
    /// Those of `embedder`. `is_input`: the registry is sealed.
    pub fn embed(&self, embedder: &dyn Embedder) -> Result<Meaning> {
        let mut builder = VectorsBuilder::new(embedder.model())?;
        let mut works = Vec::new();
        self.export(|work| {
            let text_hash = *blake3::hash(work.text.as_bytes()).as_bytes();
            builder.add(text_hash, &work.text)?;
            works.push(Named { text_hash, title: work.title, work_id: work.work_id });
            Ok(())
        })?;
        builder.embed(embedder, &mut |_| ())?;
        let (table, index) = builder.finish()?;
        Meaning::new(vec![Vectors::open(&table, Memory::copied(&index))?], works)
    }
}
