//! Holds nagalm's verbatim matches to the naive twin, which compares every word with every word.

use std::collections::HashMap;
use std::ops::Range;

use nagalm_engine_protocol::Found;

use crate::answer::{letters, placed_words};
use crate::workload::Workload;

/// Equal words in a row that nagalm must report, however common they are. Shorter runs it may hold to be chance.
const SURE: usize = 13;

/// What the verbatim matches say that the naive twin does not bear out, or leave out: empty where both agree.
pub(crate) fn disagreements(workload: &Workload, verbatim: &[Found], naive: &[Found]) -> Vec<String> {
    let works: HashMap<&str, &str> =
        workload.works.iter().map(|work| (work.work_id.as_str(), work.text.as_str())).collect();
    let by_output = |found: &'_ [Found]| -> HashMap<String, Vec<usize>> {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, found) in found.iter().enumerate() {
            places.entry(found.output.clone()).or_default().push(n);
        }
        places
    };
    let (verbatim_in, naive_in) = (by_output(verbatim), by_output(naive));
    let mut wrong = Vec::new();
    for output in &workload.outputs {
        let characters: Vec<char> = output.text.chars().collect();
        let passage = |span: [usize; 2]| characters[span[0]..span[1]].iter().collect::<String>();
        let mut covered = vec![false; characters.len()];
        for found in verbatim_in.get(&output.id).into_iter().flatten().map(|&n| &verbatim[n]) {
            let (Some(ours), Some([start, end])) = (found.output_span, found.source_span) else { continue };
            covered[ours[0]..ours[1]].fill(true);
            let source: String =
                works.get(found.work.as_str()).unwrap_or(&"").chars().skip(start).take(end - start).collect();
            if letters(&passage(ours)) != letters(&source) {
                wrong.push(format!(
                    "`{}`: {:?} and {source:?} are called verbatim",
                    output.id,
                    passage(ours)
                ));
            }
        }
        for found in naive_in.get(&output.id).into_iter().flatten().map(|&n| &naive[n]) {
            let Some(span) = found.output_span else { continue };
            let passage = passage(span);
            let words = placed_words(&passage);
            if words.len() < SURE {
                continue;
            }
            let starts: Vec<usize> =
                words.iter().map(|(_, place)| span[0] + points_before(&passage, place)).collect();
            let missed = starts.iter().filter(|&&start| !covered[start]).count();
            if missed > 0 {
                wrong.push(format!(
                    "`{}`: {missed} of {} words that stand in `{}` are not reported: {passage:?}",
                    output.id,
                    words.len(),
                    found.work
                ));
            }
        }
    }
    wrong
}

fn points_before(text: &str, place: &Range<usize>) -> usize {
    text[..place.start].chars().count()
}
