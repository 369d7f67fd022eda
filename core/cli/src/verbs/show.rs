//! `nagalm show`: a report, for people to read.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use nagalm::Report;
use nagalm::report::SCHEMA;

use super::NOTHING;
use crate::input::{Line, bounded_line};
use crate::output::plain::count;
use crate::output::{Format, ReportSink, TerminalReports, sink};

/// Show a report's matches, both texts side by side
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Show {
    /// The report, as `nagalm scan -o report.jsonl` writes it; - for standard input
    report: PathBuf,
    /// Show only the output with this id (more than one may be named)
    #[arg(long)]
    id: Vec<String>,
    /// Show outputs without matches too
    #[arg(long)]
    all: bool,
    /// Write to a file instead, in the form that its name ends in: .html, .csv, .parquet or .jsonl
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Words that are the same on both sides are underlined and coloured, changed words stand in [brackets], words that only
the output has in [+ +], words that only the work has in [- -]. Colour is left out where NO_COLOR is set or standard
output is no terminal.

Exit code: 0, or 2 on an error, also where no output has the --id.

Examples:
  nagalm show report.jsonl
  nagalm show report.jsonl --id answer-17
  nagalm show report.jsonl -o report.html
  nagalm scan songs.nagalm outputs.jsonl | nagalm show - | less -R";

/// The longest line of a report that is read.
const MAX_REPORT: usize = 1 << 30;

impl Show {
    pub(super) fn plain(report: PathBuf) -> Self {
        Self { report, id: Vec::new(), all: false, output: None }
    }

    pub(super) fn to(report: PathBuf, output: PathBuf) -> Self {
        Self { report, id: Vec::new(), all: true, output: Some(output) }
    }

    pub(crate) fn run(self) -> Result<u8> {
        let mut sink: Box<dyn ReportSink> = match &self.output {
            Some(path) => sink(path, Format::of(path)?)?,
            None => Box::new(TerminalReports::new(self.all || !self.id.is_empty())),
        };
        let (mut outputs, mut shown, mut matches) = (0, 0, 0);
        read(&self.report, |report| {
            outputs += 1;
            if self.id.is_empty() || self.id.contains(&report.id) {
                shown += 1;
                matches += report.match_count() as u64;
                sink.write(&report)?;
            }
            Ok(())
        })?;
        if shown == 0 && !self.id.is_empty() {
            bail!("no output in {} has the id {}", self.report.display(), self.id.join(", "));
        }
        sink.finish()?;
        if self.output.is_none() && matches == 0 {
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("no matches in {}\n", count(outputs, "output", "outputs")),
            );
        }
        Ok(NOTHING)
    }
}

/// Reads the reports in `path` one by one.
fn read(path: &Path, mut each: impl FnMut(Report) -> Result<()>) -> Result<()> {
    let mut reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).with_context(|| format!("could not open report {}", path.display()))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let place = || format!("{}:{number}", path.display());
        match bounded_line(&mut reader, MAX_REPORT, &mut line).with_context(place)? {
            Line::End => break,
            Line::TooLong(bytes) => bail!("{}: a line of {bytes} bytes is too long for a report", place()),
            Line::Whole if line.iter().all(u8::is_ascii_whitespace) => {}
            Line::Whole => each(parse(&line).with_context(place)?)?,
        }
    }
    Ok(())
}

fn parse(line: &[u8]) -> Result<Report> {
    let report: Report = match serde_json::from_slice(line) {
        Ok(report) => report,
        Err(e) => {
            let other = serde_json::from_slice::<serde_json::Value>(line).ok();
            match other.as_ref().and_then(|v| v.get("schema")).and_then(|s| s.as_str()) {
                Some(schema) if schema != SCHEMA => bail!("{}", other_schema(schema)),
                _ => bail!("not a report as `nagalm scan -o report.jsonl` writes it: {e}"),
            }
        }
    };
    if report.schema != SCHEMA {
        bail!("{}", other_schema(&report.schema));
    }
    Ok(report)
}

fn other_schema(schema: &str) -> String {
    format!(
        "the report's form is {schema:?}, and this version reads {SCHEMA:?}: scan again, or use its version"
    )
}
