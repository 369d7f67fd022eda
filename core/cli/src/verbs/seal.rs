//! `nagalm seal`: a registry without its works, for others.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use nagalm::{Metadata, Profile, Registry, SealKey, SealOptions};

use super::NOTHING;
use crate::output::Target;
use crate::output::plain::{count, thousands};

/// Make a file that scans without the works' texts, for those who must not have them
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Seal {
    /// The registry
    registry: PathBuf,
    /// The sealed file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// How much it finds, and gives away
    #[arg(long)]
    profile: ProfileName,
    /// Whom it is for: each recipient gets other hashes
    #[arg(long, value_name = "NAME")]
    recipient: String,
    /// Which release it is; today's date (UTC) without it
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// What it says of works
    #[arg(long, default_value = "ids")]
    metadata: MetadataName,
    /// The file with your secret key; without it, society.key in the registry's folder, which is made if it is not there
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Your name, as it stands in the signature: only where a key is made
    #[arg(long, value_name = "NAME")]
    signer: Option<String>,
    /// Leave the signature out; recipients refuse such a file unless they say otherwise
    #[arg(long)]
    unsigned: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProfileName {
    /// For anybody: 31 equal words in a row lead to a work, 55 are a match for sure; works of fewer than 62 words are left
    /// out
    Public,
    /// For a recipient who keeps it confidential: 23 words, and 39
    Contract,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MetadataName {
    /// Works are numbers
    None,
    /// Their identifiers
    Ids,
    /// Their identifiers and titles
    Titles,
}

const AFTER_HELP: &str = "\
The file holds, of each work, keyed hashes of some of its grams of eight words: which ones, only your key tells. It gives
something away all the same: who has it can try guesses of eight words in a row. Formulaic texts, and texts that a language
model knows by heart, give away more. The README says how much, as measured.

Keep the key, and use it for every release: it proves that a work was in a file (`nagalm prove`), and with another one the
next file would hold other grams. Whoever has it can sign in your name.

Examples:
  nagalm seal songs.nagalm -o songs.sealed --profile public --recipient everybody --signer \"Society of Songs\"
  nagalm seal songs.nagalm -o lab.sealed --profile contract --recipient \"A Lab\" --metadata titles
  nagalm info songs.sealed
  nagalm scan songs.sealed outputs.jsonl";

impl Seal {
    pub(crate) fn run(self) -> Result<u8> {
        let registry = Registry::open(&self.registry)?;
        if registry.seal_info().is_some() {
            bail!("{} is sealed already: seal the registry that holds the works", self.registry.display());
        }
        let key = match &self.key {
            Some(path) => read_key(path)?,
            None => own_key(&self.registry, self.signer.as_deref())?,
        };
        let profile = match self.profile {
            ProfileName::Public => Profile::Public,
            ProfileName::Contract => Profile::Contract,
        };
        let release = self.release.unwrap_or_else(|| chrono::Utc::now().date_naive().to_string());
        let mut options = SealOptions::new(profile, self.recipient, release);
        options.metadata = match self.metadata {
            MetadataName::None => Metadata::None,
            MetadataName::Ids => Metadata::Ids,
            MetadataName::Titles => Metadata::Titles,
        };
        options.signed = !self.unsigned;
        let sealed = registry.seal(&key, &options)?;
        let mut target = Target::open(&self.output)?;
        target.write_all(&sealed.bytes)?;
        target.finish()?;
        eprintln!(
            "{}: {} sealed, {} bytes; public key {}",
            self.output.display(),
            count(sealed.works as u64, "work", "works"),
            thousands(sealed.bytes.len() as u64),
            key.public_key(),
        );
        tell_short(profile, &sealed.too_short);
        Ok(NOTHING)
    }
}

/// Names works that were left out.
fn tell_short(profile: Profile, works: &[String]) {
    const NAMED: usize = 20;
    if works.is_empty() {
        return;
    }
    let named: Vec<String> = works.iter().take(NAMED).map(|work| format!("{work:?}")).collect();
    let more = match works.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {} more", thousands(n as u64)),
    };
    eprintln!(
        "warning: {} LEFT OUT, with fewer than the {} words that this profile needs: {}{more}",
        count(works.len() as u64, "work", "works"),
        profile.fewest_words(),
        named.join(", "),
    );
}

/// The name of the key in a registry's folder.
const KEY: &str = "society.key";

/// The key in a registry's folder, where there is one.
pub(super) fn key_of(registry: &Path, key: Option<&Path>) -> Result<SealKey> {
    match key {
        Some(path) => read_key(path),
        None => read_key(&registry.join(KEY)),
    }
}

fn read_key(path: &Path) -> Result<SealKey> {
    let json =
        fs::read_to_string(path).with_context(|| format!("could not read the key {}", path.display()))?;
    SealKey::from_json(json.trim()).with_context(|| format!("could not read the key {}", path.display()))
}

/// The key in a registry's folder; made where there is none.
fn own_key(registry: &Path, signer: Option<&str>) -> Result<SealKey> {
    let path = registry.join(KEY);
    if path.exists() {
        let key = read_key(&path)?;
        match signer {
            Some(signer) if signer != key.signer() => {
                bail!("the key {} is that of {:?}: leave --signer out", path.display(), key.signer())
            }
            _ => return Ok(key),
        }
    }
    let name = match (signer, registry.file_stem()) {
        (Some(signer), _) => signer.to_owned(),
        (None, Some(stem)) => stem.to_string_lossy().into_owned(),
        (None, None) => bail!("say with --signer in whose name the file is signed"),
    };
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).context("the system gives no randomness for a key")?;
    let key = SealKey::new(secret, name)?;
    write_secret(&path, &key).with_context(|| format!("could not write the key {}", path.display()))?;
    eprintln!(
        "made a secret key in the name of {:?}: {}. Keep it, with a copy elsewhere; give it to nobody",
        key.signer(),
        path.display()
    );
    Ok(key)
}

/// Writes a file that only its owner may read; never over another, and whole or not at all.
fn write_secret(path: &Path, key: &SealKey) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", key.to_json())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}
