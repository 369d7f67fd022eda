//! `nagalm schema`: what a report looks like, for programs.

use std::io::Write;

use anyhow::Result;
use clap::Args;

use super::NOTHING;
use crate::output::Target;

/// Print the report's JSON Schema (2020-12)
#[derive(Args)]
#[command(after_help = "Example:\n  nagalm schema > report.schema.json")]
pub(crate) struct Schema {}

impl Schema {
    pub(crate) fn run(self) -> Result<u8> {
        let schema = schemars::schema_for!(nagalm::Report);
        let mut target = Target::stdout();
        writeln!(target, "{}", serde_json::to_string_pretty(&schema)?)?;
        target.finish()?;
        Ok(NOTHING)
    }
}
