//! Another engine, in a process of its own: it builds when it starts, and searches when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Those that there are; all but the last from PyPI.
pub(crate) const NAMES: [&str; 4] = ["hnswlib", "usearch", "faiss", "hnsw_rs"];

/// A running engine.
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) build_seconds: f64,
    pub(crate) bytes: Option<f64>,
    process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    answers: tempfile::NamedTempFile,
}

#[derive(serde::Deserialize)]
struct Said {
    seconds: f64,
    bytes: Option<f64>,
}

impl Peer {
    /// Installs it where it is not, starts it, and waits until it has built its index.
    pub(crate) fn start(name: &str, vectors: &Path, queries: &Path, rows: usize) -> Result<Self> {
        let mut process = command(name)?
            .args([vectors, queries])
            .arg(rows.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        let to = process.stdin.take().context("no pipe")?;
        let from = BufReader::new(process.stdout.take().context("no pipe")?);
        let answers = tempfile::NamedTempFile::new()?;
        let name = name.to_string();
        let mut peer = Self { name, build_seconds: 0.0, bytes: None, process, to, from, answers };
        let said = peer.said()?;
        (peer.build_seconds, peer.bytes) = (said.seconds, said.bytes);
        Ok(peer)
    }

    /// Lets it search for the first `count` queries: what that took, and what it found.
    pub(crate) fn search(&mut self, count: usize, k: usize) -> Result<(f64, Vec<Vec<u32>>)> {
        writeln!(self.to, "{count} {}", self.answers.path().display())?;
        let said = self.said()?;
        let bytes = std::fs::read(self.answers.path())?;
        let rows: Vec<u32> = bytes.as_chunks::<4>().0.iter().map(|&row| u32::from_le_bytes(row)).collect();
        ensure!(rows.len() == count * k, "{} gave {} answers for {count} queries", self.name, rows.len());
        Ok((said.seconds, rows.chunks_exact(k).map(<[u32]>::to_vec).collect()))
    }

    fn said(&mut self) -> Result<Said> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("{} said {line:?}", self.name))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(name: &str) -> Result<Command> {
    let engines = Path::new(env!("CARGO_MANIFEST_DIR")).join("engines");
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from)
        .join("neighbours");
    if name == "hnsw_rs" {
        let manifest = engines.join("hnsw_rs/Cargo.toml");
        let build = ["build", "--release", "--locked", "--quiet", "--manifest-path"];
        run(Command::new("cargo").args(build).arg(manifest).arg("--target-dir").arg(&target))?;
        return Ok(Command::new(target.join("release/hnsw-rs-engine")));
    }
    let (home, engine) = (target.join("python"), engines.join("vectors"));
    let python = home.join("bin/python");
    if !python.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    }
    let requirements = engine.join("requirements.txt");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "-r"]).arg(requirements))?;
    let mut command = Command::new(python);
    command.arg(engine.join("run.py")).arg(name);
    // One thread, also in what it is built on.
    command.envs([("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1")]);
    Ok(command)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not run {command:?}"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
