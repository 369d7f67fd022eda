//! An index of vectors: made here or opened from its bytes, and searched.

use js_sys::{Float32Array, Uint8Array};
use nagalm::IndexBuilder;
use wasm_bindgen::prelude::*;

use crate::bytes::{Aligned, floats};
use crate::errors::{input, thrown};

/// Vectors that are copied from JavaScript at once.
const TOGETHER: u32 = 1024;

/// The vectors most like a query.
#[wasm_bindgen]
pub struct VectorIndex(nagalm::VectorIndex<Aligned>);

#[wasm_bindgen]
impl VectorIndex {
    /// Of vectors of length 1, one behind the other.
    ///
    /// # Errors
    /// `input`: a vector of another length, with a number that is none, or a part of one. `limit`: no memory.
    #[wasm_bindgen(js_name = fromVectors)]
    pub fn from_vectors(vectors: &Float32Array, dimensions: u32) -> Result<Self, JsValue> {
        let mut builder = IndexBuilder::new(dimensions as usize).map_err(thrown)?;
        if !vectors.length().is_multiple_of(dimensions) {
            let message =
                format!("{} numbers do not make vectors of {dimensions} dimensions", vectors.length());
            return Err(input(&message));
        }
        let step = TOGETHER * dimensions;
        let mut from = 0;
        while from < vectors.length() {
            let end = from.saturating_add(step).min(vectors.length());
            for vector in floats(&vectors.subarray(from, end))?.chunks_exact(dimensions as usize) {
                builder.push(vector).map_err(thrown)?;
            }
            from = end;
        }
        let image = builder.finish();
        let aligned = Aligned::copied(&image)?;
        drop(image);
        nagalm::VectorIndex::open(aligned).map(Self).map_err(thrown)
    }

    /// Rows, equal ones counted each.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn length(&self) -> u32 {
        self.0.len() as u32
    }

    /// Numbers in a vector.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn dimensions(&self) -> u32 {
        self.0.dimensions() as u32
    }

    /// Bytes that a search reads apart from the vectors in full, and those of all.
    #[must_use]
    pub fn bytes(&self) -> Vec<f64> {
        vec![self.0.resident_bytes() as f64, self.0.bytes().len() as f64]
    }

    /// The index as bytes.
    #[wasm_bindgen(js_name = toBytes)]
    #[must_use]
    pub fn to_bytes(&self) -> Uint8Array {
        Uint8Array::from(self.0.bytes())
    }

    /// How many of the best a walk keeps.
    #[wasm_bindgen(js_name = setWidth)]
    pub fn set_width(&mut self, width: u32) {
        self.0.set_width(width as usize);
    }

    /// The vector of a row.
    #[must_use]
    pub fn row(&self, row: u32) -> Option<Vec<f32>> {
        self.0.row(row).map(<[f32]>::to_vec)
    }

    /// The `k` rows most like each of some queries, which come one behind the other: as many for each.
    ///
    /// # Errors
    /// `input`: a query of other dimensions, with a number that is none, or without a length.
    pub fn search(&self, queries: &Float32Array, k: u32, exact: bool) -> Result<Found, JsValue> {
        let dimensions = self.0.dimensions();
        let numbers = floats(queries)?;
        if !numbers.len().is_multiple_of(dimensions) {
            let message = format!("{} numbers do not make queries of {dimensions} dimensions", numbers.len());
            return Err(input(&message));
        }
        let queries: Vec<&[f32]> = numbers.chunks_exact(dimensions).collect();
        let everything = |_: u32| true;
        let found = match exact {
            true => self.0.search_exact(&queries, k as usize, &everything),
            false => self.0.search_batch(&queries, k as usize, &everything),
        };
        let found = found.map_err(thrown)?;
        let mut all = Found { rows: Vec::new(), similarities: Vec::new() };
        for near in found.iter().flatten() {
            all.rows.push(near.row);
            all.similarities.push(near.similarity);
        }
        Ok(all)
    }
}

/// Rows and how like they are to their queries, one query's behind the other's, each the nearest first.
#[wasm_bindgen]
pub struct Found {
    rows: Vec<u32>,
    similarities: Vec<f32>,
}

#[wasm_bindgen]
impl Found {
    /// The rows, which are used up by this.
    #[wasm_bindgen(js_name = takeRows)]
    #[must_use]
    pub fn take_rows(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.rows)
    }

    /// The similarities, which are used up by this.
    #[wasm_bindgen(js_name = takeSimilarities)]
    #[must_use]
    pub fn take_similarities(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.similarities)
    }
}

/// The bytes of an index, as they come: one piece of memory, which becomes the index's.
#[wasm_bindgen]
pub struct IncomingIndex {
    bytes: Aligned,
    size: usize,
}

#[wasm_bindgen]
impl IncomingIndex {
    /// Room for so many bytes.
    ///
    /// # Errors
    /// `limit`: there is not so much memory.
    #[wasm_bindgen(constructor)]
    pub fn new(size: f64) -> Result<Self, JsValue> {
        // Whoever says a size that is no number of bytes gets no room; `as` saturates.
        let size = size as usize;
        Ok(Self { bytes: Aligned::with_room(size)?, size })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `input`: they are more than was said.
    pub fn append(&mut self, chunk: &Uint8Array) -> Result<(), JsValue> {
        self.bytes.append(chunk)
    }

    /// The index whose bytes they are; all of them are held to their checksums.
    ///
    /// # Errors
    /// `input`: fewer came than were announced. `corrupt`, `version`.
    pub fn open(self) -> Result<VectorIndex, JsValue> {
        let Self { bytes, size } = self;
        if bytes.len() != size {
            return Err(input(&format!("{} bytes came, and {size} were announced", bytes.len())));
        }
        let index = nagalm::VectorIndex::open(bytes).map_err(thrown)?;
        index.verify().map_err(thrown)?;
        Ok(VectorIndex(index))
    }
}
