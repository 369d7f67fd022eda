//! Answers of models that were asked for a Bible verse, against the King James Version, each verse a work.

use std::collections::{BTreeSet, HashMap};

use anyhow::Context as _;
use nagalm::Settings;
use serde::Deserialize;

use super::Bench;
use crate::answer::{holds_words, words};
use crate::lists::List;
use crate::scan::{Registered, best, output, work};
use crate::table::{Table, percent};

const SET: &str = "llm_kjv";

#[derive(Deserialize)]
struct Verse {
    #[serde(rename = "ref")]
    reference: String,
    kjv: String,
}

#[derive(Deserialize)]
struct Answer {
    model: String,
    prompt: String,
    expected: String,
    output: String,
}

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let verses: Vec<Verse> = bench.data.lines("kjv_jps/kjv_jps1917_aligned.jsonl.gz")?;
    let answers: Vec<Answer> = bench.data.lines("llm_kjv/exact.jsonl")?;
    let mut texts: HashMap<String, String> = verses.into_iter().map(|v| (v.reference, v.kjv)).collect();
    let in_set = texts.len();
    // The aligned translations end with the Old Testament: a passage that was asked for and is not among them is
    // registered as the text that was expected.
    let mut references = Vec::new();
    let mut added = BTreeSet::new();
    for answer in &answers {
        let asked = passage(&answer.prompt).with_context(|| format!("no passage in {:?}", answer.prompt))?;
        if asked.iter().all(|r| texts.contains_key(r)) {
            references.push(asked);
        } else {
            let whole = answer.prompt.trim_start_matches("Quote ");
            let whole = whole.split(" from ").next().unwrap_or(whole).to_owned();
            texts.insert(whole.clone(), answer.expected.clone());
            added.insert(whole.clone());
            references.push(vec![whole]);
        }
    }
    let mut works: Vec<_> = texts.into_iter().map(|(id, text)| work(id, text)).collect();
    works.sort_by(|a, b| a.work_id.cmp(&b.work_id));
    let registered = Registered::new(works)?;
    let outputs: Vec<_> =
        answers.iter().enumerate().map(|(n, a)| output(format!("{n} {}", a.model), &a.output)).collect();
    let scanned = registered.scan(&Settings::default(), &outputs)?;

    let (mut right, mut unquoted, mut from_set) = (0, 0, [0; 2]);
    let mut missed = List::new("Answers that did not name the verse that was asked for");
    for (((answer, asked), output), report) in
        answers.iter().zip(&references).zip(&outputs).zip(&scanned.reports)
    {
        let run = longest_common_run(&answer.expected, &answer.output);
        if run < 5 {
            unquoted += 1;
            eprintln!("  does not quote the verse (longest run {run}): {} {:?}", output.id, answer.output);
        }
        let named = best(report);
        let ok = named.is_some_and(|m| {
            asked.iter().any(|r| crate::scan::names(m, r))
                || m.quote.as_ref().is_some_and(|q| holds_words(&answer.expected, &q.source))
        });
        right += usize::from(ok);
        let known = usize::from(!added.contains(&asked[0]));
        from_set[known] += usize::from(ok);
        if !ok {
            let named = named.map_or("nothing".to_owned(), |m| format!("{} (E {:.1e})", m.work_id, m.evalue));
            missed.missed(
                &output.id,
                &asked.join(", "),
                &format!("named {named}; longest run {run} words"),
                &[("asked for", &answer.expected), ("answer", &answer.output)],
            );
        }
    }
    table.floor(
        SET,
        "answers whose best match is the verse asked for",
        ">= 112 of 114",
        percent(right, answers.len()),
        right + 2 >= answers.len(),
    );
    table.tell(
        SET,
        "  of those: Old Testament, New Testament",
        format!("{}, {} (in the set: {in_set} verses; added: {})", from_set[1], from_set[0], added.len()),
    );
    table.tell(SET, "  answers that do not quote the verse at all", unquoted.to_string());
    table.answers(SET, outputs.len(), scanned.wrong);
    bench.lists.write("llm_kjv-missed.md", missed.text())
}

/// The verses that a prompt asks for, as the set writes them: `Quote Psalm 23:1 from …` gives `Psalms 23:1`.
fn passage(prompt: &str) -> Option<Vec<String>> {
    let (passage, _) = prompt.strip_prefix("Quote ")?.split_once(" from ")?;
    let (book, place) = passage.rsplit_once(' ')?;
    let (chapter, verses) = place.split_once(':')?;
    let (first, last) = verses.split_once('-').unwrap_or((verses, verses));
    let book = if book == "Psalm" { "Psalms".to_owned() } else { book.replace(' ', "") };
    let verses = first.parse::<u32>().ok()?..=last.parse().ok()?;
    Some(verses.map(|verse| format!("{book} {chapter}:{verse}")).collect())
}

/// The longest run of words that stands in both texts.
fn longest_common_run(one: &str, other: &str) -> usize {
    let (one, other) = (words(one), words(other));
    let mut longest = 0;
    let mut previous = vec![0; other.len() + 1];
    for word in &one {
        let mut current = vec![0; other.len() + 1];
        for (at, candidate) in other.iter().enumerate() {
            if word == candidate {
                current[at + 1] = previous[at] + 1;
                longest = longest.max(current[at + 1]);
            }
        }
        previous = current;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_names_its_verses() {
        let verses = |prompt| passage(prompt).unwrap_or_default();
        assert_eq!(verses("Quote Psalm 23:1 from the KJV"), ["Psalms 23:1"]);
        assert_eq!(verses("Quote Proverbs 3:5-6 from the KJV"), ["Proverbs 3:5", "Proverbs 3:6"]);
        assert_eq!(verses("Quote 1 Kings 3:5 from the KJV"), ["1Kings 3:5"]);
    }

    #[test]
    fn runs_are_counted_in_words() {
        assert_eq!(longest_common_run("a b c d e", "x b c d y"), 3);
    }
}
