//! aho-corasick: all blocks of eight words as patterns.

use std::path::PathBuf;

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::Context as _;
use nagalm_engine_protocol::{Engine, Match, serve};
use nagalm_engine_words::{Blocks, Folded};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Patterns {
    automaton: AhoCorasick,
    blocks: Blocks,
    folded: Folded,
}

impl Engine for Patterns {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        self.folded.fold(text);
        let found = self.automaton.find_overlapping_iter(&self.folded.text);
        let found = found.map(|found| (found.pattern().as_usize(), found.range()));
        self.blocks.matches(&self.folded, found, matches);
        Ok(())
    }

    fn index_bytes(&self) -> Option<u64> {
        Some(self.automaton.memory_usage() as u64)
    }
}

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("no folder")?.into();
    serve(&folder, |works| {
        let (blocks, patterns) = Blocks::new(works);
        // The kind of automaton is left to the library, which takes the contiguous one for so many patterns.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .context("building the automaton")?;
        Ok(Patterns { automaton, blocks, folded: Folded::default() })
    })
}
