//! A registry as tables, for an engine that joins them over many machines: where the index is too large for one, each
//! machine gets what its outputs ask for.
//!
//! ```text
//! outputs --Scanner::grams--> keys --+
//!                                    | join on the key
//! registry --Registry::seeds--> seeds (key, work, word) --+
//!                                                         | join on the work
//! registry --Registry::index_works--> works --------------+--> Statistics::excerpt --> a registry for a few outputs
//! ```
//!
//! An excerpt holds the works that share a seed with some outputs, the seeds that led to them, and what is counted over the
//! whole registry: so scanning these outputs gives the same reports as against the whole.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::segment::{self, HASHED, Held, SegmentBuilder};
use super::{FORMAT, Info, Registry, Snapshot, View, Works, memory, unicode_version};
use crate::error::{Error, Result};

/// What the index holds of one gram: a row of the table of seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed {
    /// What [`Scanner::grams`](crate::Scanner::grams) asks for; below 2^63.
    pub key: u64,
    /// The [`IndexedWork::number`] of a work that holds the gram; `None` where it is common and longer grams take its
    /// place.
    pub work: Option<u64>,
    /// The word of the work at which it begins, counted from 0; of a gram of letters this word or the next.
    pub word: u32,
}

/// A work as scanning needs it: a row of the table of works.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedWork {
    /// Its number in this registry as it stands: the segment, shifted by 32 bits, and the place in it. Below 2^63.
    pub number: u64,
    /// Identifier.
    pub work_id: String,
    /// Main title.
    pub title: Option<String>,
    /// The text.
    pub text: String,
}

/// What is counted over a whole registry and what a match's worth depends on: how often words stand, and two and three of
/// them side by side. A tenth of the index, without any text; small enough to be sent to every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    info: Info,
    stock_words: u32,
    segments: Vec<segment::Statistics>,
}

/// Bits of a key that say the gram: its hash, then whether it is of letters; above them the segment.
const LETTERS: u64 = 1 << HASHED;
/// Segments that keys can tell apart.
const MAX_SEGMENTS: usize = 1 << (63 - HASHED - 1);

/// The key of a gram in the index of a segment.
pub(crate) fn key(segment: usize, is_letters: bool, hash: u64) -> u64 {
    (segment as u64) << (HASHED + 1) | u64::from(is_letters) << HASHED | hash >> (u64::BITS - HASHED)
}

fn number(segment: usize, slot: u32) -> u64 {
    (segment as u64) << 32 | u64::from(slot)
}

impl Registry {
    /// Gives all works to `each`, as scanning needs them: the table of works. One is in memory at a time.
    ///
    /// # Errors
    /// Those of `each`. `is_input`: the registry is sealed, or works were withdrawn from it since it was compacted. Where a
    /// text cannot be read.
    pub fn index_works(&self, mut each: impl FnMut(IndexedWork) -> Result<()>) -> Result<()> {
        for (index, View { segment, .. }) in self.whole_views()?.iter().enumerate() {
            for slot in 0..segment.works() {
                each(IndexedWork {
                    number: number(index, slot),
                    work_id: segment.work_id(slot).into(),
                    title: segment.title(slot).map(String::from),
                    text: segment.text(slot)?.into_owned(),
                })?;
            }
        }
        Ok(())
    }

    /// Gives all that the index holds to `each`: the table of seeds, about one for every two words. Chooses the seeds
    /// anew, as registering does, in as much time and memory.
    ///
    /// # Errors
    /// As of [`index_works`](Self::index_works).
    pub fn seeds(&self, mut each: impl FnMut(Seed) -> Result<()>) -> Result<()> {
        for (index, View { segment, .. }) in self.whole_views()?.iter().enumerate() {
            let mut builder = SegmentBuilder::new(Held::default())?;
            for slot in 0..segment.works() {
                // No text is looked at again.
                builder.add("", None, segment.text(slot)?, &[0; 32])?;
            }
            builder.seeds(|segment::Seed { is_letters, hash, place }| {
                each(Seed {
                    key: key(index, is_letters, hash),
                    work: place.map(|(slot, _)| number(index, slot)),
                    word: place.map_or(0, |(_, word)| word),
                })
            })?;
        }
        Ok(())
    }

