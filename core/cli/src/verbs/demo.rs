//! `nagalm demo`: the whole way once, on works and outputs of our own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use nagalm_corpora::sample;

use super::NOTHING;
use super::register::Register;
use super::scan::Scan;
use super::show::Show;

/// Register sample works, scan sample outputs, and show what was found
#[derive(Args)]
#[command(after_help = "\
The works and the outputs were written for this purpose. All files go to one folder, where those of an earlier demo are
replaced.

Examples:
  nagalm demo
  nagalm demo --dir /tmp/nagalm-demo")]
pub(crate) struct Demo {
    /// The folder for works, outputs, registry and report
    #[arg(long, default_value = "nagalm-demo")]
    dir: PathBuf,
}

impl Demo {
    pub(crate) fn run(self) -> Result<u8> {
        let file = |name: &str| self.dir.join(name);
        let (works, outputs) = (file("works.jsonl"), file("outputs.jsonl"));
        let (registry, report, page) =
            (file("sample-works.nagalm"), file("report.jsonl"), file("report.html"));
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("could not make folder {}", self.dir.display()))?;
        write(&works, sample::works_jsonl())?;
        write(&outputs, sample::outputs_jsonl())?;
        if registry.exists() {
            std::fs::remove_dir_all(&registry)
                .with_context(|| format!("could not replace {}", registry.display()))?;
        }
        Register::plain(registry.clone(), vec![works]).run()?;
        Scan::plain(registry.clone(), vec![outputs.clone()], report.clone()).run()?;
        Show::to(report.clone(), page.clone()).run()?;
        Show::plain(report.clone()).run()?;
        eprintln!(
            "Written: {report} and {page} (open it in a browser).\n\n\
             Try next:\n  \
             nagalm show {report} --all\n  \
             nagalm scan {registry} {outputs} --verbatim -o exact.csv\n  \
             nagalm info {registry}\n  \
             echo 'a text of your own' | nagalm scan {registry}\n  \
             nagalm register my.nagalm my-works.jsonl     (nagalm register --help says what works look like)",
            report = report.display(),
            page = page.display(),
            registry = registry.display(),
            outputs = outputs.display(),
        );
        Ok(NOTHING)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("could not write {}", path.display()))
}
