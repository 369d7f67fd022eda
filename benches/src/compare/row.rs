//! A line of the table.

use nagalm_engine_protocol::Figures;
use serde::Serialize;

use super::engine::Call;
use super::sample::Sample;
use super::score::Score;
use crate::definition::{Definition, Floors};
use crate::table::share;
use crate::workload::Workload;

/// The figures of one call. Speeds are megabytes per second of processor time.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Why there are no figures.
    pub(crate) missing: Option<String>,
    pub(crate) outputs: usize,
    pub(crate) works: usize,
    /// Works of the workload over works that were registered: above 1 for what compares pair by pair.
    pub(crate) part: f64,
    pub(crate) build_speed: Option<f64>,
    pub(crate) index_bytes_per_character: f64,
    pub(crate) peak_megabytes: f64,
    /// Against all works of the workload.
    pub(crate) scan_speed: Option<f64>,
    /// The same by the clock on the wall.
    pub(crate) scan_speed_on_the_wall: f64,
    pub(crate) rounds: usize,
    pub(crate) recall_by_level: Vec<f64>,
    pub(crate) recall_by_length: Vec<f64>,
    /// In percent of the unplanted outputs without a real copy.
    pub(crate) false_alarms: Option<f64>,
    /// In percent of all unplanted outputs.
    pub(crate) reported: Option<f64>,
    pub(crate) overlap: Option<f64>,
    pub(crate) precision: Option<f64>,
    pub(crate) granularity: Option<f64>,
    pub(crate) plagdet: Option<f64>,
    /// `ok`, `BELOW` or `WRONG`; nothing where nothing is asked.
    pub(crate) verdict: &'static str,
    /// What is wrong.
    pub(crate) notes: Vec<String>,
}

/// The names of the columns.
pub(crate) fn header(levels: &str, lengths: &str) -> Vec<String> {
    [
        "engine",
        "outputs",
        "works",
        "build MB/s",
        "index B/char",
        "peak MB",
        "scan MB/s",
        "to nagalm",
        &format!("recall % at {levels}% edited"),
        &format!("at {lengths} characters"),
        "false alarms %",
        "overlap %",
        "precision %",
        "granularity",
        "plagdet",
        "",
    ]
    .map(str::to_owned)
    .into()
}

impl Row {
    pub(crate) fn new(
        call: &Call,
        workload: &Workload,
        definition: &Definition,
        sample: &Sample,
        figures: &Figures,
        peak_bytes: u64,
        score: &Score,
    ) -> Self {
        let part = workload.works.len() as f64 / sample.works.len().max(1) as f64;
        let speed = |bytes: usize, seconds: f64| bytes as f64 / 1e6 / seconds.max(1e-9);
        let scanned = sample.output_bytes(workload);
        let percents = |counts: &[(usize, usize)]| -> Vec<f64> {
            let planted = counts.iter().any(|(_, all)| *all > 0);
            if planted { counts.iter().map(|&(found, all)| share(found, all)).collect() } else { Vec::new() }
        };
        let of_all = |(some, all): (usize, usize)| (all > 0 && part == 1.0).then(|| share(some, all));
        let plagdet = score.plagdet.as_ref();
        let mut row = Self {
            name: call.name.clone(),
            outputs: sample.outputs.len() + sample.planted.len(),
            works: sample.works.len(),
            part,
            // What takes no time builds nothing.
            build_speed: (figures.build_cpu_seconds > 1e-3)
                .then(|| speed(sample.work_bytes(workload), figures.build_cpu_seconds)),
            index_bytes_per_character: figures.index_bytes as f64
                / sample.work_characters(workload).max(1) as f64,
            peak_megabytes: peak_bytes as f64 / 1e6,
            scan_speed: (scanned > 0).then(|| speed(scanned, figures.scan_cpu_seconds) / part),
            scan_speed_on_the_wall: speed(scanned, figures.scan_seconds) / part,
            rounds: figures.rounds,
            recall_by_level: percents(&score.by_level),
            recall_by_length: percents(&score.by_length),
            false_alarms: of_all(score.alarms),
            reported: of_all(score.reported),
            overlap: score.overlap.map(|overlap| 100.0 * overlap),
            precision: plagdet.map(|p| 100.0 * p.precision()),
            granularity: plagdet.map(|p| p.granularity()),
            plagdet: plagdet.map(|p| p.score()),
            ..Self::default()
        };
        if call.name == "nagalm" && !definition.floors.are_none() {
            row.hold_to(&definition.floors);
        }
        row.add_wrong("contradicts the texts", &score.wrong);
        row
    }

