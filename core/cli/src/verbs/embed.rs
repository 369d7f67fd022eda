//! `nagalm embed`: passages of works as vectors, for scans by meaning.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nagalm::Registry;

use super::NOTHING;
use super::model::ModelFiles;
use crate::output::plain::{count, thousands};
use crate::progress::Progress;

/// Make vectors of all works' passages, so that scans find what is close in meaning
#[derive(Args)]
#[command(after_help = "\
Verses and sentences, up to forty words together, go through a language model that gives like vectors for what means the
like; these are kept in the registry, in its folder vectors. A scan with --meaning then tells which passages of an output
are near to one of a work though they share no words.

Works that have their vectors are passed over, and vectors of withdrawn works are removed: run it again after adding or
withdrawing works. It can be cut off at any time, and goes on where it stopped. From vectors texts can be guessed: whoever
gets the folder gets something of the works. Sealed registries hold none.

Examples:
  nagalm embed songs.nagalm --model-dir models/all-MiniLM-L6-v2 --onnxruntime libonnxruntime.so
  nagalm embed songs.nagalm --model bge-small-en-v1.5 --again
  nagalm scan songs.nagalm outputs.jsonl --meaning --model-dir models/all-MiniLM-L6-v2")]
pub(crate) struct Embed {
    /// The registry
    registry: PathBuf,
    /// The model: one of those that fastembed knows, or any name for a folder of your own
    #[arg(long, value_name = "NAME", default_value = "all-minilm-l6-v2")]
    model: String,
    #[command(flatten)]
    files: ModelFiles,
    /// Make all vectors anew, with another model perhaps
    #[arg(long)]
    again: bool,
}

impl Embed {
    pub(crate) fn run(self) -> Result<u8> {
        // What is no registry with its works says so before a model is loaded.
        let registry = Registry::open(&self.registry)?;
        let embedder = self.files.load(&self.model)?;
        let progress = Progress::new("embedding", registry.info().text_bytes);
        let done = nagalm::embed(&self.registry, embedder.as_ref(), self.again, &mut |done, total| {
            progress.set(done, total);
        })?;
        let meaning = registry.meaning()?;
        progress.finish();
        let (vectors, bytes) = meaning.vectors();
        eprintln!(
            "{}: {} got vectors, {} had them, {} removed; {} of {} in all, {} bytes in memory when scanning; {:.1} s",
            self.registry.display(),
            count(done.made as u64, "text", "texts"),
            thousands(done.before as u64),
            thousands(done.removed as u64),
            count(vectors as u64, "vector", "vectors"),
            count(meaning.passages() as u64, "passage", "passages"),
            thousands(bytes as u64),
            progress.elapsed().as_secs_f64(),
        );
        Ok(NOTHING)
    }
}
