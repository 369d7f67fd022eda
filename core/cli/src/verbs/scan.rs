//! `nagalm scan`: outputs against a registry, reports out.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::{Result, anyhow, bail};
use clap::Args;
use nagalm::report::OffsetUnit;
use nagalm::{Registry, Report, Scanner, Settings};
use rayon::prelude::*;

use super::among::Among;
use super::model::ModelFiles;
use super::trust::{Trusted, tell_seal};
use super::{FOUND, MAX_LINE, NOTHING, size};
use crate::input::{Place, Problem, Record, Stdin, feed, outputs, resolve};
use crate::notes::{Identifiers, Notes};
use crate::output::plain::{count, thousands};
use crate::output::{Format, ReportSink, TerminalReports, sink};
use crate::progress::Progress;

/// Scan outputs of models for passages from registered works
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Scan {
    /// The registry: a folder, or a sealed file
    registry: PathBuf,
    /// Outputs: .jsonl, .ndjson, .json, .csv, .tsv (also .gz), .parquet, .txt, a folder of .txt, or - for standard
    /// input, as without any: JSON lines if it starts with {, else one plain text
    inputs: Vec<PathBuf>,
    /// Where the report goes: a file ending in .jsonl, .csv, .parquet or .html, or - for standard output. Without it,
    /// JSON lines go to standard output, or a readable report if that is a terminal
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The report's form, where the file's name does not tell
    #[arg(long)]
    format: Option<Format>,
    /// Report matches as good as chance would give at most this often in one scan
    #[arg(long, value_name = "E", default_value_t = Settings::default().max_evalue, value_parser = evalue)]
    max_evalue: f64,
    /// Report matches of this many equal words in a row, or a little more with changes between them; shorter ones only
    /// where they are far less likely by chance
    #[arg(long, value_name = "N", default_value_t = Settings::default().min_words)]
    min_words: usize,
    /// Report only passages that are equal word for word
    #[arg(long)]
    verbatim: bool,
    /// Leave the passages' texts out of the report
    #[arg(long)]
    no_quote: bool,
    /// Stop with exit code 2, and write no report, at the first row that cannot be read
    #[arg(long, visible_alias = "fail-on-error")]
    strict: bool,
    /// Use this many threads; all cores without it. The report is the same
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Map the registry's index files instead of reading them: quick to begin, for a few outputs against a large
    /// registry. Checksums are not compared, and cutting such a file off meanwhile kills this program
    #[arg(long)]
    map: bool,
    /// Look for meaning, too: tell passages that are near to one of a work though they share no words. Wants vectors in the
    /// registry (`nagalm embed`) and the model that made them; takes some milliseconds for each passage
    #[arg(long)]
    meaning: bool,
    /// With --meaning: tell passages so near as chance would give at most this often in one output
    #[arg(long, value_name = "E", default_value_t = Settings::default().max_meaning_evalue, value_parser = evalue)]
    max_meaning_evalue: f64,
    #[command(flatten)]
    among: Among,
    #[command(flatten)]
    files: ModelFiles,
    #[command(flatten)]
    trust: Trusted,
    /// Refuse lines, rows and texts beyond this size
    #[arg(long, value_name = "BYTES", default_value = MAX_LINE, value_parser = size)]
    max_line: usize,
}

const AFTER_HELP: &str = "\
An output needs a text; id, prompt, model, created and all other fields travel through to the report. Without an id it
is called FILE:LINE (row or item, where the file has no lines), a .txt file by its path. A field that has the name of
one of the report's own goes under input_NAME. The report counts offsets in Unicode code points; `nagalm schema` prints
its JSON Schema. The .csv report has one row for each match, and one for an output without any.

Through a sealed registry (`nagalm seal`) the report names works of which two stored grams or more stand in the output
as matches, those with one as leads; it holds no text of a work, and the options for matches say nothing.

With --meaning the report has a list of its own for passages that are close to a work's in meaning and share no words with it
(kind paraphrase): a reason to read both, and no evidence of copying by itself. What copied words explain is not in it.

Rows that cannot be read are told with file and line, skipped, and counted in the last line on standard error.

Exit code: 0 if nothing was found, 1 if there are matches or paraphrases, 2 on an error or if nothing at all could be read.

Examples:
  nagalm scan songs.nagalm outputs.jsonl -o report.jsonl
  nagalm scan songs.nagalm outputs.parquet -o report.html
  nagalm scan songs.nagalm answer.txt
  my-model | nagalm scan songs.nagalm --verbatim
  nagalm scan society.nagalm answer.txt --map
  nagalm scan songs.sealed outputs.jsonl -o report.jsonl --trust 9c2f…
  nagalm scan songs.nagalm outputs.jsonl --max-evalue 1e-9 | jq .works";