    /// A line without figures. What is ours must not be missing.
    pub(crate) fn missing(name: &str, reason: &str, is_ours: bool) -> Self {
        let verdict = if is_ours { WRONG } else { "" };
        Self { name: name.to_owned(), missing: Some(reason.to_owned()), verdict, ..Self::default() }
    }

    /// Whether the run must fail.
    pub(crate) fn failed(&self) -> bool {
        [WRONG, BELOW].contains(&self.verdict)
    }

    /// Notes wrong answers, if there are any.
    pub(crate) fn add_wrong(&mut self, what: &str, wrong: &[String]) {
        if let Some(first) = wrong.first() {
            self.verdict = WRONG;
            self.notes.push(format!("WRONG, {what} {} times, first: {first}", wrong.len()));
        }
    }

    fn hold_to(&mut self, floors: &Floors) {
        let mut below = Vec::new();
        for (level, (measured, least)) in self.recall_by_level.iter().zip(&floors.recall).enumerate() {
            if measured < least {
                below.push(format!("recall {measured:.2}% at level {level}, {least}% asked"));
            }
        }
        if let (Some(measured), Some(least)) = (self.overlap, floors.overlap)
            && measured < least
        {
            below.push(format!("overlap {measured:.2}%, {least}% asked"));
        }
        if let (Some(measured), Some(most)) = (self.false_alarms, floors.false_alarms)
            && measured > most
        {
            below.push(format!("false alarms {measured:.2}%, at most {most}% asked"));
        }
        self.verdict = if below.is_empty() { "ok" } else { BELOW };
        self.notes.extend(below.into_iter().map(|note| format!("BELOW: {note}")));
    }

    /// The cells of the line; `ours` is nagalm's speed.
    pub(crate) fn cells(&self, ours: Option<f64>) -> Vec<String> {
        if let Some(reason) = &self.missing {
            let mut cells = vec![self.name.clone(), format!("missing: {reason}")];
            cells.resize(15, String::new());
            cells.push(self.verdict.to_owned());
            return cells;
        }
        let or_dash = |value: Option<String>| value.unwrap_or_else(|| "–".into());
        // What is worked out for all works, from some.
        let about = if self.part > 1.0 { "~" } else { "" };
        let joined = |values: &[f64]| {
            let values: Vec<String> = values.iter().map(|value| format!("{value:.1}")).collect();
            if values.is_empty() { "–".into() } else { values.join("/") }
        };
        vec![
            self.name.clone(),
            self.outputs.to_string(),
            self.works.to_string(),
            or_dash(self.build_speed.map(significant)),
            format!("{:.2}", self.index_bytes_per_character),
            format!("{:.0}", self.peak_megabytes),
            or_dash(self.scan_speed.map(|speed| format!("{about}{}", significant(speed)))),
            or_dash(
                self.scan_speed
                    .zip(ours)
                    .map(|(speed, ours)| format!("{about}{}", significant(speed / ours))),
            ),
            joined(&self.recall_by_level),
            joined(&self.recall_by_length),
            or_dash(self.false_alarms.map(|share| format!("{share:.2}"))),
            or_dash(self.overlap.map(|share| format!("{share:.1}"))),
            or_dash(self.precision.map(|share| format!("{share:.1}"))),
            or_dash(self.granularity.map(|mean| format!("{mean:.2}"))),
            or_dash(self.plagdet.map(|score| format!("{score:.3}"))),
            self.verdict.to_owned(),
        ]
    }
}

const WRONG: &str = "WRONG";
const BELOW: &str = "BELOW";

/// Three significant digits, without an exponent down to a thousandth.
fn significant(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v if v >= 1.0 => format!("{v:.2}"),
        v if v >= 0.001 => format!("{v:.4}"),
        v => format!("{v:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let told: Vec<String> = [123.4, 12.34, 1.234, 0.1234, 0.00001234].map(significant).into();
        assert_eq!(told, ["123", "12.3", "1.23", "0.1234", "1.2e-5"]);
    }

    #[test]
    fn a_missed_floor_and_a_wrong_answer_fail() {
        let floors = Floors { recall: vec![99.0], overlap: None, false_alarms: Some(1.0) };
        let mut row = Row { recall_by_level: vec![99.0], false_alarms: Some(1.0), ..Row::default() };
        row.hold_to(&floors);
        assert!(!row.failed() && row.verdict == "ok");
        row.recall_by_level = vec![98.9];
        row.hold_to(&floors);
        assert!(row.failed() && row.notes.len() == 1);
        let mut row = Row::default();
        row.add_wrong("is wrong", &[]);
        assert!(!row.failed());
        row.add_wrong("is wrong", &["here".into()]);
        assert!(row.failed());
        assert!(
            !Row::missing("peer", "gone", false).failed() && Row::missing("nagalm", "gone", true).failed()
        );
    }
}
