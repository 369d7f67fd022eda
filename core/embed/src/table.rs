//! A static embedding: one vector a token, and of a passage the mean of its tokens' (Model2Vec; Tulkens, van Dongen 2024). Hundreds of
//! times as fast as a transformer, and blind to the order of words.

use std::path::Path;

use nagalm::{Embedder, Error, Model, Result};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use tokenizers::Tokenizer;

use crate::failed;
use crate::files::FilesHash;

/// Tokens of a passage that are read.
const WINDOW: usize = 512;
const WEIGHTS: &str = "model.safetensors";
const TOKENIZER: &str = "tokenizer.json";
const CONFIG: &str = "config.json";

/// A table of vectors, one for each token.
pub struct TableEmbedder {
    model: Model,
    tokenizer: Tokenizer,
    /// One behind the other.
    vectors: Vec<f32>,
}

#[derive(Deserialize)]
struct Config {
    model_type: String,
}

/// Whether a folder holds such a model.
pub(crate) fn is_table(folder: &Path) -> bool {
    let config = std::fs::read(folder.join(CONFIG)).ok();
    let config = config.and_then(|bytes| serde_json::from_slice::<Config>(&bytes).ok());
    config.is_some_and(|config| config.model_type == "model2vec") && folder.join(WEIGHTS).is_file()
}

impl TableEmbedder {
    /// Opens the model in `folder`: `model.safetensors` with a tensor `embeddings`, and `tokenizer.json`.
    ///
    /// # Errors
    /// `is_model`: a file is missing or wrong.
    pub fn open(name: &str, folder: &Path) -> Result<Self> {
        let read = |file: &str| std::fs::read(folder.join(file)).map_err(|e| failed(&folder.join(file), e));
        Self::from_bytes(name, &read(WEIGHTS)?, &read(TOKENIZER)?)
    }

    /// The same from the bytes of its two files, for where there is no file system: a browser.
    ///
    /// # Errors
    /// `is_model`: they are wrong.
    pub fn from_bytes(name: &str, weights: &[u8], tokenizer: &[u8]) -> Result<Self> {
        let wrong = |file: &str, e: &dyn std::fmt::Display| failed(Path::new(file), e);
        let (vectors, dimensions) = vectors(weights).map_err(|e| wrong(WEIGHTS, &e))?;
        let mut tokens = Tokenizer::from_bytes(tokenizer).map_err(|e| wrong(TOKENIZER, &e))?;
        tokens.with_padding(None);
        tokens.with_truncation(None).map_err(|e| wrong(TOKENIZER, &e))?;
        let numbers = tokens.get_vocab_size(true).checked_mul(dimensions);
        if numbers.is_none_or(|numbers| numbers > vectors.len()) {
            return Err(wrong(WEIGHTS, &"it has fewer vectors than the tokenizer has tokens"));
        }
        let mut hash = FilesHash::default();
        hash.add(weights);
        hash.add(tokenizer);
        let (name, pooling) = (name.to_owned(), "mean".to_owned());
        let model =
            Model { name, hash: hash.finish(), dimensions, pooling, window: WINDOW, paraphrases: None };
        Ok(Self { model, tokenizer: tokens, vectors })
    }

    fn vector(&self, passage: &str) -> Result<Vec<f32>> {
        let tokens = self.tokenizer.encode_fast(passage, false);
        let tokens = tokens.map_err(|e| Error::model(format!("a passage cannot be cut into tokens: {e}")))?;
        let dimensions = self.model.dimensions;
        let mut sum = vec![0.0_f32; dimensions];
        for &token in tokens.get_ids().iter().take(WINDOW) {
            let start = (token as usize).checked_mul(dimensions);
            let rest = start.and_then(|start| self.vectors.get(start..));
            let vector = rest.and_then(|rest| rest.get(..dimensions));
            sum.iter_mut().zip(vector.unwrap_or_default()).for_each(|(sum, x)| *sum += x);
        }
        let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            sum.iter_mut().for_each(|x| *x /= length);
        } else {
            // Nothing of it is known: as far from all that is as can be.
            sum[0] = 1.0;
        }
        Ok(sum)
    }
}

impl Embedder for TableEmbedder {
    fn model(&self) -> &Model {
        &self.model
    }

    fn embed(&self, passages: &[&str]) -> Result<Vec<Vec<f32>>> {
        passages.iter().map(|passage| self.vector(passage)).collect()
    }
}

/// The vectors of a file, and how many numbers each has.
fn vectors(file: &[u8]) -> std::result::Result<(Vec<f32>, usize), String> {
    let tensors = SafeTensors::deserialize(file).map_err(|e| e.to_string())?;
    let table = tensors.tensor("embeddings").map_err(|e| e.to_string())?;
    let &[_, dimensions] = table.shape() else { return Err("its table has not two dimensions".into()) };
    if dimensions == 0 {
        return Err("its vectors have no numbers".into());
    }
    let bytes = table.data();
    let numbers: Vec<f32> = match table.dtype() {
        Dtype::F32 => bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        Dtype::F16 => bytes.as_chunks().0.iter().map(|&bytes| half(u16::from_le_bytes(bytes))).collect(),
        other => return Err(format!("its numbers are {other:?}; F32 and F16 are read")),
    };
    if numbers.iter().any(|number| !number.is_finite()) {
        return Err("it holds what is no number".into());
    }
    Ok((numbers, dimensions))
}

/// A number of half precision (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let (sign, exponent, mantissa) =
        (u32::from(bits >> 15), u32::from(bits >> 10 & 31), u32::from(bits & 1023));
    let magnitude = match exponent {
        0 => mantissa as f32 / (1 << 24) as f32,
        31 => f32::from_bits(0x7f80_0000 | mantissa << 13),
        _ => f32::from_bits((exponent + 112) << 23 | mantissa << 13),
    };
    if sign == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision() {
        for (bits, number) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half(bits), number);
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
    }
}
