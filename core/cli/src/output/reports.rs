//! Where reports go, one after the other.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use nagalm::Report;

use super::html::HtmlPage;
use super::table::{ParquetReports, TableRow};
use super::target::{Format, Target};
use super::terminal::{self, Screen};

/// Takes reports in order. Dropping it unfinished leaves no file.
pub(crate) trait ReportSink: Send {
    fn write(&mut self, report: &Report) -> Result<()>;
    /// Writes what comes last and makes the file visible.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// The sink for `path` (`-`: standard output), in `format`.
pub(crate) fn sink(path: &Path, format: Format) -> Result<Box<dyn ReportSink>> {
    let target = Target::open(path)?;
    Ok(match format {
        Format::Jsonl => Box::new(JsonLines { target }),
        Format::Csv => Box::new(CsvRows { writer: csv::Writer::from_writer(target) }),
        Format::Parquet => Box::new(ParquetReports::new(target)?),
        Format::Html => Box::new(HtmlPage::new(target)?),
    })
}

struct JsonLines {
    target: Target,
}

impl ReportSink for JsonLines {
    fn write(&mut self, report: &Report) -> Result<()> {
        serde_json::to_writer(&mut self.target, report).map_err(std::io::Error::from)?;
        Ok(self.target.write_all(b"\n")?)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.target.finish()
    }
}

/// One row a match; an output without matches has one row whose match columns are empty.
struct CsvRows {
    writer: csv::Writer<Target>,
}

impl ReportSink for CsvRows {
    fn write(&mut self, report: &Report) -> Result<()> {
        for row in TableRow::of(report) {
            self.writer.serialize(row)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.writer.flush()?;
        self.writer.into_inner().map_err(|e| e.into_error())?.finish()
    }
}

/// Reports on the terminal, those without matches left out unless `all`.
pub(crate) struct TerminalReports {
    target: Target,
    screen: Screen,
    all: bool,
    started: bool,
}

impl TerminalReports {
    pub(crate) fn new(all: bool) -> Self {
        Self { target: Target::stdout(), screen: Screen::stdout(), all, started: false }
    }
}

impl ReportSink for TerminalReports {
    fn write(&mut self, report: &Report) -> Result<()> {
        let leads = report.sealed.as_ref().is_some_and(|sealed| !sealed.leads.is_empty());
        if report.match_count() + report.paraphrase_count() == 0 && !leads && !self.all {
            return Ok(());
        }
        if !self.started {
            self.started = true;
            terminal::legend(self.screen, &mut self.target)?;
        }
        Ok(terminal::report(report, self.screen, &mut self.target)?)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.target.finish()
    }
}
