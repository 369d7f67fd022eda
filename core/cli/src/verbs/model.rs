//! Which language model is used, and where its files are.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use nagalm::Embedder;

/// Where the files of a model are.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ModelFiles {
    /// The folder of the model's files: model.onnx, tokenizer.json and the configurations beside them; or the table of a static
    /// embedding (model.safetensors, tokenizer.json, config.json). Without it the model comes from a hub, where this build can
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,
    /// The library of ONNX Runtime, which runs such models: `pip install onnxruntime` brings one. Without it ORT_DYLIB_PATH
    /// says where it is. A static embedding needs none
    #[arg(long, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
}

impl ModelFiles {
    /// Loads the model with this name.
    pub(crate) fn load(&self, name: &str) -> Result<Arc<dyn Embedder>> {
        let source = nagalm_embed::Source {
            name: name.to_owned(),
            folder: self.model_dir.clone(),
            runtime: self.onnxruntime.clone(),
        };
        Ok(nagalm_embed::load(&source)?)
    }
}
