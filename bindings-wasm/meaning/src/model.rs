//! A model of language: a static embedding, from the bytes of its two files.

use std::sync::Arc;

use js_sys::Float32Array;
use nagalm::Embedder;
use nagalm_embed::TableEmbedder;
use serde_json::json;
use wasm_bindgen::prelude::*;

use crate::errors::thrown;

/// A static embedding: a table with one vector for each token.
#[wasm_bindgen]
pub struct Model(pub(crate) Arc<TableEmbedder>);

#[wasm_bindgen]
impl Model {
    /// From `model.safetensors` and `tokenizer.json`.
    ///
    /// # Errors
    /// `model`: they are wrong.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(name: &str, weights: &[u8], tokenizer: &[u8]) -> Result<Self, JsValue> {
        let embedder = TableEmbedder::from_bytes(name, weights, tokenizer).map_err(thrown)?;
        Ok(Self(Arc::new(embedder)))
    }

    /// Which model it is, as JSON.
    #[must_use]
    pub fn info(&self) -> String {
        json!(self.0.model()).to_string()
    }

    /// The vectors of texts, one behind the other.
    ///
    /// # Errors
    /// `model`: a text cannot be cut into tokens.
    pub fn embed(&self, texts: Vec<String>) -> Result<Float32Array, JsValue> {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors = self.0.embed(&texts).map_err(thrown)?;
        Ok(Float32Array::from(&*vectors.concat()))
    }
}
