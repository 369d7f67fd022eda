//! Models that turn passages into vectors: what `nagalm`'s search by meaning asks for as an [`Embedder`].
//!
//! [`load`] takes a model's name and the folder of its files:
//!
//! | the folder holds | the model is | needs |
//! | --- | --- | --- |
//! | `model.onnx` (or `onnx/model.onnx`), `tokenizer.json`, `config.json`, `tokenizer_config.json`, `special_tokens_map.json` | a transformer, run by [fastembed](https://docs.rs/fastembed) | the library of ONNX Runtime |
//! | `model.safetensors`, `tokenizer.json`, `config.json` with `"model_type": "model2vec"` | a table with one vector a token | nothing |
//!
//! Without a folder, and with the feature `hub`, the files of a model that fastembed knows come from the hub of Hugging Face.

mod files;
#[cfg(feature = "onnx")]
mod onnx;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nagalm::{Embedder, Error, Result};

pub use table::TableEmbedder;

/// Where a model comes from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Its name: one of fastembed's (`all-minilm-l6-v2`, `bge-small-en-v1.5`), or any for a folder of your own.
    pub name: String,
    /// The folder of its files.
    pub folder: Option<PathBuf>,
    /// The library of ONNX Runtime (`libonnxruntime.so`, `onnxruntime.dll`); without it the variable `ORT_DYLIB_PATH` says
    /// where it is, or the system knows.
    pub runtime: Option<PathBuf>,
}

/// Loads a model.
///
/// # Errors
/// `is_model`: its files are missing or wrong, the library is missing, or it needs a feature that this build has not.
pub fn load(source: &Source) -> Result<Arc<dyn Embedder>> {
    if let Some(folder) = &source.folder
        && table::is_table(folder)
    {
        return Ok(Arc::new(TableEmbedder::open(&source.name, folder)?));
    }
    #[cfg(feature = "onnx")]
    return Ok(Arc::new(onnx::OnnxEmbedder::open(source)?));
    #[cfg(not(feature = "onnx"))]
    Err(Error::model(format!(
        "the model {:?} is no table of tokens, and this build runs no other models: build it with the feature `onnx`",
        source.name
    )))
}

fn failed(path: &Path, e: impl std::fmt::Display) -> Error {
    Error::model(format!("the model cannot be read: {}: {e}", path.display()))
}
