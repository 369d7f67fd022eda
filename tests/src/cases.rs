//! The suite's cases: what goes in, and what must come out, in every surface that the project has.
//!
//! They stand in `tests/cases/*.toml`, so that the core, the command line, Python and the browser read the same ones:
//!
//! ```toml
//! [[case]]
//! name = "unique among all files"
//! why = "what this case is there for"
//! output = "the text to scan"
//! # Passages that must lie within matches, however many these are. Instead of, or beside, the exact `matches`.
//! covered = ["a passage of the output"]
//! # Passages that no match may touch.
//! clear = ["another passage"]
//! # Nothing may be reported: `matches = []`.
//!
//! [[case.works]]        # the registry
//! id = "a"
//! title = "optional"
//! text = "the work's text"
//!
//! [[case.matches]]      # all matches, in order; none may be missing, none may be more
//! work = "a"
//! text = "exactly what the match's span in the output holds"
//! source = "exactly what its span in the work holds"     # optional, as are all that follow
//! kind = "verbatim"
//! also_in = ["b"]
//! tie = true            # `work` and `also_in` are equally good: any of them may come first
//! min_bits = 60.0
//! tricks = ["homoglyphs"]       # all that are named, in the report's order
//! ```
//!
//! Where a passage stands more than once in the output, the matches take its places in order.

use std::fmt::Write as _;

use nagalm::report::{Match, MatchKind, OffsetUnit, Span, Trick};
use nagalm::{Output, Registry, Report, Settings, Work};
use serde::Deserialize;

use crate::workspace_root;

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique among all cases.
    pub name: String,
    /// What it is there for.
    pub why: String,
    /// The registry.
    pub works: Vec<CaseWork>,
    /// The text to scan.
    pub output: String,
    /// All matches, in order, where the case says exactly.
    pub matches: Option<Vec<Expected>>,
    /// Passages that lie within matches.
    #[serde(default)]
    pub covered: Vec<String>,
    /// Passages that no match touches.
    #[serde(default)]
    pub clear: Vec<String>,
}

/// A work of a case's registry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseWork {
    /// Becomes `work_id`.
    pub id: String,
    /// Title, if it has one.
    pub title: Option<String>,
    /// The text.
    pub text: String,
}

/// A match that is expected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The work that comes first.
    pub work: String,
    /// What the span in the output holds.
    pub text: String,
    /// What the span in the work holds.
    pub source: Option<String>,
    /// Verbatim or near-verbatim.
    pub kind: Option<MatchKind>,
    /// All other works that are named, in any order.
    pub also_in: Option<Vec<String>>,
    /// Whether `work` and `also_in` are equally good.
    #[serde(default)]
    pub tie: bool,
    /// The least evidence.
    pub min_bits: Option<f64>,
    /// All tricks that are named.
    pub tricks: Option<Vec<Trick>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// All cases of `tests/cases`, file by file in the order of names.
