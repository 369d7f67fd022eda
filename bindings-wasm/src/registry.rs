//! Registries: from works, and from the bytes of a file as they come.

use js_sys::Uint8Array;
use nagalm::{SealedWork, Trust, Work};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use crate::errors::{input, limit, thrown};

/// Works and the index over them, or a sealed registry.
#[wasm_bindgen]
pub struct Registry(pub(crate) nagalm::Registry);

#[wasm_bindgen]
impl Registry {
    /// From works: each a JSON object as in the command line's `works.jsonl`.
    ///
    /// # Errors
    /// `input`: a work is not one. `limit`: a text is too long.
    #[wasm_bindgen(js_name = fromTexts)]
    pub fn from_texts(works: Vec<String>) -> Result<Self, JsValue> {
        let work = |(number, json): (usize, &String)| work(json, || format!("work number {number} (from 0)"));
        let works: Vec<Work> = works.iter().enumerate().map(work).collect::<Result<_, _>>()?;
        nagalm::Registry::from_works(works).map(Self).map_err(thrown)
    }

    /// Hash over all works; of a sealed registry, of its file.
    #[wasm_bindgen(getter, js_name = contentHash)]
    #[must_use]
    pub fn content_hash(&self) -> String {
        self.0.content_hash().into()
    }

    /// The registry in numbers, as JSON.
    #[must_use]
    pub fn info(&self) -> String {
        let nagalm::Info {
            works,
            words,
            text_bytes,
            segments,
            index_bytes,
            withdrawn,
            content_hash,
            format,
            unicode,
        } = self.0.info();
        json!({
            "works": works, "words": words, "text_bytes": text_bytes, "segments": segments, "index_bytes": index_bytes,
            "withdrawn": withdrawn, "content_hash": content_hash, "format": format, "unicode": unicode,
        })
        .to_string()
    }

    /// What a sealed registry says of itself, as JSON.
    #[wasm_bindgen(js_name = sealInfo)]
    #[must_use]
    pub fn seal_info(&self) -> Option<String> {
        self.0.seal_info().and_then(|info| serde_json::to_string(&info).ok())
    }

    /// All works, in short, as a JSON list.
    ///
    /// # Errors
    /// Where the works cannot be read.
    pub fn works(&self) -> Result<String, JsValue> {
        let mut works: Vec<Value> = Vec::new();
        let each = |work: Work| {
            let creators: Vec<String> = work.creators.into_iter().map(|creator| creator.name).collect();
            let Work { work_id, title, language, .. } = work;
            works.push(
                json!({"work_id": work_id, "title": title, "creators": creators, "language": language}),
            );
            Ok(())
        };
        match self.0.seal_info() {
            None => self.0.export(each).map_err(thrown)?,
            Some(_) => works.extend(self.0.sealed_works().map(|SealedWork { work, work_id, title }| {
                json!({"work": work, "work_id": work_id, "title": title, "creators": []})
            })),
        }
        // What is not said is left out.
        for work in works.iter_mut().filter_map(Value::as_object_mut) {
            work.retain(|_, value| !value.is_null());
        }
        Ok(Value::Array(works).to_string())
    }

    /// One work with its text, as JSON.
    ///
    /// # Errors
    /// `input`: the registry is sealed.
    pub fn work(&self, work_id: &str) -> Result<Option<String>, JsValue> {
        let work = self.0.work(work_id).map_err(thrown)?;
        Ok(work.and_then(|work| serde_json::to_string(&work).ok()))
    }
}

/// The bytes of a registry's file, as they come: one piece of memory, which becomes the registry's.
#[wasm_bindgen]
pub struct Incoming {
    bytes: Vec<u8>,
    size: usize,
}

#[wasm_bindgen]
impl Incoming {
    /// Room for a file of this size.
    ///
    /// # Errors
    /// `limit`: there is not so much memory.
    #[wasm_bindgen(constructor)]
    pub fn new(size: f64) -> Result<Self, JsValue> {
        // Whoever says a size that is no number of bytes gets no room; `as` saturates.
        let size = size as usize;
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(size)
            .map_err(|_| limit(&format!("there is no memory for a registry of {size} bytes")))?;
        Ok(Self { bytes, size })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `input`: they are more than was said.
    pub fn append(&mut self, chunk: &Uint8Array) -> Result<(), JsValue> {
        let (from, length) = (self.bytes.len(), chunk.length() as usize);
        if length > self.size - from {
            return Err(input(&format!("more bytes came than the {} that were announced", self.size)));
        }
        self.bytes.resize(from + length, 0);
        chunk.copy_to(&mut self.bytes[from..]);
        Ok(())
    }

    /// The registry whose file it is: a sealed one, or works as JSON lines (`nagalm export`); its first bytes tell.
    ///
    /// # Errors
    /// `input`: fewer bytes came than were announced, a key of `trust` is none, a line is no work. `corrupt`, `version`,
    /// `untrusted`, `limit`.
    pub fn open(self, trust: Vec<String>, unverified: bool) -> Result<Registry, JsValue> {
        let Self { bytes, size } = self;
        if bytes.len() != size {
            return Err(input(&format!("{} bytes came, and {size} were announced", bytes.len())));
        }
        let trust = Trust::only(trust).map_err(thrown)?;
        let trust = if unverified { trust.or_anything() } else { trust };
        let registry = match bytes.starts_with(SEALED) {
            true => nagalm::Registry::from_sealed(bytes, &trust),
            false => {
                let works = lines(&bytes)?;
                // They hold the texts now.
                drop(bytes);
                nagalm::Registry::from_works(works)
            }
        };
        registry.map(Registry).map_err(thrown)
    }
}

/// First bytes of a sealed registry.
const SEALED: &[u8] = b"NGSEALED";

/// One work.
fn work(json: &str, which: impl Fn() -> String) -> Result<Work, JsValue> {
    read(json).map_err(|e| input(&format!("{} is no work: {e}", which())))
}

#[inline(never)] // Its code is large, and there are two who want it.
fn read(json: &str) -> serde_json::Result<Work> {
    serde_json::from_str(json)
}

/// Works as JSON lines.
fn lines(bytes: &[u8]) -> Result<Vec<Work>, JsValue> {
    let neither = || {
        input("this is neither a sealed registry nor works as JSON lines (as `nagalm export` writes them)")
    };
    let text = std::str::from_utf8(bytes).map_err(|_| neither())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut works = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if !line.trim().is_empty() {
            works.push(work(line, || format!("line {number}"))?);
        }
    }
    if works.is_empty() { Err(neither()) } else { Ok(works) }
}
