//! daachorse: all blocks of eight words as patterns.

use std::path::PathBuf;

use anyhow::Context as _;
use daachorse::DoubleArrayAhoCorasick;
use nagalm_engine_protocol::{Engine, Match, serve};
use nagalm_engine_words::{Blocks, Folded};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Patterns {
    automaton: DoubleArrayAhoCorasick<u32>,
    blocks: Blocks,
    folded: Folded,
}

impl Engine for Patterns {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        self.folded.fold(text);
        let found = self.automaton.find_overlapping_iter(&self.folded.text);
        let found = found.map(|found| (found.value() as usize, found.start()..found.end()));
        self.blocks.matches(&self.folded, found, matches);
        Ok(())
    }

    fn index_bytes(&self) -> Option<u64> {
        Some(self.automaton.heap_bytes() as u64)
    }
}

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("no folder")?.into();
    serve(&folder, |works| {
        let (blocks, patterns) = Blocks::new(works);
        let automaton = DoubleArrayAhoCorasick::new(&patterns)
            .map_err(|error| anyhow::anyhow!("building the automaton: {error}"))?;
        Ok(Patterns { automaton, blocks, folded: Folded::default() })
    })
}
