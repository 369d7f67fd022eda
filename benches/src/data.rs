//! Reads the real sets from the shared data folder.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A set's data is not on this machine: the set is listed as skipped.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) PathBuf);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no data at {}", self.0.display())
    }
}

impl std::error::Error for Missing {}

/// `shared/data` beside the project's root.
pub(crate) fn default_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")
}

/// The shared data folder.
pub(crate) struct Data(pub(crate) PathBuf);

impl Data {
    /// The path of a file or folder that is there.
    pub(crate) fn path(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.0.join(name);
        if path.exists() { Ok(path) } else { Err(Missing(path).into()) }
    }

    /// A whole text file without its byte order mark.
    pub(crate) fn text(&self, name: &str) -> anyhow::Result<String> {
        let path = self.path(name)?;
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(text.trim_start_matches('\u{feff}').to_owned())
    }

    /// One JSON document.
    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<T> {
        serde_json::from_str(&self.text(name)?).with_context(|| format!("parsing {name}"))
    }

    /// A JSON document per line; unpacked where the name ends in `.gz`.
    pub(crate) fn lines<T: DeserializeOwned>(&self, name: &str) -> anyhow::Result<Vec<T>> {
        let path = self.path(name)?;
        let file = std::fs::File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        let reader: Box<dyn Read> =
            if name.ends_with(".gz") { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
        let mut records = Vec::new();
        for (number, line) in BufReader::new(reader).lines().enumerate() {
            let place = || format!("{name}, line {}", number + 1);
            let line = line.with_context(place)?;
            if !line.trim().is_empty() {
                records.push(serde_json::from_str(&line).with_context(place)?);
            }
        }
        Ok(records)
    }

    /// The German poems.
    pub(crate) fn german_poems(&self) -> anyhow::Result<Vec<Poem>> {
        self.lines("german_poems/poems.jsonl.gz")
    }

    /// The old Dutch songs.
    pub(crate) fn dutch_songs(&self) -> anyhow::Result<Vec<Poem>> {
        self.lines("dutch_songs/songs.jsonl")
    }

    /// The English poems.
    pub(crate) fn english_poems(&self) -> anyhow::Result<Vec<Poem>> {
        self.lines("llm_poems/works.jsonl.gz")
    }

    /// Real model outputs, most of them poems.
    pub(crate) fn model_outputs(&self) -> anyhow::Result<Vec<ModelOutput>> {
        self.lines("llm_poems/outputs.jsonl.gz")
    }

    /// Two long Dutch prose texts, with their names.
    pub(crate) fn dutch_novels(&self) -> anyhow::Result<Vec<(String, String)>> {
        ["ConanDoyle_SherlockHolmesDeAgraSchat", "Multatuli_MaxHavelaar"]
            .into_iter()
            .map(|name| Ok((name.to_owned(), self.text(&format!("novels_nl/{name}.txt"))?)))
            .collect()
    }
}

/// A poem or song.
#[derive(Clone, Deserialize)]
pub(crate) struct Poem {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) author: String,
    #[serde(default)]
    pub(crate) title: String,
    pub(crate) text: String,
}

/// What a model wrote, with the verbatim runs that are known to be in it.
#[derive(Clone, Deserialize)]
pub(crate) struct ModelOutput {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) spans: Vec<GoldSpan>,
}

/// A verbatim run of eight words or more. Offsets are code points.
#[derive(Clone, Deserialize)]
pub(crate) struct GoldSpan {
    pub(crate) out: [usize; 2],
    pub(crate) work: String,
}
