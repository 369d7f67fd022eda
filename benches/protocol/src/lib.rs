//! The protocol between the runner of `nagalm-bench compare` and the engines that it compares, and the Rust engines' side of it:
//! an [`Engine`] is built and scans, [`serve`] does the rest. `benches/README.md` describes the files.

mod clock;
mod files;

use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
pub use clock::{Seconds, resident_bytes};
pub use files::{Figures, Found, PROTOCOL_FILES, ProtocolFiles, Text, read_lines, write_lines};

/// Rounds that the outputs are scanned in; the best counts.
const ROUNDS: usize = 3;
/// Seconds after which no further round begins.
const LONGEST: f64 = 20.0;

/// What can look for works in a text.
pub trait Engine {
    /// Adds what stands in `text` to `matches`.
    ///
    /// # Errors
    /// Where the engine fails; the comparison ends there for this engine.
    fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()>;

    /// Bytes of the index beside the works' texts, where the engine can count them. Otherwise the growth of the resident set
    /// while building is taken.
    fn index_bytes(&self) -> Option<u64> {
        None
    }
}

/// What an engine found. Spans are bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Identifier of the work.
    pub work: String,
    /// Where in the output, if the engine says so.
    pub output: Option<Range<usize>>,
    /// Where in the work, if the engine says so.
    pub source: Option<Range<usize>>,
    /// Other works that the engine names for the same place.
    pub also_in: Vec<String>,
}

/// Plays an engine's part: reads `folder`, builds, scans on this thread, writes what was found and how long it took.
///
/// # Errors
/// Where a file cannot be read or written, or the engine fails.
pub fn serve<E: Engine>(
    folder: &Path,
    build: impl FnOnce(Vec<Text>) -> anyhow::Result<E>,
) -> anyhow::Result<()> {
    let works: Vec<Text> = read_lines(&folder.join(PROTOCOL_FILES.works))?;
    let outputs: Vec<Text> = read_lines(&folder.join(PROTOCOL_FILES.outputs))?;
    let planted: Vec<Text> = read_lines(&folder.join(PROTOCOL_FILES.planted))?;
    let sources: std::collections::HashMap<String, String> =
        works.iter().map(|work| (work.id.clone(), work.text.clone())).collect();

    let resident = resident_bytes();
    let start = Seconds::now();
    let mut engine = build(works).context("building")?;
    let build = start.since();
    let index_bytes = engine.index_bytes().unwrap_or_else(|| resident_bytes().saturating_sub(resident));

    let mut scan_all = |texts: &[Text]| -> anyhow::Result<(Seconds, Vec<Vec<Match>>)> {
        let start = Seconds::now();
        let mut found = Vec::with_capacity(texts.len());
        for text in texts {
            let mut matches = Vec::new();
            engine.scan(&text.text, &mut matches).with_context(|| format!("scanning `{}`", text.id))?;
            found.push(matches);
        }
        Ok((start.since(), found))
    };
    let (mut best, in_outputs) = scan_all(&outputs)?;
    let (mut rounds, mut spent) = (1, best.wall);
    while rounds < ROUNDS && spent + best.wall < LONGEST {
        let (round, _) = scan_all(&outputs)?;
        rounds += 1;
        spent += round.wall;
        best = best.better(round);
    }
    let (_, in_planted) = scan_all(&planted)?;

    let found = outputs.iter().zip(in_outputs).chain(planted.iter().zip(in_planted));
    let found = found.flat_map(|(output, matches)| {
        let sources = &sources;
        matches.into_iter().map(move |found| found.into_line(output, sources))
    });
    write_lines(&folder.join(PROTOCOL_FILES.found), found)?;
    let figures = Figures {
        build_seconds: build.wall,
        build_cpu_seconds: build.cpu,
        scan_seconds: best.wall,
        scan_cpu_seconds: best.cpu,
        rounds,
        index_bytes,
    };
    write_lines(&folder.join(PROTOCOL_FILES.figures), [figures])
}

impl Match {
    /// As the protocol has it: spans in code points.
    fn into_line(self, output: &Text, sources: &std::collections::HashMap<String, String>) -> Found {
        let points = |text: &str, span: Range<usize>| {
            let at = |byte: usize| text.get(..byte).map_or(usize::MAX, |before| before.chars().count());
            [at(span.start), at(span.end)]
        };
        let source = sources.get(&self.work);
        Found {
            output: output.id.clone(),
            output_span: self.output.map(|span| points(&output.text, span)),
            source_span: self.source.zip(source).map(|(span, text)| points(text, span)),
            work: self.work,
            also_in: self.also_in,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds a work where it stands as a whole.
    struct Whole(Vec<Text>);

    impl Engine for Whole {
        fn scan(&mut self, text: &str, matches: &mut Vec<Match>) -> anyhow::Result<()> {
            for work in &self.0 {
                if let Some(start) = text.find(&work.text) {
                    let (output, source) = (start..start + work.text.len(), 0..work.text.len());
                    let (output, source) = (Some(output), Some(source));
                    matches.push(Match { work: work.id.clone(), output, source, also_in: Vec::new() });
                }
            }
            Ok(())
        }
    }

    #[test]
    fn an_engine_reads_builds_scans_and_writes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, id: &str, text: &str| {
            write_lines(&folder.path().join(name), [Text { id: id.into(), text: text.into() }]).unwrap();
        };
        write(PROTOCOL_FILES.works, "w", "wör");
        write(PROTOCOL_FILES.outputs, "o", "ä wör");
        write(PROTOCOL_FILES.planted, "p", "nichts");
        serve(folder.path(), |works| Ok(Whole(works))).unwrap();
        let found: Vec<Found> = read_lines(&folder.path().join(PROTOCOL_FILES.found)).unwrap();
        let figures: Vec<Figures> = read_lines(&folder.path().join(PROTOCOL_FILES.figures)).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].output_span, found[0].source_span), (Some([2, 5]), Some([0, 3])));
        assert_eq!(figures[0].rounds, ROUNDS);
    }
}
