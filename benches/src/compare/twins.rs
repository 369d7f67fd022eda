//! Holds nagalm's matches to the naive twin, which compares every word with every word.
//!
//! Three things must hold: what is called verbatim is equal; a long run that the twin finds lies in a match, and in a verbatim
//! one; and a match of the default settings that is equal word for word is among the verbatim ones.

use std::collections::HashMap;
use std::ops::Range;

use nagalm_engine_protocol::Found;

use crate::answer::{letters, placed_words};
use crate::workload::{REAL_COPY, Workload};

/// Words of a match below which it may be held to be chance.
const LEAST: usize = 8;

/// What one engine found, by output.
struct Answers<'a>(HashMap<&'a str, Vec<&'a Found>>);

impl<'a> Answers<'a> {
    fn new(found: &'a [Found]) -> Self {
        let mut answers: HashMap<&str, Vec<&Found>> = HashMap::new();
        for found in found {
            answers.entry(&found.output).or_default().push(found);
        }
        Self(answers)
    }

    fn of(&self, output: &str) -> &[&'a Found] {
        self.0.get(output).map_or(&[], Vec::as_slice)
    }
}

/// What does not hold; empty where all agree.
pub(crate) fn disagreements(
    workload: &Workload,
    default: &[Found],
    verbatim: &[Found],
    naive: &[Found],
) -> Vec<String> {
    let works: HashMap<&str, Vec<char>> =
        workload.works.iter().map(|work| (work.work_id.as_str(), work.text.chars().collect())).collect();
    let (default, verbatim, naive) = (Answers::new(default), Answers::new(verbatim), Answers::new(naive));
    let mut wrong = Vec::new();
    for output in &workload.outputs {
        let text: Vec<char> = output.text.chars().collect();
        let passages = |found: &Found| -> Option<(String, String)> {
            let cut = |text: &[char], [start, end]: [usize; 2]| Some(text.get(start..end)?.iter().collect());
            Some((cut(&text, found.output_span?)?, cut(works.get(found.work.as_str())?, found.source_span?)?))
        };
        let equal =
            |found: &Found| passages(found).is_some_and(|(ours, theirs)| letters(&ours) == letters(&theirs));
        let mut say = |what: &str, found: &Found| {
            let (ours, theirs) = passages(found).unwrap_or_default();
            wrong.push(format!("`{}` in `{}`: {what}: {ours:?} and {theirs:?}", found.work, found.output));
        };
        let told = verbatim.of(&output.id);
        for found in told.iter().filter(|found| !equal(found)) {
            say("called verbatim, and is not equal", found);
        }
        for found in default.of(&output.id) {
            let long = passages(found).is_some_and(|(ours, _)| placed_words(&ours).len() >= LEAST);
            if long && equal(found) && !told.iter().any(|told| told.output_span == found.output_span) {
                say("equal, and not among the verbatim matches", found);
            }
        }
        for (kind, answers) in [("", &default), ("verbatim ", &verbatim)] {
            let spans: Vec<[usize; 2]> =
                answers.of(&output.id).iter().filter_map(|found| found.output_span).collect();
            for found in naive.of(&output.id) {
                let uncovered = uncovered(&text, found.output_span.unwrap_or_default(), &spans);
                if uncovered > 0 {
                    say(&format!("{uncovered} equal words of a long run are in no {kind}match"), found);
                }
            }
        }
    }
    wrong
}

/// How many words of the run at `span` begin in none of `spans`; 0 for a run that is short enough to be chance.
fn uncovered(text: &[char], [start, end]: [usize; 2], spans: &[[usize; 2]]) -> usize {
    let passage: String = text[start..end].iter().collect();
    let words = placed_words(&passage);
    if words.len() < REAL_COPY {
        return 0;
    }
    let begins = |place: &Range<usize>| start + passage[..place.start].chars().count();
    words
        .iter()
        .map(|(_, place)| begins(place))
        .filter(|at| !spans.iter().any(|[from, to]| (from..to).contains(&at)))
        .count()
}

#[cfg(test)]
mod tests {
    use nagalm_corpora::planted::Plant;

    use super::*;
    use crate::scan::{output, work};

    const RUN: &str = "a b c d e f g h i j k l m n";

    fn found(span: [usize; 2]) -> Found {
        let (work, output) = ("w".to_owned(), "o".to_owned());
        Found { output, work, output_span: Some(span), source_span: Some(span), also_in: Vec::new() }
    }

    fn wrong(default: &[Found], verbatim: &[Found]) -> usize {
        let workload = Workload {
            source: String::new(),
            works: vec![work("w", RUN)],
            languages: vec!["en".into()],
            outputs: vec![output("o", RUN.replace('n', "x"))],
            output_languages: vec!["en".into()],
            plants: vec![None::<Plant>],
            base: 1,
        };
        // Thirteen equal words: all but the last.
        disagreements(&workload, default, verbatim, &[found([0, 25])]).len()
    }

    #[test]
    fn each_disagreement_is_told() {
        assert_eq!(wrong(&[found([0, 25])], &[found([0, 25])]), 0);
        assert_eq!(wrong(&[found([0, 27])], &[found([0, 25])]), 0, "an edited match, and the run in it");
        assert_eq!(wrong(&[found([0, 27])], &[]), 1, "an edited match, and not the run in it");
        assert_eq!(wrong(&[], &[found([0, 25])]), 1, "a run in no match");
        assert_eq!(wrong(&[found([0, 25])], &[]), 2, "a verbatim match left out, and a run with it");
        assert_eq!(wrong(&[found([0, 27])], &[found([0, 27])]), 1, "called verbatim wrongly");
    }
}
