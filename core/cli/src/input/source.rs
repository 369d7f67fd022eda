//! Which files an argument of the command line stands for, and how each is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

/// How to read one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// One JSON object a line.
    Lines(PathBuf),
    /// A JSON array of objects, or objects one after the other.
    Array(PathBuf),
    /// A table with a header line.
    Csv(PathBuf),
    Parquet(PathBuf),
    /// One file, one text.
    Text {
        path: PathBuf,
        name: String,
    },
    Stdin(Stdin),
}

/// What standard input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stdin {
    Lines,
    /// JSON lines where the first byte that is not white space is `{`, else one plain text.
    LinesOrText,
}

const SUPPORTED: &str = ".jsonl, .ndjson, .json, .csv, .tsv (each also with .gz), .parquet, .txt, \
                         or a folder of .txt";

impl Source {
    /// The name that stands in messages and made-up identifiers.
    pub(crate) fn label(&self) -> Arc<str> {
        match self {
            Self::Lines(path) | Self::Array(path) | Self::Csv(path) | Self::Parquet(path) => {
                path.to_string_lossy().into()
            }
            Self::Text { path, .. } => path.to_string_lossy().into(),
            Self::Stdin(_) => "stdin".into(),
        }
    }

    /// Bytes on disk, for the progress bar; 0 where nobody knows.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Lines(path)
            | Self::Array(path)
            | Self::Csv(path)
            | Self::Parquet(path)
            | Self::Text { path, .. } => path.metadata().map_or(0, |m| m.len()),
            Self::Stdin(_) => 0,
        }
    }
}

/// The sources that `inputs` stand for, in their order, folders opened up. What a plain text is called is for
/// `text_name` to say.
///
/// # Errors
/// A file that is not there, an extension that is not read, a folder without texts: before anything is read.
pub(crate) fn resolve(
    inputs: &[PathBuf],
    stdin: Stdin,
    text_name: fn(&Path) -> String,
) -> Result<Vec<Source>> {
    let mut sources = Vec::with_capacity(inputs.len());
    for input in inputs {
        if input.as_os_str() == "-" {
            if sources.contains(&Source::Stdin(stdin)) {
                bail!("standard input (-) is named twice: it can be read only once");
            }
            sources.push(Source::Stdin(stdin));
            continue;
        }
        let metadata =
            input.metadata().with_context(|| format!("could not open input {}", input.display()))?;
        if metadata.is_dir() {
            folder(input, text_name, &mut sources)?;
        } else {
            sources.push(file(input, text_name)?);
        }
    }
    Ok(sources)
}

fn file(path: &Path, text_name: fn(&Path) -> String) -> Result<Source> {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    let zipped = plain.len() < name.len();
    let path = path.to_path_buf();
    Ok(match plain.rsplit_once('.').map(|(_, extension)| extension) {
        Some("jsonl" | "ndjson") => Source::Lines(path),
        Some("json") => Source::Array(path),
        Some("csv" | "tsv") => Source::Csv(path),
        Some("parquet") if !zipped => Source::Parquet(path),
        Some("txt" | "text") if !zipped => Source::Text { name: text_name(&path), path },
        _ => bail!("{}: this kind of file is not read; what is: {SUPPORTED}", path.display()),
    })
}

fn folder(path: &Path, text_name: fn(&Path) -> String, sources: &mut Vec<Source>) -> Result<()> {
    let before = sources.len();
    // Sorted, so that the same folder gives the same order on every machine.
    for entry in walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name() {
        let entry = entry.with_context(|| format!("could not read folder {}", path.display()))?;
        let is_text = entry.path().extension().is_some_and(|e| e.eq_ignore_ascii_case("txt"));
        if entry.file_type().is_file() && is_text {
            sources.push(Source::Text { name: text_name(entry.path()), path: entry.into_path() });
        }
    }
    if sources.len() == before {
        bail!("folder {} holds no .txt files; name files of other kinds one by one", path.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_tells_the_reader() {
        let kind = |name: &str| file(Path::new(name), |p| p.display().to_string());
        assert_eq!(kind("a.JSONL").unwrap(), Source::Lines("a.JSONL".into()));
        assert_eq!(kind("a.ndjson.gz").unwrap(), Source::Lines("a.ndjson.gz".into()));
        assert_eq!(kind("a.b.csv").unwrap(), Source::Csv("a.b.csv".into()));
        assert_eq!(kind("a.json").unwrap(), Source::Array("a.json".into()));
        for name in ["a.pdf", "a", "a.parquet.gz", ".gz"] {
            let message = kind(name).unwrap_err().to_string();
            assert!(message.contains(".jsonl"), "{message}");
        }
    }
}
