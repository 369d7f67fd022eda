//! nagalm through its façade, as its users call it.

use anyhow::Context as _;
use nagalm::{Output, Profile, Registry, Scanner, SealKey, SealOptions, Settings, Trust};
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

/// nagalm through a sealed registry.
pub(crate) struct Sealed {
    scanner: Scanner,
    index_bytes: u64,
}

impl Sealed {
    pub(crate) fn new(works: Vec<Text>, profile: Profile) -> anyhow::Result<Self> {
        let registry = Registry::from_works(works.into_iter().map(|text| work(text.id, text.text)))
            .context("building the registry")?;
        let key = SealKey::new([42; 32], "nagalm-bench")?;
        let file = registry.seal(&key, &SealOptions::new(profile, "bench", "1")).context("sealing")?;
        let registry = Registry::from_sealed(file.bytes, &Trust::default())?;
        let index_bytes = registry.info().index_bytes;
        Ok(Self { scanner: Scanner::new(registry, Settings::default()), index_bytes })
    }
}

impl Engine for Sealed {
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
        let output = Output { text: text.to_owned(), ..Output::default() };
        let report = self.scanner.scan(&output).context("scanning")?;
        matches.extend(report.sealed.into_iter().flat_map(|found| found.matches).map(|found| Match {
            work: found.work_id.unwrap_or_default(),
            output: Some(found.output.start..found.output.end),
            source: None,
            also_in: Vec::new(),
        }));
        Ok(())
    }

    fn index_bytes(&self) -> Option<u64> {
        Some(self.index_bytes)
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
