//! `nagalm neighbours`: the passages of works that are nearest to a text in meaning.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use nagalm::{Registry, Scanner, Settings};
use rayon::prelude::*;
use serde::Serialize;

use super::NOTHING;
use super::among::Among;
use super::model::ModelFiles;

/// Show the passages of works that are nearest to a text in meaning, however far that is
#[derive(Args)]
#[command(after_help = "\
The text is cut into passages as works are; each line of the answer is a JSON object: the passage, and the nearest passages
of works with their similarity (the cosine of the vectors, up to 1) and their texts. Offsets count bytes of UTF-8. Nothing is
left out because it is far: what is near by chance `nagalm scan --meaning` weighs.

Examples:
  nagalm neighbours songs.nagalm answer.txt --model-dir models/all-MiniLM-L6-v2
  echo 'I will always love you, darling, till the end' | nagalm neighbours songs.nagalm - -k 3
  nagalm neighbours songs.nagalm answer.txt --among language=nl --among society=BUMA")]
pub(crate) struct Neighbours {
    /// The registry, which has vectors (`nagalm embed`)
    registry: PathBuf,
    /// A text file, or - for standard input
    text: PathBuf,
    /// So many neighbours of each passage
    #[arg(short, value_name = "N", default_value_t = 10)]
    k: usize,
    /// Each line is a text of its own; the answers say which, counted from 1
    #[arg(long)]
    lines: bool,
    #[command(flatten)]
    among: Among,
    #[command(flatten)]
    files: ModelFiles,
}

#[derive(Serialize)]
struct Passage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    start: usize,
    end: usize,
    text: &'a str,
    neighbours: Vec<Neighbour>,
}

#[derive(Serialize)]
struct Neighbour {
    work_id: String,
    title: Option<String>,
    similarity: f32,
    start: usize,
    end: usize,
    text: Option<String>,
    also_in: Vec<String>,
}

impl Neighbours {
    pub(crate) fn run(self) -> Result<u8> {
        let text = read(&self.text)?;
        let registry = Registry::open(&self.registry)?;
        let meaning = self.among.of(&registry, registry.meaning()?)?;
        let embedder = self.files.load(&meaning.model().name)?;
        let scanner = Scanner::by_meaning(registry.clone(), Settings::default(), meaning, embedder)?;
        let texts: Vec<(Option<usize>, &str)> = match self.lines {
            true => (1..).map(Some).zip(text.lines()).collect(),
            false => vec![(None, text.as_str())],
        };
        let mut out = std::io::stdout().lock();
        for some in texts.chunks(TOGETHER) {
            let found: Vec<Result<Vec<Passage<'_>>>> = some
                .par_iter()
                .map(|(line, text)| passages(&scanner, &registry, *line, text, self.k))
                .collect();
            for passages in found {
                for passage in passages? {
                    serde_json::to_writer(&mut out, &passage).map_err(std::io::Error::from)?;
                    out.write_all(b"\n")?;
                }
            }
        }
        Ok(NOTHING)
    }
}

/// Texts that are looked at before their answers are written.
const TOGETHER: usize = 256;

fn passages<'a>(
    scanner: &Scanner,
    registry: &Registry,
    line: Option<usize>,
    text: &'a str,
    k: usize,
) -> Result<Vec<Passage<'a>>> {
    let mut passages = Vec::new();
    for (bytes, near) in scanner.neighbours(text, k)? {
        let mut neighbours = Vec::with_capacity(near.len());
        for near in near {
            let work = registry.work(&near.work_id)?;
            let text = work.and_then(|work| work.text.get(near.bytes.clone()).map(str::to_owned));
            neighbours.push(Neighbour {
                work_id: near.work_id,
                title: near.title,
                similarity: near.similarity,
                start: near.bytes.start,
                end: near.bytes.end,
                text,
                also_in: near.also_in,
            });
        }
        passages.push(Passage { line, start: bytes.start, end: bytes.end, text: &text[bytes], neighbours });
    }
    Ok(passages)
}

fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .read_to_string(&mut text)
            .context("could not read standard input as UTF-8")?;
    } else {
        text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    }
    Ok(text)
}
