//! daachorse: all blocks of eight words as patterns.

use std::ops::Range;

use daachorse::DoubleArrayAhoCorasick;
use nagalm_engine_words::{Automaton, serve_patterns};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Peer(DoubleArrayAhoCorasick<u32>);

impl Automaton for Peer {
    fn find(&self, text: &str) -> impl Iterator<Item = (usize, Range<usize>)> {
        self.0.find_overlapping_iter(text).map(|found| (found.value() as usize, found.start()..found.end()))
    }

    fn bytes(&self) -> usize {
        self.0.heap_bytes()
    }
}

fn main() -> anyhow::Result<()> {
    serve_patterns(|patterns| {
        Ok(Peer(DoubleArrayAhoCorasick::new(patterns).map_err(|error| anyhow::anyhow!("{error}"))?))
    })
}
