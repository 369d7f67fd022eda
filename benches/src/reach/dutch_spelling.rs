//! Sentences in old Dutch spelling, found by their modern form.

use nagalm::report::Match;
use nagalm::{Settings, Work};
use serde::Deserialize;

use super::Bench;
use crate::answer::{holds_words, words};
use crate::lists::List;
use crate::scan::{Registered, names, output, work};
use crate::table::{Table, percent, share};

const SET: &str = "dutch_spelling";
/// Shorter sentences are not asked for.
const LEAST_WORDS: usize = 8;
/// Sentences in one work where the books are registered in pieces.
const SENTENCES_A_WORK: usize = 20;

#[derive(Deserialize)]
struct Sentence {
    book: String,
    sent: String,
    original: String,
    modern: String,
    changed: bool,
}

impl Sentence {
    fn id(&self) -> String {
        format!("{} {}", self.book, self.sent)
    }
}

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let sentences: Vec<Sentence> = bench.data.lines("dutch_spelling/pairs.jsonl")?;
    // A sentence of punctuation alone is no work.
    let worded = sentences.iter().filter(|s| s.original.chars().any(char::is_alphanumeric));
    let single = worded.map(|s| work(s.id(), &s.original)).collect();
    find(bench, table, &sentences, single, true)?;

    let mut pieces: Vec<Work> = Vec::new();
    for book in sentences.chunk_by(|a, b| a.book == b.book) {
        for (number, piece) in book.chunks(SENTENCES_A_WORK).enumerate() {
            let text: Vec<&str> = piece.iter().map(|s| s.original.as_str()).collect();
            pieces.push(work(format!("{} piece {number}", book[0].book), text.join("\n")));
        }
    }
    find(bench, table, &sentences, pieces, false)
}

/// Scans every changed sentence in its modern form, alone.
fn find(
    bench: &Bench,
    table: &mut Table,
    sentences: &[Sentence],
    works: Vec<Work>,
    single: bool,
) -> anyhow::Result<()> {
    let registered = Registered::new(works)?;
    let asked: Vec<&Sentence> =
        sentences.iter().filter(|s| s.changed && words(&s.original).len() >= LEAST_WORDS).collect();
    let outputs: Vec<_> = asked.iter().map(|s| output(s.id(), &s.modern)).collect();
    let scanned = registered.scan(&Settings::default(), &outputs)?;
    let what = if single { "sentences as works" } else { "pieces of 20 sentences as works" };
    let mut missed = List::new(&format!("Modern forms that did not find their sentence, {what}"));
    let mut found = 0;
    for (sentence, report) in asked.iter().zip(&scanned.reports) {
        let right = |m: &Match| {
            names(m, &sentence.id())
                || registered.text(&m.work_id).is_some_and(|text| holds_words(text, &sentence.original))
        };
        if report.matches.iter().any(right) {
            found += 1;
        } else {
            missed.missed(
                &sentence.id(),
                &sentence.id(),
                &format!("{} words", words(&sentence.original).len()),
                &[("modern", &sentence.modern), ("original", &sentence.original)],
            );
        }
    }
    let measure = format!("changed sentences found by their modern form, {what}");
    if single {
        let holds = share(found, asked.len()) >= 97.0;
        table.floor(SET, &measure, ">= 97%", percent(found, asked.len()), holds);
    } else {
        table.tell(SET, &measure, percent(found, asked.len()));
    }
    table.answers(SET, outputs.len(), scanned.wrong);
    bench.lists.write(
        &format!("dutch_spelling-missed-{}.md", if single { "sentences" } else { "pieces" }),
        missed.text(),
    )
}
