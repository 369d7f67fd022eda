//! `nagalm prove` and `nagalm verify-proof`: that a text was in a sealed registry.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use nagalm::{Proof, Registry, Trust};

use super::seal::key_of;
use super::trust::{Trusted, tell_seal};
use super::{FOUND, NOTHING};
use crate::output::Target;
use crate::output::plain::count;

/// Prove to an expert that a work was in a sealed registry
#[derive(Args)]
#[command(after_help = "\
The proof opens the commitment to this one work, and says nothing of others. The expert needs the proof, the sealed file
and the text.

Example:
  nagalm prove songs.nagalm songs.sealed T-034.524.680-1 -o proof.json")]
pub(crate) struct Prove {
    /// The registry that holds the work, with the text that it had
    registry: PathBuf,
    /// The sealed file
    sealed: PathBuf,
    /// The work's identifier
    work_id: String,
    /// Where the proof goes; standard output without it
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// The file with the secret key that sealed; without it, society.key in the registry's folder
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Prove {
    pub(crate) fn run(self) -> Result<u8> {
        let key = key_of(&self.registry, self.key.as_deref())?;
        // One's own file, whatever its signature.
        let sealed = Registry::options().trust(Trust::default().or_anything()).open(&self.sealed)?;
        let proof = Registry::open(&self.registry)?.prove(&key, &sealed, &self.work_id)?;
        let mut target = Target::open(&self.output)?;
        writeln!(target, "{}", serde_json::to_string_pretty(&proof)?)?;
        target.finish()?;
        Ok(NOTHING)
    }
}

/// Check a proof that a text was in a sealed registry
#[derive(Args)]
#[command(after_help = "\
Case, accents, punctuation and layout of the text do not count. That the file was made when it says, its signature does not
tell: for that it must have been deposited.

Exit code: 0 if the proof holds, 1 if it does not, 2 on an error.

Example:
  nagalm verify-proof songs.sealed proof.json text.txt --trust 9c2f…")]
pub(crate) struct VerifyProof {
    /// The sealed file
    sealed: PathBuf,
    /// The proof
    proof: PathBuf,
    /// The text, in a file of plain text
    text: PathBuf,
    #[command(flatten)]
    trust: Trusted,
}

impl VerifyProof {
    pub(crate) fn run(self) -> Result<u8> {
        let sealed = Registry::options().trust(self.trust.trust()?).open(&self.sealed)?;
        tell_seal(&sealed);
        let read = |path: &PathBuf| {
            fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
        };
        let proof: Proof = serde_json::from_str(&read(&self.proof)?)
            .with_context(|| format!("{} is no proof", self.proof.display()))?;
        let mut target = Target::stdout();
        let code = match sealed.verify_proof(&proof, &read(&self.text)?) {
            Ok(shown) => {
                writeln!(
                    target,
                    "the proof holds: this text is work {:?}, number {} in the sealed registry; {} of the text stored, \
                     of {} with padding",
                    proof.work_id,
                    shown.work,
                    count(shown.grams as u64, "gram", "grams"),
                    count(shown.entries as u64, "entry", "entries"),
                )?;
                NOTHING
            }
            Err(error) if error.is_not_found() => {
                writeln!(target, "{error}")?;
                FOUND
            }
            Err(error) => return Err(error.into()),
        };
        target.finish()?;
        Ok(code)
    }
}
