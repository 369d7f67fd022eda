//! Vectors of the passages of many texts: which passage of which text each row of an index is.
//!
//! Texts are known by their hashes, and nothing of them is kept: whoever has a text finds its passages, and of a text that nobody has
//! any more there is nothing to find. Equal passages (refrains, reprints) share a row. Two files belong together: the table that is
//! drawn here, little-endian, and the index.
//!
//! ```text
//! magic     "NAGALMPS", version
//! head      its length (u32), then JSON: the model, the index's hash, how like each other passages are by chance
//! texts     how many (u32); for each its BLAKE3 (32 bytes) and where its passages end in the next section (u32)
//! passages  how many (u32); for each its first byte, the byte behind its last, and its row (u32 each)
//! check     BLAKE3 of all before
//! ```

use std::collections::HashMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::index::HEADER as INDEX_HEADER;
use super::{Chance, Embedder, IndexBuilder, Model, Neighbour, VectorIndex, passages};
use crate::error::{Error, Result};
use crate::text::Folded;

const MAGIC: [u8; 8] = *b"NAGALMPS";
const VERSION: u32 = 1;
const CHECK: usize = 32;

#[derive(Serialize, Deserialize)]
struct Head {
    model: Model,
    index: String,
    chance: Chance,
}

/// A text's hash, by which it is known.
pub(crate) type TextHash = [u8; 32];

/// Passages of texts and the rows of an index that are theirs.
pub(crate) struct Vectors<B> {
    head: Head,
    texts: Vec<TextHash>,
    /// Where each text's passages end.
    ends: Vec<u32>,
    passages: Vec<Passage>,
    /// The passages by their rows.
    by_row: Vec<u32>,
    index: VectorIndex<B>,
}

#[derive(Clone, Copy)]
struct Passage {
    start: u32,
    end: u32,
    row: u32,
}

/// Where a passage stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Which text, in the order in which they came.
    pub(crate) text: u32,
    /// Bytes of the text.
    pub(crate) bytes: Range<usize>,
}

impl<B: AsRef<[u8]>> Vectors<B> {
    /// Reads a table, and opens the index that belongs to it. The index's own bytes are held to their checksums, but for the
    /// rows.
    ///
    /// # Errors
    /// `is_corrupt`: damaged, or not of one piece. `is_version`: of another version.
    pub(crate) fn open(table: &[u8], index: B) -> Result<Self> {
        let damaged = |what: &str| Error::corrupt(format!("the table of passages is damaged: {what}"));
        if table.len() < MAGIC.len() + 4 + CHECK || table[..8] != MAGIC {
            return Err(damaged("it does not begin as one"));
        }
        let (body, check) = table.split_at(table.len() - CHECK);
        let mut reader = Reader(&body[8..]);
        let version = reader.number().unwrap_or_default();
        if version != VERSION {
            let message = format!("the table of passages has version {version}; this build reads {VERSION}");
            return Err(Error::version(message));
        }
        if blake3::hash(body).as_bytes() != check {
            return Err(damaged("it does not match its checksum"));
        }
        let short = || damaged("it ends too soon");
        let head = reader.list(1).ok_or_else(short)?;
        let head: Head = serde_json::from_slice(head).map_err(|e| damaged(&e.to_string()))?;
        let (rows, ends): (Vec<TextHash>, Vec<u32>) = {
            let texts = reader.list(36).ok_or_else(short)?.as_chunks::<36>().0;
            texts.iter().map(|text| (hash_of(&text[..32]), number_of(&text[32..]))).unzip()
        };
        let passages: Vec<Passage> = {
            let all = reader.list(12).ok_or_else(short)?.as_chunks::<12>().0;
            let passage = |p: &[u8; 12]| Passage {
                start: number_of(&p[..4]),
                end: number_of(&p[4..8]),
                row: number_of(&p[8..]),
            };
            all.iter().map(passage).collect()
        };
        if !reader.0.is_empty() {
            return Err(damaged("more stands in it than it says"));
        }
        if index.as_ref().get(..INDEX_HEADER).map(hash_text).as_ref() != Some(&head.index) {
            return Err(damaged("the vectors beside it are not its own"));
        }
        let index = VectorIndex::open(index)?;
        let sound = ends.is_sorted()
            && ends.last().copied().unwrap_or(0) as usize == passages.len()
            && passages.iter().all(|p| p.start < p.end && (p.row as usize) < index.len())
            && (index.is_empty() || index.dimensions() == head.model.dimensions);
        if !sound {
            return Err(damaged("its numbers do not fit together"));
        }
        let mut by_row: Vec<u32> = (0..passages.len() as u32).collect();
        by_row.sort_by_key(|&passage| (passages[passage as usize].row, passage));
        Ok(Self { head, texts: rows, ends, passages, by_row, index })
    }

