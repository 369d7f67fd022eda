//! A registry with the texts that went into it, and scans of which every report is checked.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context as _;
use nagalm::report::Match;
use nagalm::{Output, Registry, Report, Scanner, Settings, Work};

use crate::check::contradictions;

/// A work of the benchmark: an identifier and a text.
pub(crate) fn work(id: impl Into<String>, text: impl Into<String>) -> Work {
    Work { work_id: id.into(), text: text.into(), ..Work::default() }
}

/// An output of the benchmark.
pub(crate) fn output(id: impl Into<String>, text: impl Into<String>) -> Output {
    Output { id: id.into(), text: text.into(), ..Output::default() }
}

/// The default settings, with one E-value for another.
pub(crate) fn lax(max_evalue: f64) -> Settings {
    let mut settings = Settings::default();
    settings.max_evalue = max_evalue;
    settings
}

/// A registry in memory beside its works' texts.
pub(crate) struct Registered {
    pub(crate) registry: Registry,
    texts: HashMap<String, Arc<str>>,
}

impl Registered {
    /// Builds the registry.
    pub(crate) fn new(works: Vec<Work>) -> anyhow::Result<Self> {
        let texts = works.iter().map(|w| (w.work_id.clone(), Arc::from(w.text.as_str()))).collect();
        let registry = Registry::from_works(works).context("building a registry")?;
        Ok(Self { registry, texts })
    }

    /// A work's text.
    pub(crate) fn text(&self, work_id: &str) -> Option<&str> {
        self.texts.get(work_id).map(AsRef::as_ref)
    }

    /// Scans on all cores and checks every report.
    pub(crate) fn scan(&self, settings: &Settings, outputs: &[Output]) -> anyhow::Result<Scanned> {
        let scanner = Scanner::new(self.registry.clone(), settings.clone());
        let reports: Vec<Report> =
            scanner.scan_batch(outputs).into_iter().collect::<Result<_, _>>().context("scanning")?;
        let mut wrong = 0;
        for (report, output) in reports.iter().zip(outputs) {
            let found = contradictions(report, output, |id| self.text(id));
            if let Some(first) = found.first() {
                wrong += 1;
                if wrong <= 5 {
                    eprintln!("  WRONG: report on `{}`: {first}", output.id);
                }
            }
        }
        Ok(Scanned { reports, wrong })
    }
}

/// Reports in the order of the outputs, and how many of them contradict the texts.
pub(crate) struct Scanned {
    pub(crate) reports: Vec<Report>,
    pub(crate) wrong: usize,
}

/// Whether `found` names `work_id`, as the best work or as one that shares the place.
pub(crate) fn names(found: &Match, work_id: &str) -> bool {
    found.work_id == work_id || found.also_in.iter().any(|id| id == work_id)
}

/// The match that is least likely to be chance.
pub(crate) fn best(report: &Report) -> Option<&Match> {
    report.matches.iter().min_by(|a, b| a.evalue.total_cmp(&b.evalue).then(b.bits.total_cmp(&a.bits)))
}
