//! What looks for all blocks of the works at once: whatever automaton it is, an engine is made of it in the same way.

use std::ops::Range;
use std::path::PathBuf;

use anyhow::Context as _;
use nagalm_engine_protocol::{Engine, Match, serve};

use crate::{Blocks, Folded};

/// An automaton over many strings.
pub trait Automaton {
    /// Which patterns stand in a text, and where in bytes, overlapping ones too, in the order of their places.
    fn find(&self, text: &str) -> impl Iterator<Item = (usize, Range<usize>)>;

    /// Bytes in memory.
    fn bytes(&self) -> usize;
}

struct Patterns<A> {
    automaton: A,
    blocks: Blocks,
    folded: Folded,
}

impl<A: Automaton> Engine for Patterns<A> {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        self.folded.fold(text);
        self.blocks.matches(&self.folded, self.automaton.find(&self.folded.text), matches);
        Ok(())
    }

    fn index_bytes(&self) -> Option<u64> {
        Some(self.automaton.bytes() as u64)
    }
}

/// Plays the part of the automaton that `build` makes of the patterns, in the folder that the command line names.
///
/// # Errors
/// Where no folder is named, its files cannot be read or written, or the automaton cannot be built.
pub fn serve_patterns<A: Automaton>(
    build: impl FnOnce(&[String]) -> anyhow::Result<A>,
) -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("no folder")?.into();
    serve(&folder, |works| {
        let (blocks, patterns) = Blocks::new(works);
        let automaton = build(&patterns).context("building the automaton")?;
        Ok(Patterns { automaton, blocks, folded: Folded::default() })
    })
}
