//! `nagalm register`: works into a registry.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use nagalm::{Added, Commit, Warning, Writer};
use rayon::prelude::*;

use super::{MAX_LINE, NOTHING, size};
use crate::input::{Place, Problem, Stdin, feed, resolve, works};
use crate::notes::{Identifiers, Notes};
use crate::output::plain::{count, thousands};
use crate::progress::Progress;

/// Add works to a registry, making it if there is none
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Register {
    /// The registry: a folder
    registry: PathBuf,
    /// Works: .jsonl, .ndjson, .json, .csv, .tsv (also .gz), .parquet, .txt, a folder of .txt, or - for JSON lines
    /// from standard input
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// Register nothing at all if any row is refused
    #[arg(long)]
    strict: bool,
    /// In .txt files, take the first line as the work's title and not as part of its text
    #[arg(long)]
    first_line_title: bool,
    /// Refuse lines, rows and texts beyond this size
    #[arg(long, value_name = "BYTES", default_value = MAX_LINE, value_parser = size)]
    max_line: usize,
}

const AFTER_HELP: &str = "\
A work needs a work_id and a text. It may have: title, other_titles, language, creators (name, role, ipi, isni), iswc,
isbn, isrc, iscc, society, rights_holder, licences (licensee, purpose, until), reservations (scheme, value, source,
date). Other fields are kept and come back on export. In tables, columns have these names, and several creators stand
in one cell: Anna Vos;Jan de Boer. A text file's work_id is its name without .txt.

A work with a work_id that is there already replaces it. Rows that cannot be taken are told with file and line (row or
item, where the file has no lines) and left out; the rest is taken, all at once at the end: whatever goes wrong before,
the registry stays as it was.

Exit code: 0 if something was taken (or was there already), even if rows were refused; 2 if nothing was, on any error,
and with --strict if any row was refused.

Examples:
  nagalm register songs.nagalm works.jsonl
  nagalm register songs.nagalm --strict catalogue.csv more.parquet
  nagalm register poems.nagalm --first-line-title poems/
  zcat works.jsonl.gz | nagalm register songs.nagalm -";

/// What became of the works.
#[derive(Debug, Default)]
struct Tally {
    unchanged: u64,
    refused: u64,
    taken: u64,
}

impl Register {
    /// Registers `inputs` as the command without options does.
    pub(super) fn plain(registry: PathBuf, inputs: Vec<PathBuf>) -> Self {
        let max_line = size(MAX_LINE).expect("the default is a size");
        Self { registry, inputs, strict: true, first_line_title: false, max_line }
    }

    pub(crate) fn run(self) -> Result<u8> {
        let sources = resolve(&self.inputs, Stdin::Lines, works::text_name)?;
        let progress = Progress::new("registering", sources.iter().map(|s| s.bytes()).sum());
        let mut notes = Notes::new(&progress);
        let mut writer = Writer::open(&self.registry)?;
        let mut identifiers = Identifiers::default();
        let mut tally = Tally::default();
        let (chunks, reader) = feed::start(sources, self.max_line, progress.counter());
        for chunk in chunks {
            progress.tick();
            let first_line_title = self.first_line_title;
            let works: Vec<_> = chunk
                .into_par_iter()
                .map(|record| (record.place.clone(), works::work(record, first_line_title)))
                .collect();
            let mut whole = Vec::with_capacity(works.len());
            let mut rows = Vec::with_capacity(works.len());
            for (place, work) in works {
                rows.push((place, work.map(|work| (work.work_id.clone(), whole.push(work)).0)));
            }
            let mut added = writer.add_all(whole).into_iter();
            for (place, work_id) in rows {
                let added = match work_id {
                    Ok(id) => {
                        if let Some(before) = identifiers.insert(&id, &place) {
                            let message =
                                format!("work_id {id:?} stands at {before} too; this one replaces it");
                            notes.warning(&place, "work_id twice in the input", &message);
                        }
                        refused(added.next().ok_or_else(|| anyhow!("a work was not answered"))?)?
                    }
                    Err(problem) => Err(problem),
                };
                match added {
                    Ok(added) => tally.count(&added, &place, &mut notes),
                    Err(problem) => tally.refuse(&place, &problem, &mut notes),
                }
            }
            progress.tick();
        }
        reader.join().map_err(|_| anyhow!("the reader of the input failed; nothing was registered"))?;
        notes.print_counts();
        if self.strict && tally.refused > 0 {
            let refused = count(tally.refused, "row was", "rows were");
            bail!("{refused} refused, so nothing was registered (--strict)");
        }
        if tally.taken + tally.unchanged == 0 {
            bail!("no works were found in the input: {} is as it was", self.registry.display());
        }
        progress.message("writing the index");
        let commit = writer.commit()?;
        progress.finish();
        tally.print(&commit, &self.registry, &progress);
        Ok(NOTHING)
    }
}

/// A work refused by the registry is one row's trouble; anything else (a full disk) ends it all.
fn refused(added: nagalm::Result<Added>) -> Result<Result<Added, Problem>> {
    match added {
        Ok(added) => Ok(Ok(added)),
        Err(e) if e.is_input() || e.is_limit() => Ok(Err(Problem::new("refused", e.to_string()))),
        Err(e) => Err(e.into()),
    }
}

impl Tally {
    fn refuse(&mut self, place: &Place, problem: &Problem, notes: &mut Notes<'_>) {
        self.refused += 1;
        notes.error(place, problem);
    }

    fn count(&mut self, added: &Added, place: &Place, notes: &mut Notes<'_>) {
        if added.unchanged {
            self.unchanged += 1;
        } else {
            self.taken += 1;
        }
        for warning in &added.warnings {
            let kind = match warning {
                Warning::Identifier { .. } => "an identifier fails its own check",
                Warning::SameText(_) => "same text as another work",
                Warning::Short { .. } => "very short text",
                _ => "other",
            };
            notes.warning(place, kind, &warning.to_string());
        }
    }

    fn print(&self, commit: &Commit, registry: &std::path::Path, progress: &Progress) {
        progress.print(&format!(
            "{}: {} added, {} replaced, {} unchanged, {} refused, in {:.1} s",
            registry.display(),
            count(commit.added as u64, "work", "works"),
            thousands(commit.replaced as u64),
            thousands(self.unchanged),
            thousands(self.refused),
            progress.elapsed().as_secs_f64(),
        ));
    }
}
