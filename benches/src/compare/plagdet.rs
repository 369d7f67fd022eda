//! The measures of PAN's plagiarism detection task: macro-averaged precision and recall, granularity, plagdet.
//!
//! After Potthast, Stein, Barrón-Cedeño and Rosso: An Evaluation Framework for Plagiarism Detection, COLING 2010. A case s
//! is its characters in the output together with its characters in the work, and so is a detection r. r detects s if they
//! share characters on both sides. Then
//!
//! - recall: the mean, over cases, of the share of the case's characters that its detections cover;
//! - precision: the mean, over detections, of the share of the detection's characters that the cases it detects cover;
//! - granularity: the mean number of detections of the detected cases;
//! - plagdet = F1(precision, recall) / log2(1 + granularity).

use std::ops::Range;

/// A passage on both sides: a case, or what was detected of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) output: Range<usize>,
    pub(crate) source: Range<usize>,
}

impl Pair {
    fn characters(&self) -> usize {
        self.output.len() + self.source.len()
    }

    /// What both have in common, if it is something on both sides.
    fn shared(&self, other: &Self) -> Option<Self> {
        let (output, source) = (common(&self.output, &other.output), common(&self.source, &other.source));
        (!output.is_empty() && !source.is_empty()).then_some(Self { output, source })
    }
}

fn common(one: &Range<usize>, other: &Range<usize>) -> Range<usize> {
    let start = one.start.max(other.start);
    start..one.end.min(other.end).max(start)
}

/// Sums over the cases and detections seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plagdet {
    cases: usize,
    recalled: f64,
    detected: usize,
    detections_of_cases: usize,
    detections: usize,
    precise: f64,
}

impl Plagdet {
    /// Adds an output with at most one case: `detections` are those whose source side is in the case's work, `others` counts
    /// those in other works.
    pub(crate) fn add(&mut self, case: Option<&Pair>, detections: &[Pair], others: usize) {
        self.detections += detections.len() + others;
        let Some(case) = case else { return };
        self.cases += 1;
        let mut shared = Vec::new();
        for detection in detections {
            if let Some(pair) = case.shared(detection) {
                self.precise += pair.characters() as f64 / detection.characters() as f64;
                shared.push(pair);
            }
        }
        if shared.is_empty() {
            return;
        }
        self.detected += 1;
        self.detections_of_cases += shared.len();
        let covered = union(shared.iter().map(|pair| pair.output.clone()))
            + union(shared.iter().map(|pair| pair.source.clone()));
        self.recalled += covered as f64 / case.characters() as f64;
    }

    pub(crate) fn recall(&self) -> f64 {
        self.recalled / self.cases.max(1) as f64
    }

    pub(crate) fn precision(&self) -> f64 {
        self.precise / self.detections.max(1) as f64
    }

    /// At least 1; 1 where nothing was detected.
    pub(crate) fn granularity(&self) -> f64 {
        if self.detected == 0 { 1.0 } else { self.detections_of_cases as f64 / self.detected as f64 }
    }

    pub(crate) fn score(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 {
            return 0.0;
        }
        2.0 * precision * recall / (precision + recall) / (1.0 + self.granularity()).log2()
    }
}

/// How much the ranges cover together.
fn union(ranges: impl Iterator<Item = Range<usize>>) -> usize {
    let mut ranges: Vec<Range<usize>> = ranges.collect();
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut covered, mut end) = (0, 0);
    for range in ranges {
        let start = range.start.max(end);
        covered += range.end.saturating_sub(start);
        end = end.max(range.end);
    }
    covered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(output: Range<usize>, source: Range<usize>) -> Pair {
        Pair { output, source }
    }

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-12, "{one} and {other}");
    }

    #[test]
    fn a_perfect_detection_scores_one() {
        let mut measure = Plagdet::default();
        let case = pair(10..20, 30..40);
        measure.add(Some(&case), std::slice::from_ref(&case), 0);
        close(measure.score(), 1.0);
    }

    #[test]
    fn half_found_and_half_beside() {
        // 10 characters on each side; the detection has 10 on each side, 5 of them right.
        let mut measure = Plagdet::default();
        measure.add(Some(&pair(0..10, 100..110)), &[pair(5..15, 105..115)], 0);
        close(measure.recall(), 0.5);
        close(measure.precision(), 0.5);
        close(measure.score(), 0.5);
    }

    #[test]
    fn both_sides_must_overlap() {
        let mut measure = Plagdet::default();
        measure.add(Some(&pair(0..10, 100..110)), &[pair(0..10, 200..210)], 0);
        close(measure.recall(), 0.0);
        close(measure.precision(), 0.0);
        close(measure.score(), 0.0);
    }

    #[test]
    fn two_pieces_cost_granularity_and_overlapping_pieces_count_once() {
        // Output side: 0..6 and 4..10 cover all 10; source side: 0..6 and 6..8 cover 8 of 10. Recall 18/20.
        let mut measure = Plagdet::default();
        measure.add(Some(&pair(0..10, 0..10)), &[pair(0..6, 0..6), pair(4..10, 6..8)], 0);
        close(measure.recall(), 0.9);
        close(measure.precision(), 1.0);
        close(measure.granularity(), 2.0);
        close(measure.score(), 2.0 * 0.9 / 1.9 / 3.0_f64.log2());
    }

    #[test]
    fn missed_cases_and_false_detections_count() {
        // One case of two found whole; one detection of four right.
        let mut measure = Plagdet::default();
        let case = pair(0..10, 0..10);
        measure.add(Some(&case), std::slice::from_ref(&case), 1);
        measure.add(Some(&case), &[], 0);
        measure.add(None, &[], 2);
        close(measure.recall(), 0.5);
        close(measure.precision(), 0.25);
        close(measure.granularity(), 1.0);
        close(measure.score(), 1.0 / 3.0);
    }

    #[test]
    fn nothing_at_all_scores_nothing() {
        close(Plagdet::default().score(), 0.0);
    }
}
