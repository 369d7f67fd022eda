//! `nagalm info`: a registry in numbers.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use nagalm::{Profile, Registry, SealInfo, Trust};
use serde_json::json;

use super::NOTHING;
use super::trust::{profile, signature};
use crate::output::Target;
use crate::output::plain::{count, thousands};

/// Say what a registry holds
#[derive(Args)]
#[command(
    after_help = "Examples:\n  nagalm info songs.nagalm\n  nagalm info songs.nagalm --json | jq .works"
)]
pub(crate) struct Info {
    /// The registry: a folder, or a sealed file, whatever its signature
    registry: PathBuf,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

impl Info {
    pub(crate) fn run(self) -> Result<u8> {
        let registry = Registry::options().trust(Trust::default().or_anything()).open(&self.registry)?;
        let info = registry.info();
        let mut target = Target::stdout();
        let meaning = match registry.meaning() {
            Ok(meaning) => Some(meaning),
            // There are none, or there can be none.
            Err(e) if e.is_not_found() || e.is_input() => None,
            Err(e) => return Err(e.into()),
        };
        if let Some(seal) = registry.seal_info() {
            return sealed(&info, &seal, self.json, target);
        }
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
                "vectors": meaning.as_ref().map(|meaning| json!({
                    "model": meaning.model(),
                    "vectors": meaning.vectors().0,
                    "passages": meaning.passages(),
                    "works_without": meaning.missing(),
                    "chance": meaning.chance(),
                })),
            });
            writeln!(target, "{object:#}")?;
        } else {
            let vectors = meaning.map_or("none".to_owned(), |meaning| {
                let (vectors, _) = meaning.vectors();
                let missing = match meaning.missing() {
                    0 => String::new(),
                    n => format!("; {} have none: run `nagalm embed`", count(n as u64, "work", "works")),
                };
                let (count, passages) = (thousands(vectors as u64), thousands(meaning.passages() as u64));
                format!("{count} by {} of {passages} passages{missing}", meaning.model().name)
            });
            for (name, value) in [
                ("works", thousands(info.works as u64)),
                ("words", thousands(info.words)),
                ("text", format!("{} bytes", thousands(info.text_bytes))),
                ("index", format!("{} bytes in {} segments", thousands(info.index_bytes), info.segments)),
                ("withdrawn", format!("{} that still take room", thousands(info.withdrawn as u64))),
                ("vectors", vectors),
                ("content hash", info.content_hash),
                ("format", format!("{}, Unicode {}", info.format, info.unicode)),
            ] {
                writeln!(target, "{name:13} {value}")?;
            }
        }
        target.finish()?;
        Ok(NOTHING)
    }
}

/// The same of a sealed registry.
fn sealed(info: &nagalm::Info, seal: &SealInfo, json: bool, mut target: Target) -> Result<u8> {
    if json {
        let object = json!({
            "works": info.works,
            "index_bytes": info.index_bytes,
            "content_hash": info.content_hash,
            "format": info.format,
            "unicode": info.unicode,
            "sealed": seal,
        });
        writeln!(target, "{object:#}")?;
    } else {
        let none = || "nobody".to_owned();
        for (name, value) in [
            ("sealed", format!("{}: {}", profile(seal.profile), finds(seal.profile))),
            ("works", thousands(info.works as u64)),
            ("file", format!("{} bytes", thousands(info.index_bytes))),
            ("made for", format!("{:?}, release {:?}", seal.recipient, seal.release)),
            ("signed by", seal.signer.as_ref().map_or_else(none, |signer| format!("{signer:?}"))),
            ("public key", seal.signer_key.clone().unwrap_or_else(none)),
            ("signature", signature(seal.signature).to_owned()),
            ("checksum", info.content_hash.clone()),
            ("format", format!("{}, Unicode {}", info.format, info.unicode)),
        ] {
            writeln!(target, "{name:13} {value}")?;
        }
    }
    target.finish()?;
    Ok(NOTHING)
}

fn finds(profile: Profile) -> String {
    let (lead, sure) = (profile.guarantee(), profile.guarantee() + profile.window());
    format!("{lead} equal words in a row lead to their work, {sure} are a match for sure")
}
