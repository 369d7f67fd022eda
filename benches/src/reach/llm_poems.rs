//! Real model outputs against English poems: every marked run found, offsets right, and everything else that is
//! reported listed for reading.

use nagalm::Settings;
use nagalm::report::{OffsetUnit, Span};

use super::Bench;
use crate::answer::{holds_words, spaced};
use crate::check::slice;
use crate::lists::List;
use crate::scan::{Registered, output, work};
use crate::table::{Table, percent};

const SET: &str = "llm_poems";

/// A phrase rather than a quotation: the one marked run that may stay unreported.
const PHRASE: &str = " from east to west from north to south ";

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let poems = bench.data.english_poems()?;
    let answers = bench.data.model_outputs()?;
    let registered = Registered::new(poems.into_iter().map(|p| work(p.id, p.text)).collect())?;
    let outputs: Vec<_> = answers.iter().map(|a| output(&a.id, &a.text)).collect();
    let mut settings = Settings::default();
    settings.offset_unit = OffsetUnit::CodePoint;
    let scanned = registered.scan(&settings, &outputs)?;

    let (mut spans, mut phrases, mut found, mut covered, mut mostly) = (0, 0, 0, 0, 0);
    let (mut marked, mut complete) = (0, 0);
    let mut missed = List::new("Marked runs that were not found, or not covered");
    let mut others = List::new("Reported in outputs without a marked run");
    let mut reported = 0;
    for (answer, report) in answers.iter().zip(&scanned.reports) {
        if answer.spans.is_empty() {
            reported += usize::from(!report.matches.is_empty());
            report.matches.iter().for_each(|m| others.matched(&answer.id, m));
            continue;
        }
        marked += 1;
        let mut all = true;
        for gold in &answer.spans {
            let span = Span { start: gold.out[0], end: gold.out[1] };
            let words = slice(&answer.text, span, OffsetUnit::CodePoint).unwrap_or_default();
            // The gold names one work where several hold the same words: any of those is right.
            let cover = report.matches.iter().filter(|m| {
                m.output.start < span.end
                    && span.start < m.output.end
                    && (m.work_id == gold.work
                        || registered.text(&m.work_id).is_some_and(|text| holds_words(text, words)))
            });
            let length: usize =
                cover.map(|m| m.output.end.min(span.end) - m.output.start.max(span.start)).sum();
            if length == 0 && spaced(words) == PHRASE {
                phrases += 1;
                continue;
            }
            spans += 1;
            found += usize::from(length > 0);
            covered += usize::from(length == span.len());
            mostly += usize::from(length * 10 >= span.len() * 9);
            all &= length > 0;
            if length < span.len() {
                let why = if length == 0 {
                    "not found".to_owned()
                } else {
                    format!("{length} of {} characters covered", span.len())
                };
                let others: Vec<String> = report
                    .matches
                    .iter()
                    .filter(|m| m.output.start < span.end && span.start < m.output.end)
                    .map(|m| format!("{} {:?}", m.work_id, m.output))
                    .collect();
                missed.missed(
                    &answer.id,
                    &gold.work,
                    &why,
                    &[("marked", words), ("reported there", &others.join("\n"))],
                );
            }
        }
        complete += usize::from(all);
    }
    let all = |n: usize| n == spans;
    table.floor(SET, "marked runs found, right work", "all", percent(found, spans), all(found));
    table.floor(SET, "marked runs covered in full", "all", percent(covered, spans), all(covered));
    table.floor(SET, "marked runs covered to 90%", "all", percent(mostly, spans), all(mostly));
    table.floor(SET, "outputs with every run found", "110", complete.to_string(), complete == marked);
    table.tell(SET, "left out: `from east to west, from north to south`", phrases.to_string());
    let unmarked = answers.len() - marked;
    table.tell(SET, "outputs without a marked run that are reported", percent(reported, unmarked));
    table.tell(SET, "matches in those, to be read", others.len().to_string());
    table.answers(SET, outputs.len(), scanned.wrong);
    bench.lists.write("llm_poems-missed.md", missed.text())?;
    bench.lists.write("llm_poems-reported.md", others.text())
}