    /// The views of a registry from which nothing was withdrawn.
    fn whole_views(&self) -> Result<&[View]> {
        if self.sealed().is_some() {
            return Err(Works::none());
        }
        let views = self.views();
        if views.len() > MAX_SEGMENTS {
            return Err(Error::limit(
                "a registry of more segments than keys can tell apart: compact it first",
            ));
        }
        match views.iter().all(|view| view.withdrawn.is_empty()) {
            true => Ok(views),
            false => Err(Error::input(
                "works were withdrawn from this registry: compact it first, so that they are gone",
            )),
        }
    }

    /// What [`Statistics`] take from the registry itself.
    pub(crate) fn statistics(&self, stock_words: u32) -> Result<Statistics> {
        let segments = self.whole_views()?.iter().map(|view| view.segment.statistics()).collect();
        Ok(Statistics { info: self.info(), stock_words, segments })
    }

    /// How many words a stock phrase has, where this is an excerpt, and its works alone could not tell.
    pub(crate) fn stock_words(&self) -> Option<u32> {
        self.0.stock_words
    }
}

/// First bytes of written statistics.
const MAGIC: [u8; 8] = *b"NGSTATS\x01";
/// Bytes of the checksum at the end.
const CHECKSUM: usize = 32;

/// What stands before the numbers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u32,
    unicode: String,
    content_hash: String,
    works: usize,
    words: u64,
    text_bytes: u64,
    index_bytes: u64,
    stock_words: u32,
    segments: Vec<Counted>,
}

/// How many numbers there are of a segment.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    tokens: usize,
    grams: usize,
    totals: Vec<u64>,
}

impl Statistics {
    /// A registry of some works, with the seeds that lead to them; what is found in it is worth what it is worth in the
    /// whole. `works` in any order; a seed of a work that is not among them is passed over. Its
    /// [`info`](Registry::info) is the whole's, and it has no work to export. Linear in the works' text, and in the counts,
    /// which are copied.
    ///
    /// # Errors
    /// `is_input`: a work's number is not of this registry, or stands twice; a seed stands behind a work's last word.
    /// `is_limit`: too many works for one index.
    pub fn excerpt(
        &self,
        works: impl IntoIterator<Item = IndexedWork>,
        seeds: impl IntoIterator<Item = Seed>,
    ) -> Result<Registry> {
        let mut works: Vec<IndexedWork> = works.into_iter().collect();
        works.sort_unstable_by_key(|work| work.number);
        if let Some([work, _]) = works.array_windows().find(|[one, next]| one.number == next.number) {
            return Err(Error::input(format!("work {:?} stands twice in an excerpt", work.work_id)));
        }
        let mut of_segments: Vec<(SegmentBuilder<Held>, Vec<segment::Seed>)> = Vec::new();
        for _ in &self.segments {
            of_segments.push((SegmentBuilder::new(Held::default())?, Vec::new()));
        }
        // The slots of the works in the excerpt, in the order of their numbers.
        let mut slots: Vec<(u64, u32)> = Vec::with_capacity(works.len());
        for work in works {
            let Some((builder, _)) = of_segments.get_mut((work.number >> 32) as usize) else {
                return Err(Error::input(format!(
                    "work {:?} has a number of another registry",
                    work.work_id
                )));
            };
            if slots
                .last()
                .is_some_and(|&(last, _)| last >> 32 == work.number >> 32 && last + 1 < work.number)
            {
                // Others lie between the two: what is found at the end of one must not go on in the next.
                builder.add("", None, apart().into(), &[0; 32])?;
            }
            let hash = blake3::hash(work.text.as_bytes());
            let slot =
                builder.add(&work.work_id, work.title.as_deref(), work.text.into(), hash.as_bytes())?;
            slots.push((work.number, slot));
        }
        for Seed { key, work, word } in seeds {
            let segment = (key >> (HASHED + 1)) as usize;
            let Some((_, of_segment)) = of_segments.get_mut(segment) else {
                return Err(Error::input("a seed has a key of another registry"));
            };
            let place = match work {
                None => None,
                Some(number) if (number >> 32) as usize == segment => {
                    let Ok(at) = slots.binary_search_by_key(&number, |&(number, _)| number) else { continue };
                    Some((slots[at].1, word))
                }
                Some(_) => {
                    return Err(Error::input("a seed's work lies in another segment than its key says"));
                }
            };
            let hash = key << (u64::BITS - HASHED);
            of_segment.push(segment::Seed { is_letters: key & LETTERS != 0, hash, place });
        }
        let mut views = Vec::new();
        for ((builder, mut seeds), statistics) in of_segments.into_iter().zip(&self.segments) {
            let segment = builder.finish_excerpt(statistics, &mut seeds)?;
            views.push(View { segment, withdrawn: Vec::new() });
        }
        Ok(Registry(Arc::new(Snapshot {
            views,
            info: self.info.clone(),
            works: Works::Memory(memory::Works::default()),
            stock_words: Some(self.stock_words),
        })))
    }

