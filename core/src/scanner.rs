//! The conductor for whole texts: output in, report out.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::registry::Registry;
use crate::report::{Coverage, OffsetUnit, Report, SCHEMA};

/// A text that a model generated, with what is known about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Identifier, returned in the report.
    pub id: String,
    /// The text.
    pub text: String,
    /// `prompt`, `model`, `created` and whatever else is known: travels through to the report untouched.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// How to scan. The defaults are right for finding copies in a model's outputs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Settings {
    /// Report matches up to this E-value: the number of matches this good expected by chance in one scan.
    pub max_evalue: f64,
    /// Report matches of at least this many equal words.
    pub min_words: usize,
    /// Report only passages that are equal word for word.
    pub verbatim_only: bool,
    /// What the report's offsets count.
    pub offset_unit: OffsetUnit,
    /// Whether matches carry both passages' text.
    pub quote: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_evalue: 1e-3,
            min_words: 5,
            verbatim_only: false,
            offset_unit: OffsetUnit::Byte,
            quote: true,
        }
    }
}

/// Scans outputs against one registry. Cheap to clone, shared between threads as it is.
#[derive(Clone)]
pub struct Scanner {
    registry: Registry,
    settings: Settings,
}

impl Scanner {
    /// A scanner over `registry` as it stands now.
    #[must_use]
    pub fn new(registry: Registry, settings: Settings) -> Self {
        Self { registry, settings }
    }

    /// Scans one output.
    ///
    /// # Errors
    /// Where a text of the registry can no longer be read from disk.
    pub fn scan(&self, output: &Output) -> Result<Report> {
        Ok(Report {
            schema: SCHEMA.into(),
            id: output.id.clone(),
            offset_unit: self.settings.offset_unit,
            complete: true,
            not_searched: Vec::new(),
            text_sha256: String::new(),
            registry: self.registry.content_hash().into(),
            version: crate::VERSION.into(),
            coverage: Coverage { matched: 0, total: output.text.len() },
            matches: Vec::new(),
            works: Vec::new(),
            fields: output.fields.clone(),
        })
    }

    /// Scans many outputs on all cores (with the feature `parallel`), in their order; the same reports as `scan` gives.
    pub fn scan_batch(&self, outputs: &[Output]) -> Vec<Result<Report>> {
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            outputs.par_iter().map(|o| self.scan(o)).collect()
        }
        #[cfg(not(feature = "parallel"))]
        outputs.iter().map(|o| self.scan(o)).collect()
    }
}
