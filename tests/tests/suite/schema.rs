//! The report's JSON Schema: it fits what the library writes, refuses what it does not, and changes in the open.

use jsonschema::Validator;
use nagalm::report::OffsetUnit;
use nagalm::{Report, Scanner, Settings};
use nagalm_tests::workspace_root;
use serde_json::{Value, json};

use crate::worlds;

fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema is one itself")
}

fn sample_reports() -> Vec<Value> {
    let mut settings = Settings::default();
    settings.offset_unit = OffsetUnit::CodePoint;
    let mut reports = Vec::new();
    for world in worlds::all() {
        let scanner = Scanner::new(world.registry(), settings.clone());
        for output in &world.outputs {
            let report = scanner.scan(output).expect("a scan in memory");
            reports.push(serde_json::to_value(report).expect("a report is plain data"));
        }
    }
    reports
}

#[test]
fn it_is_draft_2020_12() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema).expect("the schema keeps its own rules");
}

#[test]
fn every_report_is_valid() {
    let validator = validator();
    let reports = sample_reports();
    assert!(
        reports.iter().any(|r| r["matches"].as_array().is_some_and(|m| !m.is_empty())),
        "nothing was found"
    );
    for report in reports {
        let errors: Vec<_> =
            validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{}\n{report:#}", errors.join("\n"));
    }
}

#[test]
fn broken_reports_are_not() {
    let validator = validator();
    let good = sample_reports()
        .into_iter()
        .find(|r| !r["matches"][0]["edits"][0].is_null())
        .expect("some report has a match with edits");
    assert!(validator.is_valid(&good));
    // What every reader relies on cannot be left out …
    for field in
        ["schema", "id", "offset_unit", "complete", "registry", "version", "coverage", "matches", "works"]
    {
        let mut broken = good.clone();
        broken.as_object_mut().expect("an object").remove(field);
        assert!(!validator.is_valid(&broken), "without {field:?}");
    }
    for field in [
        "work_id", "kind", "output", "source", "words", "letters", "identity", "bits", "evalue", "edits",
        "also_in",
    ] {
        let mut broken = good.clone();
        broken["matches"][0].as_object_mut().expect("an object").remove(field);
        assert!(!validator.is_valid(&broken), "match without {field:?}");
    }
    // … nor be something else.
    let replacements = [
        ("/offset_unit", json!("furlong")),
        ("/complete", json!("yes")),
        ("/coverage/matched", json!(-1)),
        ("/matches", json!({})),
        ("/matches/0/kind", json!("paraphrase")),
        ("/matches/0/output/start", json!(1.5)),
        ("/matches/0/output/end", json!(null)),
        ("/matches/0/bits", json!("many")),
        ("/matches/0/edits/0/op", json!("moved")),
        ("/matches/0/also_in", json!("a")),
        ("/works", json!([{"work_id": "a"}])),
    ];
    for (pointer, value) in replacements {
        let mut broken = good.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("a report has {pointer}")) = value;
        assert!(!validator.is_valid(&broken), "{pointer}: {:?}", broken.pointer(pointer));
    }
    for other in [json!(null), json!([]), json!({}), json!("nagalm.report/1")] {
        assert!(!validator.is_valid(&other));
    }
}

#[test]
fn it_is_the_file_that_is_checked_in() {
    let path = workspace_root().join("tests/report.schema.json");
    let checked_in: Value = std::fs::read_to_string(&path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    assert!(
        checked_in == schema(),
        "tests/report.schema.json is not the schema of today's report. Where the change is meant (see CONTRIBUTING.md: \
         a reader of the old form must not misread the new), write it again:\n\n    \
         cargo run --bin nagalm -- schema > tests/report.schema.json\n\nThe schema now:\n{:#}",
        schema()
    );
}
