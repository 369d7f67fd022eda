//! What a page says of all outputs together.

use std::collections::{BTreeMap, BTreeSet};

use nagalm::Report;

use crate::output::plain::sealed_name;
use crate::output::terminal::text_of;

/// Registries and versions that are named; reports of more than these do not belong on one page.
const NAMED: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) outputs: u64,
    pub(super) with_matches: u64,
    pub(super) matches: u64,
    pub(super) incomplete: u64,
    works: BTreeMap<String, OfWork>,
    /// By model; the empty name stands for outputs that do not say.
    pub(super) models: BTreeMap<String, OfModel>,
    pub(super) registries: BTreeSet<String>,
    pub(super) versions: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct OfWork {
    pub(super) title: Option<String>,
    pub(super) outputs: u64,
    pub(super) passages: u64,
    /// Of a work in a sealed registry it is not known.
    pub(super) largest_share: Option<f64>,
    /// The output with the largest share: its number on the page and its identifier.
    pub(super) largest_in: (u64, String),
}

#[derive(Clone, Debug, Default)]
pub(super) struct OfModel {
    pub(super) outputs: u64,
    pub(super) with_matches: u64,
}

impl Summary {
    /// Counts a report and gives its number on the page.
    pub(super) fn add(&mut self, report: &Report) -> u64 {
        self.outputs += 1;
        let number = self.outputs;
        let found = report.match_count() > 0;
        self.with_matches += u64::from(found);
        self.matches += report.match_count() as u64;
        self.incomplete += u64::from(!report.complete);
        let model = report.fields.get("model").filter(|m| !m.is_null()).map(text_of).unwrap_or_default();
        let of_model = self.models.entry(model).or_default();
        of_model.outputs += 1;
        of_model.with_matches += u64::from(found);
        let of_report = [(&mut self.registries, &*report.registry), (&mut self.versions, &*report.version)];
        for (names, name) in of_report {
            if names.len() < NAMED && !names.contains(name) {
                names.insert(name.to_owned());
            }
        }
        let mut counted = BTreeSet::new();
        if let Some(sealed) = &report.sealed {
            for found in &sealed.matches {
                let of_work = self.works.entry(sealed_name(found)).or_default();
                of_work.passages += found.passages.len() as u64;
                of_work.outputs += 1;
                if of_work.largest_in.0 == 0 {
                    of_work.largest_in = (number, report.id.clone());
                }
            }
        }
        for found in &report.matches {
            let of_work = self.works.entry(found.work_id.clone()).or_default();
            of_work.passages += 1;
            of_work.outputs += u64::from(counted.insert(&found.work_id));
            if of_work.title.is_none() {
                of_work.title.clone_from(&found.title);
            }
            let share =
                report.works.iter().find(|w| w.work_id == found.work_id).map_or(0.0, |w| w.share_of_work);
            if of_work.largest_share.is_none_or(|largest| share > largest) {
                of_work.largest_share = Some(share);
                of_work.largest_in = (number, report.id.clone());
            }
        }
        number
    }

    pub(super) fn work_count(&self) -> u64 {
        self.works.len() as u64
    }

    /// Works, those that came out most first.
    pub(super) fn works(&self) -> Vec<(&str, &OfWork)> {
        let share = |of_work: &OfWork| of_work.largest_share.unwrap_or(0.0);
        let mut works: Vec<_> = self.works.iter().map(|(id, of_work)| (id.as_str(), of_work)).collect();
        works.sort_by(|a, b| {
            b.1.outputs.cmp(&a.1.outputs).then(share(b.1).total_cmp(&share(a.1))).then(a.0.cmp(b.0))
        });
        works
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn outputs_works_and_models_are_counted() {
        let mut summary = Summary::default();
        let mut twice = fixtures::report();
        twice.matches.push(twice.matches[0].clone());
        twice.works[0].share_of_work = 0.7;
        assert_eq!(summary.add(&fixtures::report()), 1);
        assert_eq!(summary.add(&fixtures::empty()), 2);
        assert_eq!(summary.add(&twice), 3);
        assert_eq!((summary.outputs, summary.with_matches, summary.matches), (3, 2, 3));
        let works = summary.works();
        assert_eq!(works.len(), 1);
        assert_eq!((works[0].1.outputs, works[0].1.passages), (2, 3));
        assert_eq!(works[0].1.largest_in.0, 3);
        assert_eq!(summary.models["m-1"].with_matches, 2);
    }
}