fn evalue(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number: write 0.001 or 1e-9".to_owned())?;
    if value > 0.0 && value.is_finite() { Ok(value) } else { Err("must be above 0".to_owned()) }
}

/// What became of one record.
enum Scanned {
    Report { place: Place, report: Box<Report>, bytes: usize, blank: bool },
    Refused(Place, Problem),
}

#[derive(Debug, Default)]
struct Tally {
    outputs: u64,
    with_matches: u64,
    matches: u64,
    leads: u64,
    paraphrases: u64,
    incomplete: u64,
    skipped: u64,
    bytes: u64,
}

impl Scan {
    /// Scans `inputs` as the command without options does.
    pub(super) fn plain(registry: PathBuf, inputs: Vec<PathBuf>, output: PathBuf) -> Self {
        let settings = Settings::default();
        Self {
            registry,
            inputs,
            output: Some(output),
            format: None,
            max_evalue: settings.max_evalue,
            min_words: settings.min_words,
            verbatim: false,
            no_quote: false,
            strict: true,
            threads: None,
            map: false,
            meaning: false,
            max_meaning_evalue: settings.max_meaning_evalue,
            among: Among::default(),
            files: ModelFiles::default(),
            trust: Trusted::default(),
            max_line: size(MAX_LINE).expect("the default is a size"),
        }
    }

    pub(crate) fn run(mut self) -> Result<u8> {
        if self.inputs.is_empty() {
            self.inputs.push("-".into());
        }
        let sources = resolve(&self.inputs, Stdin::LinesOrText, outputs::text_name)?;
        if let Some(threads) = self.threads {
            // Fails only where a pool is there already, and then its size is as good as any.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
        }
        let mut sink = self.sink()?;
        let registry =
            Registry::options().mapped(self.map).trust(self.trust.trust()?).open(&self.registry)?;
        tell_seal(&registry);
        let scanner = self.scanner(registry)?;
        let progress = Progress::new("scanning", sources.iter().map(|s| s.bytes()).sum());
        let mut notes = Notes::new(&progress);
        let (chunks, reader) = feed::start(sources, self.max_line, progress.counter());
        let tally = std::thread::scope(|scope| {
            let (sender, scanned) = sync_channel(2);
            let (sink, notes, strict) = (&mut sink, &mut notes, self.strict);
            let writer = scope.spawn(move || write(scanned, sink.as_mut(), notes, strict));
            let mut failure = Ok(());
            for chunk in chunks {
                progress.tick();
                match scan(&scanner, chunk).map(|scanned| sender.send(scanned)) {
                    Ok(Ok(())) => {}
                    // The writer is gone: it says why below.
                    Ok(Err(_)) => break,
                    Err(e) => {
                        failure = Err(e);
                        break;
                    }
                }
            }
            drop(sender);
            let tally = writer.join().map_err(|_| anyhow!("the writer of the report failed"))??;
            failure.map(|()| tally)
        })?;
        reader.join().map_err(|_| anyhow!("the reader of the input failed; no report was written"))?;
        progress.finish();
        notes.print_counts();
        if tally.outputs == 0 {
            bail!("there was nothing to scan in the input; no report was written");
        }
        sink.finish()?;
        tally.print(&progress);
        Ok(if tally.matches + tally.paraphrases > 0 { FOUND } else { NOTHING })
    }

    fn scanner(&self, registry: Registry) -> Result<Scanner> {
        if !self.meaning {
            if self.among.is_given() {
                bail!("--among says where to search by meaning: give --meaning, too");
            }
            return Ok(Scanner::new(registry, self.settings()));
        }
        let meaning = registry.meaning()?;
        if meaning.missing() > 0 {
            eprintln!(
                "{} without vectors are not looked for by meaning: run `nagalm embed`",
                count(meaning.missing() as u64, "work", "works")
            );
        }
        let embedder = self.files.load(&meaning.model().name)?;
        let meaning = self.among.of(&registry, meaning)?;
        Ok(Scanner::by_meaning(registry, self.settings(), meaning, embedder)?)
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.max_evalue = self.max_evalue;
        settings.min_words = self.min_words;
        settings.verbatim_only = self.verbatim;
        settings.quote = !self.no_quote;
        settings.offset_unit = OffsetUnit::CodePoint;
        // What is written to a file is a record.
        settings.always_hash = true;
        settings.max_meaning_evalue = self.max_meaning_evalue;
        settings
    }

