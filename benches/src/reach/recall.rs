//! Which planted passages a scan found, how well, and how unlikely it thought them.

use nagalm::Report;
use nagalm::report::Match;
use nagalm_corpora::planted::{EDITED, Plant};

use crate::answer::nearly_holds;
use crate::scan::{Registered, names};

/// The place of a plant's share of edited words in [`EDITED`].
pub(super) fn level(plant: &Plant) -> usize {
    EDITED.iter().position(|edited| *edited == plant.edited).unwrap_or_default()
}

/// What became of one planted passage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    /// The most telling match that names the work and touches the place.
    pub(super) strength: Option<Strength>,
    /// Characters that are both planted and matched, over those that are either; of the matches that name the work.
    pub(super) overlap: f64,
    /// Share of the planted characters that those matches cover.
    pub(super) covered: f64,
}

/// How unlikely a match is to be chance. Where E-values are too small to tell apart, bits do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Strength {
    pub(super) evalue: f64,
    pub(super) bits: f64,
}

impl Strength {
    pub(super) fn of(found: &Match) -> Self {
        Self { evalue: found.evalue, bits: found.bits }
    }

    /// Orders from the least likely to be chance to the most likely.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.evalue.total_cmp(&other.evalue).then(other.bits.total_cmp(&self.bits))
    }
}

/// The strongest match of a report.
pub(super) fn strongest(report: &Report) -> Option<Strength> {
    report.matches.iter().map(Strength::of).min_by(Strength::order)
}

/// Looks for `plant` in `report`. A match is right where it touches the place and names the work, or a work that
/// holds nearly the same passage.
pub(super) fn outcome(report: &Report, plant: &Plant, work_id: &str, registered: &Registered) -> Outcome {
    let passage = || registered.text(work_id).map_or("", |text| &text[plant.source.clone()]);
    let right = report.matches.iter().filter(|m| {
        m.output.start < plant.output.end
            && plant.output.start < m.output.end
            && (names(m, work_id)
                || registered.text(&m.work_id).is_some_and(|text| nearly_holds(text, passage())))
    });
    let mut outcome = Outcome::default();
    let (mut both, mut outside) = (0, 0);
    for found in right {
        let strength = Strength::of(found);
        if outcome.strength.is_none_or(|best| strength.order(&best).is_lt()) {
            outcome.strength = Some(strength);
        }
        let shared = found.output.end.min(plant.output.end) - found.output.start.max(plant.output.start);
        both += shared;
        outside += found.output.len() - shared;
    }
    outcome.overlap = both as f64 / (plant.output.len() + outside) as f64;
    outcome.covered = both as f64 / plant.output.len() as f64;
    outcome
}
