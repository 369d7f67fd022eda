//! `nagalm compact`: a registry without what was withdrawn.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nagalm::{Registry, Writer};

use super::NOTHING;
use crate::output::plain::thousands;

/// Rebuild a registry's index without withdrawn and replaced works
#[derive(Args)]
#[command(after_help = "\
Gives back the room that withdrawn works take, and makes many small additions one. What is found stays the same.

Example:
  nagalm compact songs.nagalm")]
pub(crate) struct Compact {
    /// The registry
    registry: PathBuf,
}

impl Compact {
    pub(crate) fn run(self) -> Result<u8> {
        // A writer would make a registry where there is none.
        let before = match Registry::open(&self.registry) {
            Ok(registry) => Some(registry.info()),
            // What compacting is there to mend. A registry that a newer program wrote the writer refuses, too.
            Err(e) if e.is_corrupt() || e.is_version() => None,
            Err(e) => return Err(e.into()),
        };
        let mut writer = Writer::open(&self.registry)?;
        writer.compact()?;
        writer.commit()?;
        let after = Registry::open(&self.registry)?.info();
        eprintln!(
            "{}: index {} bytes in {} segments, before {}",
            self.registry.display(),
            thousands(after.index_bytes),
            after.segments,
            before.map_or("it could not be read".into(), |before| {
                format!("{} in {}", thousands(before.index_bytes), before.segments)
            }),
        );
        Ok(NOTHING)
    }
}
