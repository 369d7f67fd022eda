//! `nagalm withdraw`: works out of a registry.

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use nagalm::{Registry, Writer};

use super::{FOUND, NOTHING};
use crate::output::plain::count;

/// Withdraw works: they are found no more, at once
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Withdraw {
    /// The registry
    registry: PathBuf,
    /// The works' identifiers
    #[arg(required_unless_present = "from")]
    work_ids: Vec<String>,
    /// Withdraw the works that a file names too, one identifier a line; - for standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Withdraw nothing at all if any of them is not there
    #[arg(long)]
    strict: bool,
}

const AFTER_HELP: &str = "\
All are withdrawn at once. The room that they take on disk comes back with `nagalm compact`.

Exit code: 0 if all were withdrawn, 1 if some were not there, 2 on an error or if none was there.

Examples:
  nagalm withdraw songs.nagalm T-034.524.680-1
  nagalm withdraw songs.nagalm --from withdrawn.txt";

impl Withdraw {
    pub(crate) fn run(self) -> Result<u8> {
        let mut work_ids = self.work_ids;
        if let Some(from) = &self.from {
            let mut text = String::new();
            let doing = || format!("could not read {}", from.display());
            if from.as_os_str() == "-" {
                std::io::stdin().read_to_string(&mut text).with_context(doing)?;
            } else {
                text = std::fs::read_to_string(from).with_context(doing)?;
            }
            let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
            work_ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        }
        // A writer would make a registry where there is none.
        Registry::open(&self.registry)?;
        let mut writer = Writer::open(&self.registry)?;
        let mut missing = 0;
        for work_id in &work_ids {
            if !writer.withdraw(work_id)? {
                missing += 1;
                eprintln!("{}: there is no work {work_id:?}", self.registry.display());
            }
        }
        if missing == work_ids.len() || (self.strict && missing > 0) {
            bail!("{} not there; nothing was withdrawn", count(missing as u64, "work is", "works are"));
        }
        let commit = writer.commit()?;
        let withdrawn = count(commit.withdrawn as u64, "work", "works");
        eprintln!("{}: {withdrawn} withdrawn", self.registry.display());
        Ok(if missing > 0 { FOUND } else { NOTHING })
    }
}
