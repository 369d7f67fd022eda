//! `nagalm check`: whether a registry is sound.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::{FOUND, NOTHING};
use crate::output::Target;
use crate::output::plain::count;
use crate::progress::Progress;

/// Read all of a registry and say what does not hold
#[derive(Args)]
#[command(after_help = "\
Every file is read, every checksum and cross-reference compared. Nothing is changed.

Exit code: 0 if all is well, 1 if something is wrong, 2 if it could not be checked.

Example:
  nagalm check songs.nagalm && cp -r songs.nagalm backup/")]
pub(crate) struct Check {
    /// The registry
    registry: PathBuf,
}

impl Check {
    pub(crate) fn run(self) -> Result<u8> {
        let progress = Progress::new("checking", 1);
        let findings = nagalm::check(&self.registry, |done, total| progress.set(done, total))?;
        progress.finish();
        let mut target = Target::stdout();
        for finding in &findings {
            writeln!(target, "{}: {}", finding.place, finding.problem)?;
        }
        let found = match findings.len() {
            0 => "all is well".to_owned(),
            n => count(n as u64, "problem", "problems"),
        };
        writeln!(target, "{}: {found}", self.registry.display())?;
        target.finish()?;
        Ok(if findings.is_empty() { NOTHING } else { FOUND })
    }
}
