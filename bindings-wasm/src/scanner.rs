//! The scanner: a text in, its report out, twice: as the command line writes it, and with JavaScript's offsets.

use nagalm::report::OffsetUnit;
use nagalm::{Output, Settings};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;

use crate::errors::{input, thrown};
use crate::registry::Registry;

/// Scans texts against one registry.
#[wasm_bindgen]
pub struct Scanner(nagalm::Scanner);

#[wasm_bindgen]
impl Scanner {
    /// A scanner over `registry`; what is not said is as the command line has it.
    ///
    /// # Errors
    /// `input`: `max_evalue` is not above 0.
    #[wasm_bindgen(constructor)]
    pub fn new(
        registry: &Registry,
        max_evalue: Option<f64>,
        min_words: Option<u32>,
        verbatim_only: bool,
        quote: bool,
        always_hash: bool,
    ) -> Result<Self, JsValue> {
        let mut settings = Settings::default();
        if let Some(max_evalue) = max_evalue {
            if max_evalue.is_nan() || max_evalue <= 0.0 {
                return Err(input("max_evalue must be above 0"));
            }
            settings.max_evalue = max_evalue;
        }
        if let Some(min_words) = min_words {
            settings.min_words = min_words as usize;
        }
        settings.verbatim_only = verbatim_only;
        settings.quote = quote;
        settings.always_hash = always_hash;
        settings.offset_unit = OffsetUnit::CodePoint;
        Ok(Self(nagalm::Scanner::new(registry.0.clone(), settings)))
    }

    /// Scans a text. Gives the report's JSON as the command line writes it, and where offsets in UTF-16 are others, on a second
    /// line the report with these. `fields` is a JSON object.
    ///
    /// # Errors
    /// `input`: `fields` are none. `limit`: the text is too long.
    pub fn scan(&self, text: String, id: String, fields: Option<String>) -> Result<String, JsValue> {
        let fields: Map<String, Value> = match fields {
            Some(fields) => serde_json::from_str(&fields).map_err(|e| input(&format!("the fields: {e}")))?,
            None => Map::new(),
        };
        let Output { id, text, fields } = Output::new(id, text, fields);
        let mut report = self.0.scan_text(&text).map_err(thrown)?;
        (report.id, report.fields) = (id, fields);
        let mut utf16 = self.0.in_unit(&report, &text, OffsetUnit::Utf16).map_err(thrown)?;
        utf16.offset_unit = report.offset_unit;
        let json = |report| serde_json::to_string(report).map_err(|e| input(&e.to_string()));
        let mut answer = json(&report)?;
        if utf16 != report {
            answer.push('\n');
            answer.push_str(&json(&utf16)?);
        }
        Ok(answer)
    }
}