///
/// # Panics
/// Where a file is not in the form above, two cases have one name, or a case expects a passage that its texts do not hold.
#[must_use]
pub fn all() -> Vec<Case> {
    let folder = workspace_root().join("tests/cases");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .expect("tests/cases is there")
        .map(|entry| entry.expect("tests/cases can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    paths.sort();
    let mut cases: Vec<Case> = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a case file is UTF-8");
        let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for case in file.case {
            assert!(
                cases.iter().all(|c| c.name != case.name),
                "{}: {:?} is there twice",
                path.display(),
                case.name
            );
            case.check_itself();
            cases.push(case);
        }
    }
    cases
}

impl Case {
    /// The case's registry, in memory.
    ///
    /// # Panics
    /// Where the library refuses the works.
    #[must_use]
    pub fn registry(&self) -> Registry {
        Registry::from_works(self.registered()).unwrap_or_else(|e| panic!("{:?}: {e}", self.name))
    }

    /// The case's works in the library's form.
    #[must_use]
    pub fn registered(&self) -> Vec<Work> {
        let work = |w: &CaseWork| Work {
            work_id: w.id.clone(),
            title: w.title.clone(),
            text: w.text.clone(),
            ..Work::default()
        };
        self.works.iter().map(work).collect()
    }

    /// The case's output in the library's form, with the case's name as identifier.
    #[must_use]
    pub fn scanned(&self) -> Output {
        Output { id: self.name.clone(), text: self.output.clone(), ..Output::default() }
    }

    /// Settings as every surface has them by default, offsets in bytes.
    #[must_use]
    pub fn settings() -> Settings {
        let mut settings = Settings::default();
        settings.offset_unit = OffsetUnit::Byte;
        // As the command line does.
        settings.always_hash = true;
        settings
    }

    /// Everything in `report` (offsets in bytes) that is not as the case expects, one line each; empty where all is well.
    #[must_use]
    pub fn problems(&self, report: &Report) -> Vec<String> {
        let mut problems = Vec::new();
        if !report.complete {
            problems.push("the scan was not complete".into());
        }
        if let Some(expected) = &self.matches {
            self.compare(expected, &report.matches, &mut problems);
        }
        for passage in &self.covered {
            let span = place(&self.output, passage, 0).expect("checked when loaded");
            let mut uncovered = span.start;
            for found in &report.matches {
                if found.output.start <= uncovered {
                    uncovered = uncovered.max(found.output.end);
                }
                // Between two matches only white space and signs may be left over.
                while let Some(c) = self.output[uncovered..].chars().next().filter(|c| !c.is_alphanumeric()) {
                    uncovered += c.len_utf8();
                }
            }
            if uncovered < span.end {
                problems.push(format!("not covered from {:?}", &self.output[uncovered..span.end]));
            }
        }
        for passage in &self.clear {
            let span = place(&self.output, passage, 0).expect("checked when loaded");
            let touches = |m: &&Match| m.output.start < span.end && span.start < m.output.end;
            if report.matches.iter().any(|m| touches(&m)) {
                problems.push(format!("a match touches {passage:?}"));
            }
        }
        if !problems.is_empty() {
            let mut found = String::from("found:");
            for m in &report.matches {
                let text = &self.output[m.output.start..m.output.end];
                let _ = write!(
                    found,
                    "\n      {} {:?} {:.1} bits, E {:.1e}, also in {:?}, {:?}: {text:?}",
                    m.work_id, m.kind, m.bits, m.evalue, m.also_in, m.tricks
                );
            }
            problems.push(found);
        }
        problems
    }

    fn compare(&self, expected: &[Expected], found: &[Match], problems: &mut Vec<String>) {
        if expected.len() != found.len() {
            problems.push(format!("{} matches expected, {} found", expected.len(), found.len()));
        }
        let mut from = 0;
        for (expected, found) in expected.iter().zip(found) {
            let span = place(&self.output, &expected.text, from).expect("checked when loaded");
            from = span.end;
            if found.output != span {
                problems.push(format!("expected in the output: {:?}", expected.text));
            }
            self.compare_works(expected, found, problems);
            if let Some(source) = &expected.source {
                let work =
                    self.works.iter().find(|w| w.id == found.work_id).expect("works of this registry only");
                if work.text.get(found.source.start..found.source.end) != Some(source) {
                    let is = work.text.get(found.source.start..found.source.end);
                    problems.push(format!("expected in the work: {source:?}, found: {is:?}"));
                }
            }
            if expected.kind.is_some_and(|kind| kind != found.kind) {
                problems.push(format!("expected {:?}: {:?}", expected.kind, expected.text));
            }
            if expected.tricks.as_ref().is_some_and(|tricks| *tricks != found.tricks) {
                problems.push(format!("expected tricks {:?}, found {:?}", expected.tricks, found.tricks));
            }
            if expected.min_bits.is_some_and(|bits| found.bits < bits) {
                problems
                    .push(format!("expected {:?} bits or more, found {:.1}", expected.min_bits, found.bits));
            }
        }
    }

    fn compare_works(&self, expected: &Expected, found: &Match, problems: &mut Vec<String>) {
        if !expected.tie && found.work_id != expected.work {
            problems.push(format!("expected work {:?}, found {:?}", expected.work, found.work_id));
        }
        if let Some(also_in) = &expected.also_in {
            let sorted = |first: &String, others: &[String]| {
                let mut all: Vec<String> = std::iter::once(first).chain(others).cloned().collect();
                all.sort();
                all
            };
            if sorted(&expected.work, also_in) != sorted(&found.work_id, &found.also_in) {
                problems.push(format!("expected {:?} and also in {also_in:?}", expected.work));
            }
        }
    }

    /// A case that expects what cannot be there tests nothing.
    fn check_itself(&self) {
        let name = &self.name;
        assert!(
            self.matches.is_some() || !self.covered.is_empty(),
            "{name:?} expects nothing: say `matches = []` where nothing may be reported"
        );
        let mut from = 0;
        for expected in self.matches.iter().flatten() {
            let work = self.works.iter().find(|w| w.id == expected.work);
            let work = work.unwrap_or_else(|| panic!("{name:?}: no work {:?}", expected.work));
            from = place(&self.output, &expected.text, from)
                .unwrap_or_else(|| panic!("{name:?}: the output has no {:?}", expected.text))
                .end;
            let source = expected.source.as_deref().unwrap_or_default();
            assert!(work.text.contains(source), "{name:?}: the work has no {source:?}");
        }
        for passage in self.covered.iter().chain(&self.clear) {
            assert!(self.output.contains(passage.as_str()), "{name:?}: the output has no {passage:?}");
        }
    }
}

fn place(text: &str, passage: &str, from: usize) -> Option<Span> {
    let start = from + text[from..].find(passage)?;
    Some(Span { start, end: start + passage.len() })
}
