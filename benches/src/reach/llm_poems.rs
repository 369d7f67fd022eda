//! Real model outputs against English poems: every marked run found, offsets right, and everything else that is
//! reported listed for reading.

use nagalm::Settings;
use nagalm::report::{Match, OffsetUnit, Span};

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
            let touching = |m: &&Match| m.output.start < span.end && span.start < m.output.end;
            // The gold names one work where several hold the same words: any of those is right.
            let is_found = report.matches.iter().filter(touching).any(|m| {
                m.work_id == gold.work
                    || registered.text(&m.work_id).is_some_and(|text| holds_words(text, words))
            });
            // Words are to be covered, not what stands between two of them, by whichever match: where two quotations
            // meet, a word that both works have there belongs to either.
            let is_covered =
                |at: usize| report.matches.iter().any(|m| m.output.start <= at && at < m.output.end);
            let letters = (span.start..).zip(words.chars()).filter(|(_, symbol)| symbol.is_alphanumeric());
            let (length, letters) = letters.fold((0, 0), |(covered, all), (at, _)| {
                (covered + usize::from(is_found && is_covered(at)), all + 1)
            });
            if length == 0 && spaced(words) == PHRASE {
                phrases += 1;
                continue;
            }
            spans += 1;
            found += usize::from(length > 0);
            covered += usize::from(length == letters);
            mostly += usize::from(length * 10 >= letters * 9);
            all &= length > 0;
            if length < letters {
                let why = if length == 0 {
                    "not found".to_owned()
                } else {
                    format!("{length} of {letters} letters covered")
                };
                let others: Vec<String> = report
                    .matches
                    .iter()
                    .filter(touching)
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
