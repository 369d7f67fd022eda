//! What a reader calls real reuse among the strongest alarms of the planted workload.

use nagalm::Report;

use super::Bench;
use super::alarms::LAX;
use super::recall::Strength;
use crate::judged::{Judged, key};
use crate::lists::List;
use crate::scan::best;
use crate::table::Verdict;
use crate::workload::REAL_COPY;

/// Alarms to be read. The threshold at 1% of some 19,000 outputs is set by the 190th.
const LISTED: usize = 260;

/// Outputs that a reader may set aside, and what was said of them.
pub(super) struct Reused {
    /// Those that are not set aside: their strongest match is no real reuse, or nobody has said so.
    pub(super) clear: Vec<usize>,
    real: usize,
    not: usize,
    /// How many on the list nobody has judged.
    open: usize,
}

impl Reused {
    /// Looks up what was said of the strongest match of each of the `quiet` outputs, and writes the list for saying it.
    /// `reports` are those of all outputs, with E up to [`LAX`].
    pub(super) fn new(bench: &Bench, set: &str, quiet: &[usize], reports: &[Report]) -> anyhow::Result<Self> {
        let judged = Judged::load(set)?;
        let mut alarms: Vec<_> = quiet.iter().filter_map(|&n| Some((n, best(&reports[n])?))).collect();
        alarms.sort_by(|(_, one), (_, other)| Strength::of(one).order(&Strength::of(other)));
        alarms.truncate(LISTED);
        let mut list = List::new(&format!(
            "The strongest match, E up to {LAX}, of outputs without a planted passage or {REAL_COPY} words in a row, the \
             strongest {LISTED}"
        ));
        let (mut aside, mut not, mut open) = (Vec::new(), 0, 0);
        for (n, found) in alarms {
            let key = key(found);
            let answer = key.as_deref().and_then(|key| judged.of(key));
            match answer {
                Some(true) => aside.push(n),
                Some(false) => not += 1,
                None => open += 1,
            }
            list.matched(&reports[n].id, found);
            list.question(&key.unwrap_or_default(), answer);
        }
        bench.lists.write(&format!("{set}-judge.md"), list.text())?;
        let clear = quiet.iter().copied().filter(|n| !aside.contains(n)).collect();
        Ok(Self { clear, real: aside.len(), not, open })
    }

    /// What was said, in the words of the table.
    pub(super) fn told(&self) -> String {
        let Self { real, not, open, .. } = self;
        format!("{real} real reuse, {not} not, {open} not judged")
    }

    /// A floor is held only to what a reader has looked at: most of the list.
    pub(super) fn verdict(&self, holds: bool) -> Verdict {
        if self.open > self.real + self.not {
            Verdict::Open
        } else if holds {
            Verdict::Ok
        } else {
            Verdict::Below
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_mostly_unread_decides_nothing() {
        let reused = |real, not, open| Reused { clear: Vec::new(), real, not, open };
        assert_eq!(reused(0, 0, 260).verdict(true), Verdict::Open);
        assert_eq!(reused(60, 60, 140).verdict(false), Verdict::Open);
        assert_eq!(reused(70, 60, 130).verdict(true), Verdict::Ok);
        assert_eq!(reused(130, 0, 130).verdict(false), Verdict::Below);
        assert_eq!(reused(0, 0, 0).verdict(true), Verdict::Ok);
    }
}
