//! What an engine's answers are worth: the same measures for all.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use nagalm_corpora::planted::Plant;
use nagalm_engine_protocol::Found;

use super::plagdet::{Pair, Plagdet};
use super::sample::Sample;
use crate::answer::nearly_holds;
use crate::definition::Planting;
use crate::workload::Workload;

/// A match that names what there is. Spans are code points.
struct Detection {
    work: usize,
    also_in: Vec<usize>,
    output: Option<Range<usize>>,
    source: Option<Range<usize>>,
}

/// The measures of one engine.
#[derive(Default)]
pub(crate) struct Score {
    /// Found and planted per share of edited words.
    pub(crate) by_level: Vec<(usize, usize)>,
    /// Found and planted per length.
    pub(crate) by_length: Vec<(usize, usize)>,
    /// Quiet outputs that were reported, and all of them.
    pub(crate) alarms: (usize, usize),
    /// Unplanted outputs that were reported, and all of them, real copies and all.
    pub(crate) reported: (usize, usize),
    /// Mean over found passages of characters that are both planted and found, over those that are either. `None`
    /// where the engine names no places.
    pub(crate) overlap: Option<f64>,
    /// Over planted and quiet outputs; `None` where the engine names no places on both sides.
    pub(crate) plagdet: Option<Plagdet>,
    /// Answers that contradict the texts.
    pub(crate) wrong: Vec<String>,
}

/// Scores what an engine found. `quiet` are the workload's unplanted outputs without a real copy.
pub(crate) fn score(
    workload: &Workload,
    planting: &Planting,
    sample: &Sample,
    quiet: &[bool],
    found: &[Found],
) -> Score {
    let mut score = Score {
        by_level: vec![(0, 0); planting.edited.len()],
        by_length: vec![(0, 0); planting.lengths.len()],
        ..Score::default()
    };
    let detections = read(workload, sample, found, &mut score.wrong);
    let mut judge = Judge { workload, held: HashMap::new() };
    let places = |side: fn(&Detection) -> bool| {
        let mut all = detections.values().flatten().peekable();
        all.peek().is_some() && all.all(side)
    };
    let on_output = places(|d| d.output.is_some());
    let on_both = on_output && places(|d| d.source.is_some());
    let mut plagdet = Plagdet::default();
    let mut overlaps = Vec::new();
    for &n in sample.outputs.iter().chain(&sample.planted) {
        let there = detections.get(&n).map_or(&[][..], Vec::as_slice);
        let Some(plant) = &workload.plants[n] else {
            score.reported.0 += usize::from(!there.is_empty());
            score.reported.1 += 1;
            if quiet[n] {
                score.alarms.0 += usize::from(!there.is_empty());
                score.alarms.1 += 1;
                plagdet.add(None, &[], there.len());
            }
            continue;
        };
        let case = case(workload, n, plant);
        let right: Vec<&Detection> = there.iter().filter(|d| judge.right(d, n, plant, &case)).collect();
        let level = planting.edited.iter().position(|edited| *edited == plant.edited).unwrap_or_default();
        for counts in [&mut score.by_level[level], &mut score.by_length[plant.length_class]] {
            counts.0 += usize::from(!right.is_empty());
            counts.1 += 1;
        }
        if on_output && !right.is_empty() {
            overlaps.push(overlap(&case, &right));
        }
        if on_both {
            let pairs: Vec<Pair> = right.iter().filter_map(|d| d.pair(plant, &case)).collect();
            plagdet.add(Some(&case), &pairs, there.len() - pairs.len());
        }
    }
    // Where nothing was planted, or nothing of it found, there is nothing to take a mean of.
    if !overlaps.is_empty() {
        score.overlap = Some(overlaps.iter().sum::<f64>() / overlaps.len() as f64);
    }
    let planted = score.by_level.iter().any(|(_, all)| *all > 0);
    score.plagdet = (on_both && planted).then_some(plagdet);
    score
}

