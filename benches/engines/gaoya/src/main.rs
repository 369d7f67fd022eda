//! gaoya: MinHash with LSH over windows of works and outputs, or over whole texts.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use gaoya::minhash::{MinHashIndex, MinHasher, MinHasher32};
use nagalm_engine_protocol::{Engine, Match, serve};
use nagalm_engine_words::{Folded, windows};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Words of a shingle.
const SHINGLE: usize = 3;

/// How gaoya is called.
#[derive(Clone, Copy)]
struct Settings {
    /// Words of a window, and words from one to the next.
    window: usize,
    step: usize,
    bands: usize,
    band_width: usize,
    threshold: f64,
}

impl Settings {
    fn named(name: &str) -> anyhow::Result<Self> {
        Ok(match name {
            "windows" => Self { window: 170, step: 85, bands: 64, band_width: 2, threshold: 0.1 },
            "whole" => Self { window: usize::MAX, step: 1, bands: 42, band_width: 3, threshold: 0.5 },
            _ => bail!("no settings `{name}`: there are windows, whole"),
        })
    }
}

struct MinHashes {
    settings: Settings,
    hasher: MinHasher32<std::hash::BuildHasherDefault<fnv::FnvHasher>>,
    index: MinHashIndex<u32, u32>,
    names: Vec<String>,
    /// Work and place in its text, in bytes, for each window.
    owners: Vec<(u32, std::ops::Range<usize>)>,
    folded: Folded,
}

impl MinHashes {
    fn signature(&self, words: std::ops::Range<usize>) -> Vec<u32> {
        let last = words.end.saturating_sub(SHINGLE).max(words.start);
        let shingles = (words.start..=last).map(|at| self.folded.slice(at..(at + SHINGLE).min(words.end)));
        self.hasher.create_signature(shingles)
    }
}

impl Engine for MinHashes {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        self.folded.fold(text);
        // Windows that overlap and name the same work's window are one match.
        let mut found: Vec<(u32, std::ops::Range<usize>)> = Vec::new();
        for words in windows(self.folded.len(), self.settings.window, self.settings.step) {
            let signature = self.signature(words.clone());
            let mut owners: Vec<u32> = self.index.query(&signature).into_iter().copied().collect();
            owners.sort_unstable();
            for owner in owners {
                match found.iter_mut().find(|(known, place)| *known == owner && place.end >= words.start) {
                    Some((_, place)) => place.end = words.end,
                    None => found.push((owner, words.clone())),
                }
            }
        }
        matches.extend(found.into_iter().map(|(owner, words)| {
            let (work, source) = &self.owners[owner as usize];
            Match {
                work: self.names[*work as usize].clone(),
                output: Some(self.folded.place(words)),
                source: Some(source.clone()),
                also_in: Vec::new(),
            }
        }));
        Ok(())
    }
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::named(&std::env::args().nth(1).context("no settings")?)?;
    let folder: PathBuf = std::env::args_os().nth(2).context("no folder")?.into();
    serve(&folder, |works| {
        let mut engine = MinHashes {
            settings,
            hasher: MinHasher32::new(settings.bands * settings.band_width),
            index: MinHashIndex::new(settings.bands, settings.band_width, settings.threshold),
            names: Vec::new(),
            owners: Vec::new(),
            folded: Folded::default(),
        };
        for (number, work) in works.into_iter().enumerate() {
            engine.folded.fold(&work.text);
            for words in windows(engine.folded.len(), settings.window, settings.step) {
                let signature = engine.signature(words.clone());
                engine.index.insert(engine.owners.len() as u32, signature);
                engine.owners.push((number as u32, engine.folded.place(words)));
            }
            engine.names.push(work.id);
        }
        Ok(engine)
    })
}
