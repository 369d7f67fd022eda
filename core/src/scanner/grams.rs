//! What a scan asks the index for, for who keeps the index elsewhere.

use super::Scanner;
use crate::error::Result;
use crate::registry::{Statistics, seed_key};
use crate::search::{LookUps, letter_grams, word_grams};
use crate::text::{Folded, readings};

impl Scanner {
    /// The keys of all seeds that a scan of `text` may look up, each once, in ascending order: about two for each word. The
    /// [`Seed`](crate::Seed)s that have these keys, and the works that these name, are what
    /// [`Statistics::excerpt`] needs to scan it. Any excerpt will do for asking, an empty one, too.
    ///
    /// # Errors
    /// `is_limit`: a text of 1 GiB or more.
    pub fn grams(&self, text: &str) -> Result<Vec<u64>> {
        let mut folded = Folded::default();
        folded.fold(text)?;
        let mut keys = Vec::new();
        self.add_grams(&folded, &mut keys);
        for reading in readings(text, &folded) {
            self.add_grams(&Folded::new(&reading.text)?, &mut keys);
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    fn add_grams(&self, folded: &Folded, keys: &mut Vec<u64>) {
        let mut look_ups = LookUps::default();
        for (index, view) in self.0.registry.views().iter().enumerate() {
            word_grams(&view.segment, folded.tokens(), &mut look_ups, |hash| {
                keys.push(seed_key(index, false, hash))
            });
            letter_grams(folded, |_, hash| keys.push(seed_key(index, true, hash)));
        }
    }

    /// What is counted over the registry and decides what a match is worth: with it, parts of the registry can be scanned
    /// elsewhere as if they were the whole. Copies a tenth of the index.
    ///
    /// # Errors
    /// `is_input`: the registry is sealed, or works were withdrawn from it since it was compacted.
    pub fn statistics(&self) -> Result<Statistics> {
        self.0.registry.statistics(self.0.background.stock_words())
    }
}