/// Reads the answers; those that contradict the texts go to `wrong`.
fn read(
    workload: &Workload,
    sample: &Sample,
    found: &[Found],
    wrong: &mut Vec<String>,
) -> BTreeMap<usize, Vec<Detection>> {
    let mut detections: BTreeMap<usize, Vec<Detection>> = BTreeMap::new();
    let mut lengths: HashMap<(bool, usize), usize> = HashMap::new();
    for found in found {
        let Some(output) = sample.output(&found.output) else {
            wrong.push(format!("names the output `{}`, which was not asked about", found.output));
            continue;
        };
        let Some(work) = sample.work(&found.work) else {
            wrong.push(format!("names the work `{}`, which is not registered", found.work));
            continue;
        };
        let mut length_of = |is_work: bool, n: usize, text: &str| {
            *lengths.entry((is_work, n)).or_insert_with(|| text.chars().count())
        };
        let in_output = length_of(false, output, &workload.outputs[output].text);
        let in_work = length_of(true, work, &workload.works[work].text);
        let inside = |span: Option<[usize; 2]>, length: usize| {
            span.is_none_or(|[start, end]| start < end && end <= length)
        };
        if !inside(found.output_span, in_output) || !inside(found.source_span, in_work) {
            wrong.push(format!(
                "`{}` in `{}`: spans {:?} and {:?} in texts of {in_output} and {in_work} characters",
                found.work, found.output, found.output_span, found.source_span
            ));
            continue;
        }
        let range = |span: Option<[usize; 2]>| span.map(|[start, end]| start..end);
        detections.entry(output).or_default().push(Detection {
            work,
            also_in: found.also_in.iter().filter_map(|id| sample.work(id)).collect(),
            output: range(found.output_span),
            source: range(found.source_span),
        });
    }
    detections
}

/// A planted passage in code points.
fn case(workload: &Workload, output: usize, plant: &Plant) -> Pair {
    let points = |text: &str, bytes: &Range<usize>| {
        let start = text[..bytes.start].chars().count();
        start..start + text[bytes.clone()].chars().count()
    };
    Pair {
        output: points(&workload.outputs[output].text, &plant.output),
        source: points(&workload.works[plant.work].text, &plant.source),
    }
}

/// Says which detections are right, and remembers which works hold which passage.
struct Judge<'a> {
    workload: &'a Workload,
    held: HashMap<(usize, usize), bool>,
}

impl Judge<'_> {
    /// Whether a detection touches the planted place, where it names a place, and names the work or one that holds
    /// nearly the same passage.
    fn right(&mut self, detection: &Detection, output: usize, plant: &Plant, case: &Pair) -> bool {
        let touches = detection.output.as_ref().is_none_or(|span| meets(span, &case.output));
        touches
            && (detection.names(plant.work)
                || *self.held.entry((detection.work, output)).or_insert_with(|| {
                    let passage = &self.workload.works[plant.work].text[plant.source.clone()];
                    nearly_holds(&self.workload.works[detection.work].text, passage)
                }))
    }
}

impl Detection {
    fn names(&self, work: usize) -> bool {
        self.work == work || self.also_in.contains(&work)
    }

    /// Both sides, for plagdet. Where the detection names another work that holds the passage, its source side is taken as
    /// the planted one: it stands there, too.
    fn pair(&self, plant: &Plant, case: &Pair) -> Option<Pair> {
        let source = if self.work == plant.work { self.source.clone()? } else { case.source.clone() };
        Some(Pair { output: self.output.clone()?, source })
    }
}

fn meets(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// Characters of the output that are both planted and detected, over those that are either.
fn overlap(case: &Pair, right: &[&Detection]) -> f64 {
    let mut marked: Vec<(usize, usize)> =
        right.iter().filter_map(|d| d.output.as_ref()).map(|span| (span.start, span.end)).collect();
    marked.sort_unstable();
    let (mut both, mut outside, mut end) = (0, 0, 0);
    for (start, stop) in marked {
        let start = start.max(end);
        let length = stop.saturating_sub(start);
        let shared = stop.min(case.output.end).saturating_sub(start.max(case.output.start));
        both += shared;
        outside += length - shared;
        end = end.max(stop);
    }
    both as f64 / (case.output.len() + outside) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detection(work: usize, output: Range<usize>, source: Range<usize>) -> Detection {
        Detection { work, also_in: Vec::new(), output: Some(output), source: Some(source) }
    }

    #[test]
    fn overlap_is_shared_over_joint_and_counts_no_character_twice() {
        let case = Pair { output: 10..20, source: 0..10 };
        let one = detection(0, 5..15, 0..10);
        assert_eq!(overlap(&case, &[&one]), 5.0 / 15.0);
        let (left, right) = (detection(0, 10..16, 0..6), detection(0, 14..20, 4..10));
        assert_eq!(overlap(&case, &[&right, &left]), 1.0);
    }

    #[test]
    fn another_work_with_the_passage_stands_at_the_planted_place() {
        let plant = Plant { work: 3, source: 0..10, output: 10..20, edited: 0.0, length_class: 0 };
        let case = Pair { output: 10..20, source: 0..10 };
        assert_eq!(detection(4, 10..20, 70..80).pair(&plant, &case), Some(case.clone()));
        assert_eq!(detection(3, 10..20, 70..80).pair(&plant, &case).map(|p| p.source), Some(70..80));
    }
}
