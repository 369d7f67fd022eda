//! Works as vectors, and the passages of them that are nearest to a text's, as `nagalm neighbours` tells them.

use std::ops::Range;
use std::sync::Arc;

use nagalm::{Meaning, NearPassage, Registry, Scanner, Settings, Spread, Work};
use serde::Serialize;
use serde_json::json;
use wasm_bindgen::prelude::*;

use crate::errors::{input, thrown};
use crate::model::Model;

/// The passages of some works, as vectors of a model.
#[wasm_bindgen]
pub struct Neighbours {
    registry: Registry,
    meaning: Meaning,
    scanner: Scanner,
    paraphrases: Option<Spread>,
}

/// A passage of a text; offsets are UTF-16.
#[derive(Serialize)]
struct Passage<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    neighbours: Vec<Neighbour>,
}

/// A passage of a work that is near to it.
#[derive(Serialize)]
struct Neighbour {
    work_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    similarity: f32,
    evalue: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    start: usize,
    end: usize,
    text: String,
    also_in: Vec<String>,
}

#[wasm_bindgen]
impl Neighbours {
    /// Of works, each a JSON object as in the command line's `works.jsonl`; their passages are embedded.
    ///
    /// # Errors
    /// `input`: a work is not one. `limit`: a text is too long. `model`: the model fails.
    #[wasm_bindgen(js_name = fromTexts)]
    pub fn from_texts(works: Vec<String>, model: &Model) -> Result<Self, JsValue> {
        let work = |(number, json): (usize, &String)| -> Result<Work, JsValue> {
            serde_json::from_str(json)
                .map_err(|e| input(&format!("work number {number} (from 0) is no work: {e}")))
        };
        let works: Vec<Work> = works.iter().enumerate().map(work).collect::<Result<_, _>>()?;
        let registry = Registry::from_works(works).map_err(thrown)?;
        let meaning = registry.embed(&*model.embedder).map_err(thrown)?;
        let embedder = Arc::clone(&model.embedder);
        let scanner = Scanner::by_meaning(registry.clone(), Settings::default(), meaning.clone(), embedder);
        Ok(Self { registry, meaning, scanner: scanner.map_err(thrown)?, paraphrases: model.paraphrases })
    }

    /// The works in numbers, as JSON.
    #[must_use]
    pub fn info(&self) -> String {
        let (vectors, bytes) = self.meaning.vectors();
        json!({
            "works": self.registry.info().works, "passages": self.meaning.passages(), "vectors": vectors,
            "searched_bytes": bytes, "content_hash": self.registry.content_hash(), "model": self.meaning.model().name,
            "model_hash": self.meaning.model().hash,
        })
        .to_string()
    }

    /// The `k` nearest passages of works for each passage of a text, as JSON.
    ///
    /// # Errors
    /// `limit`: the text is too long. `model`: the model fails.
    pub fn nearest(&self, text: String, k: u32) -> Result<String, JsValue> {
        let found = self.scanner.neighbours(&text, k as usize).map_err(thrown)?;
        let count = found.len();
        let mut passages = Vec::with_capacity(count);
        // Passages begin one behind the other.
        let (mut bytes, mut units) = (0, 0);
        for (at, near) in found {
            let utf16 = |range: Range<usize>| text.get(range).map_or(0, |part| part.encode_utf16().count());
            units += utf16(bytes..at.start);
            bytes = at.start;
            let end = units + utf16(at.clone());
            let near = near.into_iter().map(|near| self.neighbour(near, count));
            let neighbours = near.collect::<Result<Vec<Option<Neighbour>>, JsValue>>()?;
            passages.push(Passage {
                start: units,
                end,
                text: text.get(at).unwrap_or_default(),
                neighbours: neighbours.into_iter().flatten().collect(),
            });
        }
        serde_json::to_string(&passages).map_err(|e| input(&e.to_string()))
    }

    /// With what chance gives for so many passages of a text.
    fn neighbour(&self, near: NearPassage, passages: usize) -> Result<Option<Neighbour>, JsValue> {
        let work = self.registry.work(&near.work_id).map_err(thrown)?;
        let Some((before, passage)) = work
            .as_ref()
            .and_then(|work| Some((work.text.get(..near.bytes.start)?, work.text.get(near.bytes.clone())?)))
        else {
            return Ok(None);
        };
        let start = before.encode_utf16().count();
        let similarity = f64::from(near.similarity);
        let chance = self.meaning.chance();
        Ok(Some(Neighbour {
            similarity: near.similarity,
            evalue: chance.evalue(similarity, passages),
            probability: self.paraphrases.map(|spread| chance.probability(similarity, spread)),
            start,
            end: start + passage.encode_utf16().count(),
            text: passage.to_owned(),
            work_id: near.work_id,
            title: near.title,
            also_in: near.also_in,
        }))
    }
}
