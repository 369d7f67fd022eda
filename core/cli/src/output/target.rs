//! Where output goes: a file that appears only when it is whole, or standard output.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use tempfile::TempPath;

/// The form of what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line
    Jsonl,
    /// A table with a header line
    Csv,
    /// Apache Parquet
    Parquet,
    /// One web page, complete in itself
    Html,
}

impl Format {
    /// The format that a file's extension names.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        Ok(match extension.as_str() {
            "jsonl" | "ndjson" => Self::Jsonl,
            "csv" => Self::Csv,
            "parquet" => Self::Parquet,
            "html" | "htm" => Self::Html,
            _ => bail!(
                "cannot tell a format from {:?}: end it in .jsonl, .csv, .parquet or .html, or add --format",
                path.display().to_string()
            ),
        })
    }
}

/// A place to write to. A file is written beside its target and renamed at the end: whoever looks sees the old file
/// or the whole new one.
pub(crate) enum Target {
    Stdout(BufWriter<std::io::Stdout>),
    /// A terminal, a pipe or a device: nothing to rename.
    Direct {
        writer: BufWriter<File>,
        path: PathBuf,
    },
    File {
        writer: BufWriter<File>,
        /// Where it is written, beside its target.
        beside: TempPath,
        path: PathBuf,
    },
}

impl Target {
    pub(crate) fn stdout() -> Self {
        Self::Stdout(BufWriter::with_capacity(1 << 16, std::io::stdout()))
    }

    /// The target that `path` names; `-` is standard output.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self::stdout());
        }
        let doing = || format!("could not write to {}", path.display());
        // The target of a symbolic link is replaced, not the link.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if real.is_dir() {
            bail!("could not write to {}: it is a folder", path.display());
        }
        if real.exists() && !real.is_file() {
            let file = File::options().write(true).open(&real).with_context(doing)?;
            return Ok(Self::Direct { writer: BufWriter::new(file), path: real });
        }
        let folder = match real.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".nagalm-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any program's files: the umask takes away what it should.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let (file, beside) = builder.tempfile_in(folder).with_context(doing)?.into_parts();
        Ok(Self::File { writer: BufWriter::with_capacity(1 << 16, file), beside, path: real })
    }

    /// The folder of the file, where there is one.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File { beside, .. } => beside.parent(),
            Self::Stdout(_) | Self::Direct { .. } => None,
        }
    }

    /// Makes what was written durable and visible.
    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut writer) => Ok(writer.flush()?),
            Self::Direct { mut writer, path } => Ok(writer.flush().map_err(|e| failed(&path, &e))?),
            Self::File { writer, beside, path } => {
                let file = writer.into_inner().map_err(|e| failed(&path, e.error()))?;
                file.sync_all().map_err(|e| failed(&path, &e))?;
                beside.persist(&path).map_err(|e| failed(&path, &e.error))?;
                Ok(())
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Stdout(writer) => writer.write(bytes),
            Self::Direct { writer, path } => writer.write(bytes).map_err(|e| failed(path, &e)),
            Self::File { writer, path, .. } => writer.write(bytes).map_err(|e| failed(path, &e)),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Stdout(writer) => writer.flush(),
            Self::Direct { writer, path } => writer.flush().map_err(|e| failed(path, &e)),
            Self::File { writer, path, .. } => writer.flush().map_err(|e| failed(path, &e)),
        }
    }
}

/// What went wrong with the file that is to be at `path`.
fn failed(path: &Path, error: &std::io::Error) -> std::io::Error {
    let advice = match error.kind() {
        std::io::ErrorKind::StorageFull => " (the disk is full; make room, or write elsewhere)",
        _ => "",
    };
    std::io::Error::new(error.kind(), format!("could not write {}: {error}{advice}", path.display()))
}

/// Whether the reader of our standard output went away, as `head` does: no fault, and nothing to say.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_named() {
        let mut target = Target::open(Path::new("/dev/full")).unwrap();
        target.write_all(b"report").unwrap();
        let error = target.finish().unwrap_err().to_string();
        assert!(
            error.starts_with("could not write /dev/full: ") && error.contains("the disk is full"),
            "{error}"
        );
    }

    #[test]
    fn a_file_appears_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.jsonl");
        std::fs::write(&path, "old").unwrap();
        let mut target = Target::open(&path).unwrap();
        target.write_all(b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        drop(target);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        let mut target = Target::open(&path).unwrap();
        target.write_all(b"new").unwrap();
        target.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
