//! nagalm through its façade, as its users call it.

use anyhow::Context as _;
use nagalm::{Output, Registry, Scanner, Settings};
use nagalm_engine_protocol::{Engine, Match, Text};

use crate::scan::work;

pub(crate) struct Nagalm {
    scanner: Scanner,
    index_bytes: u64,
}

impl Nagalm {
    /// With the default settings, or only what is equal word for word.
    pub(crate) fn new(works: Vec<Text>, verbatim_only: bool) -> anyhow::Result<Self> {
        let registry = Registry::from_works(works.into_iter().map(|text| work(text.id, text.text)))
            .context("building the registry")?;
        let index_bytes = registry.info().index_bytes;
        let mut settings = Settings::default();
        settings.verbatim_only = verbatim_only;
        Ok(Self { scanner: Scanner::new(registry, settings), index_bytes })
    }
}

impl Engine for Nagalm {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        let output = Output { text: text.to_owned(), ..Output::default() };
        let report = self.scanner.scan(&output).context("scanning")?;
        matches.extend(report.matches.into_iter().map(|found| Match {
            work: found.work_id,
            output: Some(found.output.start..found.output.end),
            source: Some(found.source.start..found.source.end),
            also_in: found.also_in,
        }));
        Ok(())
    }

    fn index_bytes(&self) -> Option<u64> {
        Some(self.index_bytes)
    }
}
