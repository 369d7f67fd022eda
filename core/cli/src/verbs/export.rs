//! `nagalm export`: all works of a registry, in the forms that `register` reads.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nagalm::Registry;

use super::NOTHING;
use crate::output::Format;
use crate::output::plain::count;
use crate::output::works::WorkSink;

/// Write all works of a registry, with their metadata and texts
#[derive(Args)]
#[command(after_help = "\
Works come in the order of their identifiers. What `register` reads back gives the same registry.

Examples:
  nagalm export songs.nagalm works.jsonl
  nagalm export songs.nagalm works.csv
  nagalm export songs.nagalm - | jq -r .title")]
pub(crate) struct Export {
    /// The registry
    registry: PathBuf,
    /// A file ending in .jsonl, .csv or .parquet, or - for JSON lines on standard output
    output: PathBuf,
}

impl Export {
    pub(crate) fn run(self) -> Result<u8> {
        let to_stdout = self.output.as_os_str() == "-";
        let format = if to_stdout { Format::Jsonl } else { Format::of(&self.output)? };
        let registry = Registry::open(&self.registry)?;
        let mut sink = WorkSink::open(&self.output, format)?;
        let mut works = 0;
        // The registry's loop stops at its own errors only; ours are kept aside.
        let mut failure = None;
        registry.export(|work| {
            if failure.is_none() {
                works += 1;
                failure = sink.write(&work).err();
            }
            Ok(())
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        sink.finish()?;
        eprintln!("{} written", count(works, "work", "works"));
        Ok(NOTHING)
    }
}
