//! What turns passages into vectors.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A model of language that gives a vector for a passage, so that passages of like meaning have like vectors (Reimers,
/// Gurevych, EMNLP 2019).
pub trait Embedder: Send + Sync {
    /// Which model it is.
    fn model(&self) -> &Model;

    /// One vector of length 1 for each passage, in their order. The vector of a passage does not depend on what others
    /// it comes with.
    ///
    /// # Errors
    /// Where the model cannot be run.
    fn embed(&self, passages: &[&str]) -> Result<Vec<Vec<f32>>>;
}

/// Which model made vectors, and how. Vectors of one model say nothing beside those of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its name, for people.
    pub name: String,
    /// BLAKE3 over its files, in hexadecimal: what tells it from others.
    pub hash: String,
    /// Numbers in a vector.
    pub dimensions: usize,
    /// How the vectors of tokens become one of a passage: `mean`, say.
    pub pooling: String,
    /// Tokens of a passage that it reads; what lies behind them is not seen.
    pub window: usize,
    /// How like each other its vectors of paraphrases are, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paraphrases: Option<Spread>,
}

/// A normal distribution, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// Its mean.
    pub mean: u32,
    /// Its standard deviation.
    pub deviation: u32,
}

impl Spread {
    /// The density at `x`.
    #[must_use]
    pub fn density(self, x: f64) -> f64 {
        let (mean, deviation) = (f64::from(self.mean) / 1000.0, f64::from(self.deviation.max(1)) / 1000.0);
        let z = (x - mean) / deviation;
        (-0.5 * z * z).exp() / (deviation * (2.0 * std::f64::consts::PI).sqrt())
    }
}

impl Model {
    /// Refuses another model than the one that made the vectors.
    pub(crate) fn same_as(&self, other: &Self) -> Result<()> {
        let same = self.hash == other.hash
            && (self.dimensions, &self.pooling, self.window)
                == (other.dimensions, &other.pooling, other.window);
        if same {
            return Ok(());
        }
        Err(Error::input(format!(
            "the registry's vectors were made with {}, not with {}: give that model, or make vectors with this one \
             (`nagalm embed --again`)",
            self.told(),
            other.told()
        )))
    }

    fn told(&self) -> String {
        let Self { name, hash, dimensions, pooling, window, .. } = self;
        let hash = hash.get(..12).unwrap_or(hash);
        format!("{name} ({hash}…, {dimensions} dimensions, {pooling} of {window} tokens)")
    }
}
