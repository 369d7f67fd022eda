//! The one table that a run prints.

use std::fmt::Write as _;

/// What a line of the table says about its measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The floor is reached.
    Ok,
    /// The floor is not reached.
    Below,
    /// An answer was wrong, whatever the figure.
    Wrong,
    /// A figure without a floor.
    Told,
    /// It could not be measured.
    Skipped,
    /// A reader has yet to say.
    Open,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Below => "BELOW",
            Self::Wrong => "WRONG",
            Self::Told => "",
            Self::Skipped => "SKIPPED",
            Self::Open => "OPEN",
        }
    }
}

struct Row {
    set: &'static str,
    measure: String,
    asked: String,
    measured: String,
    verdict: Verdict,
}

/// Rows in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    fn push(&mut self, set: &'static str, measure: &str, asked: &str, measured: String, verdict: Verdict) {
        self.rows.push(Row { set, measure: measure.into(), asked: asked.into(), measured, verdict });
    }

    /// A measure with a floor or a ceiling: `holds` says whether it is kept.
    pub(crate) fn floor(
        &mut self,
        set: &'static str,
        measure: &str,
        asked: &str,
        measured: String,
        holds: bool,
    ) {
        self.push(set, measure, asked, measured, if holds { Verdict::Ok } else { Verdict::Below });
    }

    /// A measure whose floor may not be decided yet.
    pub(crate) fn decided(
        &mut self,
        set: &'static str,
        measure: &str,
        asked: &str,
        measured: String,
        verdict: Verdict,
    ) {
        self.push(set, measure, asked, measured, verdict);
    }

    /// A figure that nothing is asked of.
    pub(crate) fn tell(&mut self, set: &'static str, measure: &str, measured: String) {
        self.push(set, measure, "", measured, Verdict::Told);
    }

    /// How many reports contradicted themselves or the texts: none may.
    pub(crate) fn answers(&mut self, set: &'static str, scanned: usize, wrong: usize) {
        self.wrong(set, "reports that contradict the texts", scanned, wrong);
    }

    /// How many of so many were wrong: none may.
    pub(crate) fn wrong(&mut self, set: &'static str, measure: &str, all: usize, wrong: usize) {
        let verdict = if wrong == 0 { Verdict::Ok } else { Verdict::Wrong };
        self.push(set, measure, "0", format!("{wrong} of {all}"), verdict);
    }

    /// A set, or a measure, that could not be taken, and why.
    pub(crate) fn skip(&mut self, set: &'static str, why: &str) {
        self.push(set, why, "", String::new(), Verdict::Skipped);
    }

    /// Whether no floor was missed and no answer was wrong.
    pub(crate) fn passed(&self) -> bool {
        !self.rows.iter().any(|r| matches!(r.verdict, Verdict::Below | Verdict::Wrong))
    }

    /// The table as text, with columns aligned; it is also a Markdown table.
    pub(crate) fn render(&self) -> String {
        let header = ["set", "measure", "asked", "measured", ""];
        let cells: Vec<[&str; 5]> =
            self.rows.iter().map(|r| [r.set, &r.measure, &r.asked, &r.measured, r.verdict.word()]).collect();
        aligned(&header, &cells)
    }
}

/// A Markdown table with columns aligned.
pub(crate) fn aligned<Cell: AsRef<str>, Line: AsRef<[Cell]>>(
    header: &[impl AsRef<str>],
    rows: &[Line],
) -> String {
    let mut widths: Vec<usize> = header.iter().map(|name| name.as_ref().chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.as_ref()) {
            *width = (*width).max(cell.as_ref().chars().count());
        }
    }
    let mut text = String::new();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        for (cell, width) in cells.zip(&widths) {
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
    };
    line(&mut header.iter().map(AsRef::as_ref));
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    line(&mut rules.iter().map(String::as_str));
    for row in rows {
        line(&mut row.as_ref().iter().map(AsRef::as_ref));
    }
    text
}

/// `part` of `whole` as a percentage with its counts.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "none to measure".into();
    }
    format!("{:.2}% ({part}/{whole})", share(part, whole))
}

/// `part` of `whole` in percent; 0 where there is nothing.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}
