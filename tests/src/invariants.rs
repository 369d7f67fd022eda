//! What holds for every report, whatever was scanned.

use nagalm::report::{EditKind, MatchKind, OffsetUnit, SCHEMA, Span};
use nagalm::{Report, Work};

/// Everything in a report with offsets in bytes that contradicts itself, the output's text or the works; empty where
/// all is well.
#[must_use]
pub fn violations(report: &Report, output: &str, works: &[Work]) -> Vec<String> {
    let mut found = Vec::new();
    let mut hold = |holds: bool, what: String| {
        if !holds {
            found.push(what);
        }
    };
    hold(report.schema == SCHEMA, format!("schema {:?}", report.schema));
    hold(report.offset_unit == OffsetUnit::Byte, "these invariants count bytes".into());
    hold(
        report.complete == report.not_searched.is_empty(),
        "`complete` and `not_searched` contradict each other".into(),
    );
    hold(report.coverage.total == output.len(), "coverage.total is not the output's length".into());
    let matched: usize = report.matches.iter().map(|m| m.output.len()).sum();
    hold(
        report.coverage.matched == matched,
        format!("coverage {} of matches' {matched}", report.coverage.matched),
    );
    for pair in report.matches.windows(2) {
        hold(
            pair[0].output.end <= pair[1].output.start,
            format!("{:?} and {:?}", pair[0].output, pair[1].output),
        );
    }
    for span in &report.not_searched {
        hold(output.get(span.start..span.end).is_some(), format!("not_searched {span:?}"));
    }
    for m in &report.matches {
        let place = format!("match {:?} of {:?}", m.output, m.work_id);
        let Some(work) = works.iter().rev().find(|w| w.work_id == m.work_id) else {
            hold(false, format!("{place}: no such work"));
            continue;
        };
        let passages =
            output.get(m.output.start..m.output.end).zip(work.text.get(m.source.start..m.source.end));
        hold(passages.is_some(), format!("{place}: a span leaves its text or cuts a character"));
        if let (Some(quote), Some(passages)) = (&m.quote, passages) {
            hold((&*quote.output, &*quote.source) == passages, format!("{place}: quotes something else"));
        }
        hold(!m.output.is_empty() && !m.source.is_empty(), format!("{place}: empty"));
        hold(m.title == work.title, format!("{place}: title {:?}", m.title));
        hold((0.0..=1.0).contains(&m.identity), format!("{place}: identity {}", m.identity));
        hold(m.bits.is_finite(), format!("{place}: {} bits", m.bits));
        hold(m.evalue >= 0.0 && !m.evalue.is_nan(), format!("{place}: E-value {}", m.evalue));
        hold(m.words.matched <= m.words.source, format!("{place}: {:?}", m.words));
        hold(m.longest_run_words <= m.words.matched, format!("{place}: longest run {}", m.longest_run_words));
        hold(
            m.words.matched > 0 && m.letters.matched >= m.words.matched,
            format!("{place}: {:?}", m.letters),
        );
        let mut others = m.also_in.clone();
        others.push(m.work_id.clone());
        others.sort();
        let all = others.len();
        others.dedup();
        hold(others.len() == all, format!("{place}: names a work twice in {:?}", m.also_in));
        for other in &m.also_in {
            hold(
                works.iter().any(|w| w.work_id == *other),
                format!("{place}: also in {other:?}, which is not there"),
            );
        }
        let all_equal = m.edits.iter().all(|e| e.op == EditKind::Equal);
        hold(
            (m.kind == MatchKind::Verbatim) == all_equal,
            format!("{place}: {:?} with {:?}", m.kind, m.edits),
        );
        for problem in edit_problems(m) {
            hold(false, format!("{place}: {problem}"));
        }
    }
    for share in &report.works {
        let named = report.matches.iter().any(|m| m.work_id == share.work_id);
        hold(named, format!("works: {:?} has no match", share.work_id));
        hold((0.0..=1.0).contains(&share.share_of_work), format!("works: share {}", share.share_of_work));
    }
    for m in &report.matches {
        hold(
            report.works.iter().any(|w| w.work_id == m.work_id),
            format!("works: {:?} is missing", m.work_id),
        );
    }
    hold(
        report.works.windows(2).all(|pair| pair[0].share_of_work >= pair[1].share_of_work),
        "works: not by share".into(),
    );
    match serde_json::to_string(report).map(|json| serde_json::from_str::<Report>(&json)) {
        Ok(Ok(read)) => hold(read == *report, "JSON there and back changes the report".into()),
        other => hold(false, format!("JSON there and back: {other:?}")),
    }
    found
}

fn edit_problems(m: &nagalm::report::Match) -> Vec<String> {
    let mut problems = Vec::new();
    let (Some(first), Some(last)) = (m.edits.first(), m.edits.last()) else {
        return vec!["no edits".into()];
    };
    // A changed word at the border may be a spelling variant; a word that only one side has is outside of the match.
    if [first.op, last.op].iter().any(|op| matches!(op, EditKind::Inserted | EditKind::Deleted)) {
        problems.push(format!("begins with {:?}, ends with {:?}", first.op, last.op));
    }
    if (first.output.start, last.output.end) != (m.output.start, m.output.end) {
        problems.push("the edits do not span the output's passage".into());
    }
    if (first.source.start, last.source.end) != (m.source.start, m.source.end) {
        problems.push("the edits do not span the work's passage".into());
    }
    for pair in m.edits.windows(2) {
        if pair[0].output.end > pair[1].output.start || pair[0].source.end > pair[1].source.start {
            problems.push(format!("edits overlap or run backwards: {pair:?}"));
        }
        if pair[0].op == pair[1].op {
            problems.push(format!("two runs that are one: {pair:?}"));
        }
    }
    for edit in &m.edits {
        let fits = match edit.op {
            EditKind::Equal | EditKind::Changed => !edit.output.is_empty() && !edit.source.is_empty(),
            EditKind::Inserted => !edit.output.is_empty() && edit.source.is_empty(),
            EditKind::Deleted => edit.output.is_empty() && !edit.source.is_empty(),
        };
        if !fits {
            problems.push(format!("spans that do not fit {edit:?}"));
        }
    }
    problems
}

/// `span` of `text`, counted in bytes, in another unit.
///
/// # Panics
/// Where the span cuts a character.
#[must_use]
pub fn in_unit(text: &str, span: Span, unit: OffsetUnit) -> Span {
    let offset = |byte: usize| match unit {
        OffsetUnit::Byte => byte,
        OffsetUnit::CodePoint => text[..byte].chars().count(),
        OffsetUnit::Utf16 => text[..byte].encode_utf16().count(),
    };
    Span { start: offset(span.start), end: offset(span.end) }
}