    fn sink(&self) -> Result<Box<dyn ReportSink>> {
        let path = self.output.as_deref().unwrap_or(Path::new("-"));
        if path.as_os_str() != "-" {
            let format = self.format.map_or_else(|| Format::of(path), Ok)?;
            return sink(path, format);
        }
        match self.format {
            None if std::io::stdout().is_terminal() => Ok(Box::new(TerminalReports::new(false))),
            format => sink(path, format.unwrap_or(Format::Jsonl)),
        }
    }
}

/// Parses and scans a chunk on all cores, in order.
fn scan(scanner: &Scanner, chunk: Vec<Record>) -> Result<Vec<Scanned>> {
    let parsed: Vec<_> = chunk.into_par_iter().map(outputs::output).collect();
    let mut places = Vec::with_capacity(parsed.len());
    let mut texts = Vec::with_capacity(parsed.len());
    for parsed in parsed {
        match parsed {
            Ok((place, output)) => {
                places.push(Ok(place));
                texts.push(output);
            }
            Err((place, problem)) => places.push(Err(Scanned::Refused(place, problem))),
        }
    }
    let mut reports = scanner.scan_batch(&texts).into_iter().zip(&texts);
    let mut scanned = Vec::with_capacity(places.len());
    for place in places {
        scanned.push(match place {
            Err(refused) => refused,
            Ok(place) => {
                let (report, output) = reports.next().ok_or_else(|| anyhow!("an output has no report"))?;
                let (bytes, blank) = (output.text.len(), output.text.trim().is_empty());
                Scanned::Report { place, report: Box::new(report?), bytes, blank }
            }
        });
    }
    Ok(scanned)
}

/// Writes what was scanned, in order, and counts it.
fn write(
    scanned: Receiver<Vec<Scanned>>,
    sink: &mut dyn ReportSink,
    notes: &mut Notes<'_>,
    strict: bool,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut identifiers = Identifiers::default();
    for scanned in scanned.into_iter().flatten() {
        match scanned {
            Scanned::Refused(place, problem) if strict => {
                bail!("{place}: {}; no report was written (--strict)", problem.message);
            }
            Scanned::Refused(place, problem) => {
                tally.skipped += 1;
                notes.error(&place, &problem);
            }
            Scanned::Report { place, report, bytes, blank } => {
                if blank {
                    notes.warning(&place, "empty text", "the text is empty");
                }
                if let Some(before) = identifiers.insert(&report.id, &place) {
                    let message = format!("id {:?} stands at {before} too", report.id);
                    notes.warning(&place, "id twice in the input", &message);
                }
                if !report.complete {
                    let message = "not all of this output was searched; the report says which part";
                    notes.warning(&place, "not complete", message);
                }
                tally.count(&report, bytes);
                sink.write(&report)?;
            }
        }
    }
    Ok(tally)
}

impl Tally {
    fn count(&mut self, report: &Report, bytes: usize) {
        self.outputs += 1;
        self.with_matches += u64::from(report.match_count() > 0);
        self.matches += report.match_count() as u64;
        self.leads += report.sealed.as_ref().map_or(0, |sealed| sealed.leads.len()) as u64;
        self.paraphrases += report.paraphrase_count() as u64;
        self.incomplete += u64::from(!report.complete);
        self.bytes += bytes as u64;
    }

    fn print(&self, progress: &Progress) {
        let seconds = progress.elapsed().as_secs_f64();
        let megabytes = self.bytes as f64 / 1e6;
        let skipped = match self.skipped {
            0 => "no rows skipped".to_owned(),
            n => format!("{} SKIPPED (not scanned)", count(n, "row", "rows").to_uppercase()),
        };
        // A rate over less than this would be one of the registry's opening.
        let rate = if megabytes < 1.0 { String::new() } else { format!(", {:.0} MB/s", megabytes / seconds) };
        let leads = match self.leads {
            0 => String::new(),
            n => format!(", {}", count(n, "lead", "leads")),
        };
        let paraphrases = match self.paraphrases {
            0 => String::new(),
            n => format!(", {}", count(n, "paraphrase", "paraphrases")),
        };
        progress.print(&format!(
            "{} scanned, {} with matches ({}){leads}{paraphrases}, {} incomplete, {skipped}; {megabytes:.2} MB in {seconds:.1} s{rate}",
            count(self.outputs, "output", "outputs"),
            thousands(self.with_matches),
            count(self.matches, "match", "matches"),
            thousands(self.incomplete),
        ));
    }
}
