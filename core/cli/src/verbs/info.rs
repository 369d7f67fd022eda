//! `nagalm info`: a registry in numbers.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use nagalm::Registry;
use serde_json::json;

use super::NOTHING;
use crate::output::Target;
use crate::output::plain::thousands;

/// Say what a registry holds
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nagalm info songs.nagalm\n  nagalm info songs.nagalm --json | jq .works"
)]
pub(crate) struct Info {
    /// The registry
    registry: PathBuf,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let info = Registry::open(&self.registry)?.info();
        let mut target = Target::stdout();
        if self.json {
            let object = json!({
                "works": info.works,
                "words": info.words,
                "text_bytes": info.text_bytes,
                "segments": info.segments,
                "index_bytes": info.index_bytes,
                "withdrawn": info.withdrawn,
                "content_hash": info.content_hash,
                "format": info.format,
                "unicode": info.unicode,
            });
            writeln!(target, "{object:#}")?;
        } else {
            for (name, value) in [
                ("works", thousands(info.works as u64)),
                ("words", thousands(info.words)),
                ("text", format!("{} bytes", thousands(info.text_bytes))),
                ("index", format!("{} bytes in {} segments", thousands(info.index_bytes), info.segments)),
                ("withdrawn", format!("{} that still take room", thousands(info.withdrawn as u64))),
                ("content hash", info.content_hash),
                ("format", format!("{}, Unicode {}", info.format, info.unicode)),
            ] {
                writeln!(target, "{name:13} {value}")?;
            }
        }
        target.finish()?;
        Ok(ExitCode::from(NOTHING))
    }
}