    /// The whole registry's numbers.
    #[must_use]
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// As bytes that [`from_bytes`](Self::from_bytes) reads: a header in JSON, numbers in little-endian, a BLAKE3 checksum.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Info { works, words, text_bytes, index_bytes, content_hash, format, unicode, .. } =
            self.info.clone();
        let segments = self.segments.iter().map(|segment| Counted {
            tokens: segment.token_counts.len(),
            grams: segment.gram_counts.len(),
            totals: segment.totals.clone(),
        });
        let (stock_words, segments) = (self.stock_words, segments.collect());
        let header = Header {
            format,
            unicode,
            content_hash,
            works,
            words,
            text_bytes,
            index_bytes,
            stock_words,
            segments,
        };
        // Strings and numbers only: there is nothing that JSON could not say.
        let header = serde_json::to_vec(&header).unwrap_or_default();
        let mut bytes = MAGIC.to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header);
        for segment in &self.segments {
            let numbers = segment.token_counts.iter().chain(&segment.gram_counts);
            numbers.for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        bytes.extend(blake3::hash(&bytes).as_bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave. Linear.
    ///
    /// # Errors
    /// `is_version`: of another format, or of other Unicode tables. `is_corrupt`: damaged, or no statistics.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let wrong = |what: &str| Error::corrupt(format!("statistics of a registry: {what}"));
        let rest = bytes.strip_prefix(&MAGIC[..MAGIC.len() - 1]).ok_or_else(|| wrong("these are none"))?;
        let rest = match rest.split_first() {
            Some((&version, rest)) if version == MAGIC[MAGIC.len() - 1] => rest,
            Some((version, _)) => {
                return Err(Error::version(format!(
                    "statistics of version {version}, which this build does not read"
                )));
            }
            None => return Err(wrong("they end early")),
        };
        let (body, checksum) = bytes
            .split_at_checked(bytes.len().saturating_sub(CHECKSUM))
            .ok_or_else(|| wrong("they end early"))?;
        if blake3::hash(body).as_bytes() != checksum {
            return Err(wrong("the checksum does not fit"));
        }
        let rest = &rest[..rest.len().saturating_sub(CHECKSUM)];
        let (length, rest) = rest.split_first_chunk().ok_or_else(|| wrong("they end early"))?;
        let (header, numbers) = rest
            .split_at_checked(u32::from_le_bytes(*length) as usize)
            .ok_or_else(|| wrong("they end early"))?;
        let header: Header =
            serde_json::from_slice(header).map_err(|e| wrong(&format!("the header: {e}")))?;
        if header.format != FORMAT || header.unicode != unicode_version() {
            return Err(Error::version(format!(
                "statistics of a registry of format {} and Unicode {}; this build has format {FORMAT} and Unicode {}",
                header.format,
                header.unicode,
                unicode_version()
            )));
        }
        let (mut numbers, odd) = numbers.as_chunks();
        let mut take = |count: usize| -> Result<Vec<u32>> {
            let (some, rest) = numbers.split_at_checked(count).ok_or_else(|| wrong("numbers are missing"))?;
            numbers = rest;
            Ok(some.iter().map(|&number| u32::from_le_bytes(number)).collect())
        };
        let mut segments = Vec::new();
        for Counted { tokens, grams, totals } in header.segments {
            segments.push(segment::Statistics {
                token_counts: take(tokens)?,
                gram_counts: take(grams)?,
                totals,
            });
        }
        if !odd.is_empty() || !numbers.is_empty() {
            return Err(wrong("there are bytes behind the numbers"));
        }
        let info = Info {
            works: header.works,
            words: header.words,
            text_bytes: header.text_bytes,
            index_bytes: header.index_bytes,
            segments: segments.len(),
            content_hash: header.content_hash,
            format: header.format,
            unicode: header.unicode,
            withdrawn: 0,
        };
        let statistics = Self { info, stock_words: header.stock_words, segments };
        // Whatever else does not fit together is found where an index is made of it.
        statistics.excerpt([], [])?;
        Ok(statistics)
    }
}

/// A text that no passage goes on through.
fn apart() -> String {
    "0 ".repeat(64)
}
