//! A model of language: a static embedding, from the bytes of its two files.

use std::sync::Arc;

use js_sys::Float32Array;
use nagalm::{Embedder, Spread};
use nagalm_embed::TableEmbedder;
use serde_json::json;
use wasm_bindgen::prelude::*;

use crate::errors::thrown;

/// A static embedding: a table with one vector for each token.
#[wasm_bindgen]
pub struct Model {
    pub(crate) embedder: Arc<TableEmbedder>,
    /// How like each other its vectors of paraphrases are, where the caller knows.
    pub(crate) paraphrases: Option<Spread>,
}

#[wasm_bindgen]
impl Model {
    /// From `model.safetensors` and `tokenizer.json`. `mean` and `deviation` are of the similarity of paraphrases.
    ///
    /// # Errors
    /// `model`: they are wrong.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(
        name: &str,
        weights: &[u8],
        tokenizer: &[u8],
        mean: Option<f64>,
        deviation: Option<f64>,
    ) -> Result<Self, JsValue> {
        let embedder = TableEmbedder::from_bytes(name, weights, tokenizer).map_err(thrown)?;
        let thousandths = |number: f64| (1000.0 * number).round() as u32;
        let paraphrases = mean
            .zip(deviation)
            .map(|(mean, deviation)| Spread { mean: thousandths(mean), deviation: thousandths(deviation) });
        Ok(Self { embedder: Arc::new(embedder), paraphrases })
    }

    /// Which model it is, as JSON.
    #[must_use]
    pub fn info(&self) -> String {
        let model = self.embedder.model();
        json!({
            "name": model.name, "hash": model.hash, "dimensions": model.dimensions, "pooling": model.pooling,
            "window": model.window,
        })
        .to_string()
    }

    /// The vectors of texts, one behind the other.
    ///
    /// # Errors
    /// `model`: a text cannot be cut into tokens.
    pub fn embed(&self, texts: Vec<String>) -> Result<Float32Array, JsValue> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = self.embedder.embed(&texts).map_err(thrown)?;
        Ok(Float32Array::from(&*vectors.concat()))
    }
}
