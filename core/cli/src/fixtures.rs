//! Reports made by hand, for the tests of what draws them.

use nagalm::report::{
    Coverage, Edit, EditKind, LetterCounts, Match, MatchKind, MeaningFindings, OffsetUnit, Paraphrase,
    ParaphraseKind, Quote, Report, SCHEMA, SealedFindings, SealedMatch, Span, WordCounts, WorkShare,
};
use nagalm::{Profile, SealInfo, Signature};
use serde_json::{Value, json};

/// A match of `output` (which starts at 10) with `source` (which starts at 5) over the given runs.
pub(crate) fn matched(output: &str, source: &str, runs: &[(EditKind, &str, &str)]) -> Match {
    let mut at = (0, 0);
    let edits = runs
        .iter()
        .map(|&(op, a, b)| Edit {
            op,
            output: find(output, a, &mut at.0, 10),
            source: find(source, b, &mut at.1, 5),
        })
        .collect();
    Match {
        work_id: "T-1".into(),
        title: Some("Die Brücke".into()),
        kind: MatchKind::NearVerbatim,
        output: Span { start: 10, end: 10 + output.chars().count() },
        source: Span { start: 5, end: 5 + source.chars().count() },
        words: WordCounts { matched: 8, output: 11, source: 10 },
        letters: LetterCounts { matched: 36 },
        identity: 0.84,
        longest_run_words: 4,
        bits: 88.2,
        evalue: 3.2e-17,
        edits,
        also_in: vec!["T-9".into()],
        tricks: Vec::new(),
        quote: Some(Quote { output: output.into(), source: source.into() }),
    }
}

/// Where `part` stands in `whole` from `at` on, in code points from `origin`.
fn find(whole: &str, part: &str, at: &mut usize, origin: usize) -> Span {
    if !part.is_empty() {
        *at += whole[*at..].find(part).expect("the fixture's runs stand in its passages");
    }
    let start = origin + whole[..*at].chars().count();
    *at += part.len();
    Span { start, end: start + part.chars().count() }
}

/// One output with one match: changed, inserted and left-out words, letters of two bytes.
pub(crate) fn report() -> Report {
    use EditKind::{Changed, Deleted, Equal, Inserted};
    let found = matched(
        "Über die Brücke gehen wir,\nheute noch im Regen\nund singen",
        "Über die Brücke gehn wir\nim Regen,\nund singen laut",
        &[
            (Equal, "Über die Brücke", "Über die Brücke"),
            (Changed, "gehen", "gehn"),
            (Equal, "wir", "wir"),
            (Inserted, "heute noch", ""),
            (Equal, "im Regen\nund singen", "im Regen,\nund singen"),
            (Deleted, "", "laut"),
        ],
    );
    let fields =
        json!({"prompt": "Sing <b>the</b> song\nof the bridge", "model": "m-1", "created": "2026-01-02"});
    let Value::Object(fields) = fields else { unreachable!("an object") };
    Report {
        schema: SCHEMA.into(),
        id: "out-1".into(),
        offset_unit: OffsetUnit::CodePoint,
        complete: true,
        not_searched: Vec::new(),
        text_sha256: Some("ab".repeat(32)),
        registry: "cd".repeat(32).into(),
        version: "0.1.0".into(),
        coverage: Coverage { matched: found.output.len(), total: 100 },
        works: vec![WorkShare { work_id: "T-1".into(), matched: 36, share_of_work: 0.61 }],
        matches: vec![found],
        sealed: None,
        meaning: None,
        fields,
    }
}

/// An output in which a sealed registry finds a match and a lead.
pub(crate) fn sealed() -> Report {
    let span = |start, end| Span { start, end };
    let found = SealedMatch {
        work: 17,
        work_id: Some("T-1".into()),
        title: Some("Die Brücke".into()),
        output: span(10, 90),
        passages: vec![span(10, 40), span(60, 90)],
        grams: 2,
        words: 16,
        by_chance: 3e-14,
    };
    let lead = SealedMatch {
        work: 4,
        work_id: None,
        title: None,
        passages: vec![span(10, 40)],
        grams: 1,
        words: 8,
        by_chance: 2e-5,
        ..found.clone()
    };
    let info = SealInfo {
        profile: Profile::Public,
        recipient: "everybody".into(),
        release: "2026-11".into(),
        signer: Some("Society <of> Songs".into()),
        signer_key: Some("ef".repeat(32)),
        signature: Signature::Valid,
    };
    Report {
        sealed: Some(SealedFindings { info, matches: vec![found], leads: vec![lead] }),
        coverage: Coverage { matched: 60, total: 100 },
        ..empty()
    }
}

/// An output with a passage that is close to a work's in meaning.
pub(crate) fn meaning() -> Report {
    let span = |start, end| Span { start, end };
    let found = Paraphrase {
        work_id: "T-1".into(),
        title: Some("Die Brücke".into()),
        kind: ParaphraseKind::Paraphrase,
        output: span(10, 48),
        source: span(0, 42),
        similarity: 0.871,
        evalue: 0.002,
        probability: Some(0.97),
        also_in: vec!["T-9".into()],
        quote: Some(Quote {
            output: "We <walk> across the bridge in the rain".into(),
            source: "Über die Brücke gehn wir im Regen".into(),
        }),
    };
    let (model, model_hash) = ("all-minilm-l6-v2".into(), "12".repeat(32));
    Report {
        meaning: Some(MeaningFindings { model, model_hash, compared: 2, matches: vec![found] }),
        ..empty()
    }
}

/// An output in which nothing was found.
pub(crate) fn empty() -> Report {
    let mut report = report();
    report.id = "out-2".into();
    report.matches.clear();
    report.works.clear();
    report.coverage.matched = 0;
    report
}