    pub(crate) fn model(&self) -> &Model {
        &self.head.model
    }

    /// How like each other its passages are by chance.
    pub(crate) fn chance(&self) -> Chance {
        self.head.chance
    }

    pub(crate) fn texts(&self) -> &[TextHash] {
        &self.texts
    }

    pub(crate) fn passages(&self) -> usize {
        self.passages.len()
    }

    pub(crate) fn index(&self) -> &VectorIndex<B> {
        &self.index
    }

    /// Where the passages of a row stand: in the order in which the texts came.
    pub(crate) fn places(&self, row: u32) -> impl Iterator<Item = Place> {
        let first = self.by_row.partition_point(|&passage| self.passages[passage as usize].row < row);
        let of = self.by_row[first..].iter().copied();
        of.take_while(move |&passage| self.passages[passage as usize].row == row).map(|passage| {
            let text = self.ends.partition_point(|&end| end <= passage) as u32;
            let Passage { start, end, .. } = self.passages[passage as usize];
            Place { text, bytes: start as usize..end as usize }
        })
    }

    /// The nearest rows to each query among those of which a passage stands in a text that is wanted.
    pub(crate) fn nearest(
        &self,
        queries: &[&[f32]],
        k: usize,
        wanted: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<Vec<Neighbour>>> {
        self.index.search_batch(queries, k, &|row| self.places(row).any(|place| wanted(place.text)))
    }
}

/// The pieces of a table.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Option<u32> {
        self.take(4).map(number_of)
    }

    /// As many pieces of `size` bytes as the number before them says.
    fn list(&mut self, size: usize) -> Option<&'a [u8]> {
        let count = self.number()? as usize;
        self.take(count.checked_mul(size)?)
    }

    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }
}

