//! The works' texts that a scan needs, folded; kept for the next scans, since outputs that copy one work come in
//! flocks.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::registry::Segment;
use crate::text::Folded;

/// A work's text, folded.
pub(super) struct FoldedWork {
    pub(super) text: String,
    pub(super) folded: Folded,
}

/// Bytes of text that are kept; folded they take about three times as much.
const KEEP: usize = 16 << 20;

/// A cache of folded works.
#[derive(Default)]
pub(super) struct Works {
    kept: HashMap<(usize, u32), Arc<FoldedWork>>,
    bytes: usize,
}

impl Works {
    /// The work in slot `key.1` of view `key.0`, whose segment is `segment`.
    pub(super) fn get(&mut self, key: (usize, u32), segment: &Segment) -> Result<Arc<FoldedWork>> {
        if let Some(work) = self.kept.get(&key) {
            return Ok(Arc::clone(work));
        }
        let text = segment.text(key.1)?;
        let folded = Folded::new(&text)?;
        if self.bytes + text.len() > KEEP {
            self.kept.clear();
            self.bytes = 0;
        }
        self.bytes += text.len();
        let work = Arc::new(FoldedWork { text, folded });
        self.kept.insert(key, Arc::clone(&work));
        Ok(work)
    }
}
