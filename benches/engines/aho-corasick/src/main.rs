//! aho-corasick: all blocks of eight words as patterns.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use nagalm_engine_words::{Automaton, serve_patterns};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Peer(AhoCorasick);

impl Automaton for Peer {
    fn find(&self, text: &str) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.0.find_overlapping_iter(text).map(|found| (found.pattern().as_usize(), found.range()))
    }

    fn bytes(&self) -> usize {
        self.0.memory_usage()
    }
}

fn main() -> anyhow::Result<()> {
    // The kind of automaton is left to the library, which takes the contiguous one for so many patterns.
    serve_patterns(|patterns| {
        Ok(Peer(AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns)?))
    })
}