fn number_of(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn hash_of(bytes: &[u8]) -> TextHash {
    bytes.first_chunk().copied().unwrap_or_default()
}

fn hash_text(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Collects texts, has their passages made to vectors, and makes a table and an index of them.
pub(crate) struct VectorsBuilder {
    model: Model,
    index: IndexBuilder,
    texts: Vec<(TextHash, u32)>,
    passages: Vec<Passage>,
    /// Rows of passages, by their letters.
    known: HashMap<TextHash, u32>,
    rows: u32,
    /// Passages that have a row and no vector yet.
    waiting: Vec<String>,
}

impl VectorsBuilder {
    pub(crate) fn new(model: &Model) -> Result<Self> {
        Ok(Self {
            model: model.clone(),
            index: IndexBuilder::new(model.dimensions)?,
            texts: Vec::new(),
            passages: Vec::new(),
            known: HashMap::new(),
            rows: 0,
            waiting: Vec::new(),
        })
    }

    /// Passages that wait for their vectors.
    #[cfg(any(test, feature = "store"))]
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a text, whose passages then wait for their vectors.
    pub(crate) fn add(&mut self, hash: TextHash, text: &str) -> Result<()> {
        for bytes in passages(text)? {
            let passage = &text[bytes.clone()];
            let letters = *blake3::hash(Folded::new(passage)?.letters()).as_bytes();
            let row = *self.known.entry(letters).or_insert(self.rows);
            if row == self.rows {
                self.rows += 1;
                self.waiting.push(passage.to_owned());
            }
            self.passages.push(Passage { start: bytes.start as u32, end: bytes.end as u32, row });
        }
        self.texts.push((hash, self.passages.len() as u32));
        Ok(())
    }

    /// Makes the vectors that are waited for; `each` is told of how many more there are.
    pub(crate) fn embed(&mut self, embedder: &dyn Embedder, each: &mut dyn FnMut(usize)) -> Result<()> {
        for some in self.waiting.chunks(TOGETHER) {
            let texts: Vec<&str> = some.iter().map(String::as_str).collect();
            let vectors = embedder.embed(&texts)?;
            if vectors.len() != texts.len() {
                return Err(Error::model(
                    "the model gave another number of vectors than it was given passages",
                ));
            }
            for vector in vectors {
                self.index.push(&vector)?;
            }
            each(texts.len());
        }
        self.waiting.clear();
        Ok(())
    }

    /// Takes over the texts that are wanted from what was made before, with their vectors.
    #[cfg(any(test, feature = "store"))]
    pub(crate) fn take<B: AsRef<[u8]>>(
        &mut self,
        from: &Vectors<B>,
        mut wanted: impl FnMut(&TextHash) -> bool,
    ) -> Result<()> {
        let mut moved: HashMap<u32, u32> = HashMap::new();
        let mut start = 0;
        for (text, &end) in from.texts.iter().zip(&from.ends) {
            let passages = &from.passages[start as usize..end as usize];
            start = end;
            if !wanted(text) {
                continue;
            }
            for passage in passages {
                let row = match moved.get(&passage.row) {
                    Some(&row) => row,
                    None => {
                        let vector = from
                            .index
                            .row(passage.row)
                            .ok_or_else(|| Error::corrupt("a passage has no vector"))?;
                        // The letters are not known here: equal vectors are as good, and the index keeps them once.
                        let row = self.index.push(vector)?;
                        self.rows = row + 1;
                        moved.insert(passage.row, row);
                        row
                    }
                };
                self.passages.push(Passage { row, ..*passage });
            }
            self.texts.push((*text, self.passages.len() as u32));
        }
        Ok(())
    }

    /// The table and the index, as [`Vectors::open`] takes them. The same texts in the same order give the same bytes.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, Vec<u8>)> {
        debug_assert!(self.waiting.is_empty());
        let Self { model, index, texts, passages, .. } = self;
        let index = index.finish();
        let chance = if texts.is_empty() { Chance::UNKNOWN } else { chance(&index, &texts, &passages)? };
        let header = index.get(..INDEX_HEADER).map(hash_text).unwrap_or_default();
        let head = serde_json::to_vec(&Head { model, index: header, chance })
            .map_err(|e| Error::input(format!("the model cannot be told: {e}")))?;
        let mut table = Vec::with_capacity(64 + head.len() + 36 * texts.len() + 12 * passages.len());
        table.extend_from_slice(&MAGIC);
        let number = |table: &mut Vec<u8>, n: usize| table.extend_from_slice(&(n as u32).to_le_bytes());
        number(&mut table, VERSION as usize);
        number(&mut table, head.len());
        table.extend_from_slice(&head);
        number(&mut table, texts.len());
        for (hash, end) in &texts {
            table.extend_from_slice(hash);
            number(&mut table, *end as usize);
        }
        number(&mut table, passages.len());
        for Passage { start, end, row } in &passages {
            [start, end, row].into_iter().for_each(|n| number(&mut table, *n as usize));
        }
        let check = *blake3::hash(&table).as_bytes();
        table.extend_from_slice(&check);
        Ok((table, index))
    }
}

/// Passages that are embedded at once.
const TOGETHER: usize = 64;
/// Passages whose neighbours in other texts are looked at to know what chance gives.
const SAMPLE: usize = 2000;
/// Neighbours of each of them: some are its own text's.
const LOOKED_AT: usize = 32;
/// Neighbours of this similarity are taken for the same words, or the same in other words, and say nothing of chance.
const SAME: f32 = 0.8;

/// How like a passage its nearest neighbour in another text is.
fn chance(index: &[u8], texts: &[(TextHash, u32)], passages: &[Passage]) -> Result<Chance> {
    let index = VectorIndex::open(index)?;
    let text_of = |passage: usize| texts.partition_point(|&(_, end)| end as usize <= passage);
    let mut texts_of_row: Vec<(u32, usize)> =
        (0..passages.len()).map(|p| (passages[p].row, text_of(p))).collect();
    texts_of_row.sort_unstable();
    let step = (passages.len() / SAMPLE).max(1);
    let mut best = Vec::new();
    let sample: Vec<usize> = (0..passages.len()).step_by(step).collect();
    let queries: Vec<&[f32]> = sample.iter().filter_map(|&p| index.row(passages[p].row)).collect();
    for (&passage, near) in sample.iter().zip(index.search_batch(&queries, LOOKED_AT, &|_| true)?) {
        let own = text_of(passage);
        let other = near.iter().find(|near| {
            let first = texts_of_row.partition_point(|&(row, _)| row < near.row);
            let of_row = texts_of_row[first..].iter().take_while(|&&(row, _)| row == near.row);
            near.similarity < SAME && of_row.clone().all(|&(_, text)| text != own)
        });
        best.extend(other.map(|near| f64::from(near.similarity)));
    }
    Ok(Chance::fit(&best))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model that knows words: those that two passages share make them alike.
    struct Words(Model);

    impl Words {
        fn new() -> Self {
            let (name, pooling) = ("words".into(), "sum".into());
            Self(Model {
                name,
                hash: "0".repeat(64),
                dimensions: 32,
                pooling,
                window: 1000,
                paraphrases: None,
            })
        }
    }

    impl Embedder for Words {
        fn model(&self) -> &Model {
            &self.0
        }

        fn embed(&self, passages: &[&str]) -> Result<Vec<Vec<f32>>> {
            let vector = |passage: &&str| {
                let mut sum = [0.0_f32; 32];
                for word in passage.split_whitespace() {
                    let hash = blake3::hash(word.to_lowercase().as_bytes());
                    sum.iter_mut()
                        .zip(hash.as_bytes())
                        .for_each(|(sum, &byte)| *sum += f32::from(byte) - 127.5);
                }
                let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
                sum.iter().map(|x| x / length).collect()
            };
            Ok(passages.iter().map(vector).collect())
        }
    }

    fn built(texts: &[&str]) -> (Vec<u8>, Vec<u8>) {
        let words = Words::new();
        let mut builder = VectorsBuilder::new(words.model()).unwrap();
        for text in texts {
            builder.add(*blake3::hash(text.as_bytes()).as_bytes(), text).unwrap();
        }
        let mut told = 0;
        builder.embed(&words, &mut |more| told += more).unwrap();
        assert_eq!(told, builder.rows as usize);
        builder.finish().unwrap()
    }

    const TEXTS: [&str; 3] = [
        "the ship went down in the cold grey sea",
        "roses grow beside the garden wall in june",
        "The ship went down, in the cold, grey sea!",
    ];

    #[test]
    fn passages_are_found_again_and_equal_ones_share_a_row() {
        let (table, index) = built(&TEXTS);
        let vectors = Vectors::open(&table, index).unwrap();
        assert_eq!((vectors.passages(), vectors.index().len()), (3, 2));
        let query = Words::new().embed(&["beside the wall grow roses"]).unwrap();
        let near = vectors.nearest(&[&query[0]], 2, &|_| true).unwrap();
        assert_eq!(near[0][0].row, 1);
        let places: Vec<Place> = vectors.places(0).collect();
        assert_eq!(places, [Place { text: 0, bytes: 0..39 }, Place { text: 2, bytes: 0..41 }]);
        // Without the texts that have it, a row is not there.
        let near = vectors.nearest(&[&query[0]], 2, &|text| text != 1).unwrap();
        assert_eq!(near[0].iter().map(|n| n.row).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn what_is_taken_over_is_what_would_be_made_anew() {
        let (table, index) = built(&TEXTS);
        let old = Vectors::open(&table, index).unwrap();
        let mut builder = VectorsBuilder::new(old.model()).unwrap();
        let gone = *blake3::hash(TEXTS[1].as_bytes()).as_bytes();
        builder.take(&old, |text| *text != gone).unwrap();
        let (table, index) = builder.finish().unwrap();
        assert_eq!((table, index), built(&[TEXTS[0], TEXTS[2]]));
    }

    #[test]
    fn damage_is_an_error() {
        let (table, index) = built(&TEXTS);
        for length in 0..table.len() {
            assert!(Vectors::open(&table[..length], index.as_slice()).is_err(), "cut to {length}");
        }
        for at in 0..table.len() {
            let mut hurt = table.clone();
            hurt[at] ^= 1;
            assert!(Vectors::open(&hurt, index.as_slice()).is_err(), "byte {at}");
            // The same with a checksum that fits must not panic.
            let body = hurt.len() - CHECK;
            let check = *blake3::hash(&hurt[..body]).as_bytes();
            hurt[body..].copy_from_slice(&check);
            if let Ok(vectors) = Vectors::open(&hurt, index.as_slice()) {
                let row = vectors.index().row(0).unwrap().to_vec();
                let _ = vectors.nearest(&[&row], 3, &|_| true).unwrap();
            }
        }
        let (_, other) = built(&TEXTS[..1]);
        assert!(Vectors::open(&table, other).is_err());
    }
}
