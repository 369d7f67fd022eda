//! The files of the protocol: JSON lines.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The names of the files in an engine's folder.
#[derive(Clone, Copy, Debug)]
pub struct ProtocolFiles {
    /// What to register, one [`Text`] a line.
    pub works: &'static str,
    /// What to scan, and to measure scanning on.
    pub outputs: &'static str,
    /// What to scan besides, unmeasured.
    pub planted: &'static str,
    /// What was found, one [`Found`] a line. Written by the engine.
    pub found: &'static str,
    /// One line of [`Figures`]. Written by the engine.
    pub figures: &'static str,
}

/// See [`ProtocolFiles`].
pub const PROTOCOL_FILES: ProtocolFiles = ProtocolFiles {
    works: "works.jsonl",
    outputs: "outputs.jsonl",
    planted: "planted.jsonl",
    found: "found.jsonl",
    figures: "figures.json",
};

/// A work or an output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Unique among works, or among outputs.
    pub id: String,
    /// The text.
    pub text: String,
}

/// A match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// Identifier of the output.
    pub output: String,
    /// Identifier of the work.
    pub work: String,
    /// Start and end in the output, in code points; `null` where the engine names no place.
    pub output_span: Option<[usize; 2]>,
    /// Start and end in the work, in code points; `null` where the engine names no place.
    pub source_span: Option<[usize; 2]>,
    /// Other works that the engine names for the same place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<String>,
}

/// What an engine measured.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Building, on the wall.
    pub build_seconds: f64,
    /// Building, on the processor.
    pub build_cpu_seconds: f64,
    /// The best round of scanning the outputs, on the wall.
    pub scan_seconds: f64,
    /// The best round of scanning the outputs, on the processor.
    pub scan_cpu_seconds: f64,
    /// How many rounds.
    pub rounds: usize,
    /// The index, beside the works' texts: counted, or else the growth of the resident set while building.
    pub index_bytes: u64,
}

/// Reads a JSON document a line.
///
/// # Errors
/// Where the file cannot be read or a line does not parse; the message names both.
pub fn read_lines<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let mut rows = Vec::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let place = || format!("{}, line {}", path.display(), number + 1);
        rows.push(serde_json::from_str(&line.with_context(place)?).with_context(place)?);
    }
    Ok(rows)
}

/// Writes a JSON document a line.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_lines<T: Serialize>(path: &Path, rows: impl IntoIterator<Item = T>) -> anyhow::Result<()> {
    let place = || format!("writing {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(place)?);
    for row in rows {
        serde_json::to_writer(&mut file, &row).with_context(place)?;
        file.write_all(b"\n").with_context(place)?;
    }
    file.flush().with_context(place)
}
