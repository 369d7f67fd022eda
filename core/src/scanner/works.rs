//! The works' texts that a scan needs, folded; kept for the next scans, since outputs that copy one work come in
//! flocks.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::candidates::WorkKey;
use super::evidence::Units;
use crate::error::Result;
use crate::registry::Segment;
use crate::text::Folded;

/// A work's text, folded.
#[derive(Default)]
pub(super) struct FoldedWork {
    pub(super) text: String,
    pub(super) folded: Folded,
    /// Counted when first asked for.
    pub(super) units: OnceCell<Units>,
}

/// Small works that are kept: few enough to stay near the processor.
const PLACES: usize = 32;
/// Bytes of text beyond which a work is not small.
const SMALL: usize = 16 << 10;
/// Bytes of text of other works that are kept; folded they take about three times as much.
const KEEP: usize = 16 << 20;

/// A cache of folded works.
#[derive(Default)]
pub(super) struct Works {
    /// Small works, each in the one place that it may have; the buffers of the one before are used again.
    small: Vec<(Option<WorkKey>, FoldedWork)>,
    large: HashMap<WorkKey, FoldedWork>,
    bytes: usize,
}

impl Works {
    /// The work in slot `key.1` of view `key.0`, whose segment is `segment`.
    pub(super) fn get(&mut self, key: WorkKey, segment: &Segment) -> Result<&FoldedWork> {
        self.small.resize_with(PLACES, Default::default);
        let (held, small) = &mut self.small[(key.0 + key.1 as usize) % PLACES];
        if *held == Some(key) {
            return Ok(small);
        }
        // Looked up twice where it is there: a large work is not often asked for.
        if self.large.contains_key(&key) {
            return Ok(&self.large[&key]);
        }
        let text = segment.text(key.1)?;
        if text.len() <= SMALL {
            *held = None;
            small.units.take();
            small.folded.fold(&text)?;
            small.text.clear();
            small.text.push_str(&text);
            *held = Some(key);
            return Ok(small);
        }
        let folded = Folded::new(&text)?;
        if self.bytes + text.len() > KEEP {
            self.large.clear();
            self.bytes = 0;
        }
        self.bytes += text.len();
        Ok(self.large.entry(key).or_insert(FoldedWork {
            text: text.into_owned(),
            folded,
            units: OnceCell::new(),
        }))
    }
}
