//! What was odd on the way: the first notes with their place as they come, the rest counted by kind.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::input::{Place, Problem};
use crate::progress::Progress;

/// Notes that are shown one by one.
const SHOWN: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Severity {
    Error,
    Warning,
}

/// Collects notes and shows the first of them.
pub(crate) struct Notes<'a> {
    progress: &'a Progress,
    counts: BTreeMap<(Severity, &'static str), u64>,
    noted: usize,
    shown: usize,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(progress: &'a Progress) -> Self {
        Self { progress, counts: BTreeMap::new(), noted: 0, shown: 0 }
    }

    /// A record was refused.
    pub(crate) fn error(&mut self, place: &Place, problem: &Problem) {
        self.note(Severity::Error, place, problem.kind, &problem.message);
    }

    /// A record was taken, but something about it is odd.
    pub(crate) fn warning(&mut self, place: &Place, kind: &'static str, message: &str) {
        self.note(Severity::Warning, place, kind, message);
    }

    fn note(&mut self, severity: Severity, place: &Place, kind: &'static str, message: &str) {
        *self.counts.entry((severity, kind)).or_default() += 1;
        self.noted += 1;
        if self.shown < SHOWN {
            self.shown += 1;
            let word = if severity == Severity::Error { "error" } else { "warning" };
            self.progress.print(&format!("{place}: {word}: {message}"));
        }
    }

    /// Says how many notes of each kind there were, where not all were shown.
    pub(crate) fn print_counts(&self) {
        if self.noted <= self.shown {
            return;
        }
        self.progress.print(&format!("… and {} more; in all:", self.noted - self.shown));
        for ((severity, kind), count) in &self.counts {
            let word = if *severity == Severity::Error { "errors" } else { "warnings" };
            self.progress.print(&format!("    {count} {word}: {kind}"));
        }
    }
}

/// Identifiers that came before, in 40 bytes or so each however long they are: two that share a 64-bit hash would
/// give one warning too many, once in ten million registrations of a million works.
#[derive(Default)]
pub(crate) struct Identifiers {
    files: Vec<Arc<str>>,
    seen: HashMap<u64, (u32, Option<u64>)>,
}

impl Identifiers {
    /// Remembers that `identifier` stands at `place`; gives the place where it stood before, if it did.
    pub(crate) fn insert(&mut self, identifier: &str, place: &Place) -> Option<Place> {
        if self.files.last() != Some(&place.file) {
            self.files.push(Arc::clone(&place.file));
        }
        let here = (u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX), place.number);
        let mut hasher = DefaultHasher::new();
        identifier.hash(&mut hasher);
        match self.seen.entry(hasher.finish()) {
            Entry::Vacant(entry) => {
                entry.insert(here);
                None
            }
            Entry::Occupied(mut entry) => {
                let (file, number) = entry.insert(here);
                Some(Place { file: Arc::clone(&self.files[file as usize]), number })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_known_by_its_last_place() {
        let place = |file: &str, number| Place { file: file.into(), number: Some(number) };
        let mut identifiers = Identifiers::default();
        assert_eq!(identifiers.insert("a", &place("x", 1)), None);
        assert_eq!(identifiers.insert("b", &place("x", 2)), None);
        assert_eq!(identifiers.insert("a", &place("y", 1)), Some(place("x", 1)));
        assert_eq!(identifiers.insert("a", &place("y", 2)), Some(place("y", 1)));
    }
}
