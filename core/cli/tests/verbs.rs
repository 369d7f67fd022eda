//! The verbs from end to end: what goes in, what comes out, and the exit code.

#[allow(dead_code)]
mod command;

use command::{Folder, reports, texts};
use serde_json::Value;

fn outputs() -> String {
    texts("outputs.jsonl").display().to_string()
}

#[test]
fn the_exit_code_tells_what_was_found() {
    let folder = Folder::with_registry();
    assert_eq!(folder.run(&["scan", "works.nagalm", &outputs(), "-o", "r.jsonl"]).code, 1);
    folder.write("none.txt", "A text of which no work says a single line, as far as anybody here knows.");
    assert_eq!(folder.run(&["scan", "works.nagalm", "none.txt", "-o", "n.jsonl"]).code, 0);
    assert_eq!(folder.run(&["scan", "works.nagalm", "--no-such-option"]).code, 2);
}

#[test]
fn every_output_has_a_report_in_its_order_and_fields_travel() {
    let folder = Folder::with_registry();
    folder.run(&["scan", "works.nagalm", &outputs(), "-o", "r.jsonl"]);
    let found = reports(&folder.read("r.jsonl"));
    let ids: Vec<_> = found.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, (1..=11).map(|n| format!("answer-{n:02}")).collect::<Vec<_>>());
    assert!(found.iter().all(|r| r["offset_unit"] == "code_point" && r["created"] == "2026-10-02"));
    let first = &found[0]["matches"][0];
    assert_eq!(first["work_id"], "T-100.000.001-1");
    assert!(first["quote"]["output"].as_str().unwrap().contains("hides what rivers know"));
    let one = folder.run(&["scan", "works.nagalm", &outputs(), "--threads", "1"]);
    assert_eq!(one.stdout, folder.read("r.jsonl"));
    let mapped = folder.run(&["scan", "works.nagalm", &outputs(), "--map"]);
    assert_eq!(mapped.stdout, folder.read("r.jsonl"));
}

#[test]
fn the_same_outputs_in_every_form_give_the_same_reports() {
    let folder = Folder::with_registry();
    let lines = std::fs::read_to_string(outputs()).unwrap();
    let rows: Vec<Value> = reports(&lines);
    folder.write("o.json", serde_json::to_string_pretty(&rows).unwrap());
    let mut csv = csv::Writer::from_writer(Vec::new());
    let columns = ["id", "text", "prompt", "model", "created", "language"];
    csv.write_record(columns).unwrap();
    for row in &rows {
        csv.write_record(columns.map(|c| row[c].as_str().unwrap_or_default())).unwrap();
    }
    folder.write("o.csv", csv.into_inner().unwrap());
    let expected = folder.run(&["scan", "works.nagalm", &outputs()]).stdout;
    for file in ["o.json", "o.csv"] {
        assert_eq!(folder.run(&["scan", "works.nagalm", file]).stdout, expected, "{file}");
    }
    assert_eq!(folder.run_with(&["scan", "works.nagalm"], lines.as_bytes()).stdout, expected);
}

#[test]
fn reports_come_in_every_form() {
    let folder = Folder::with_registry();
    let (registry, outputs) = ("works.nagalm", outputs());
    for name in ["r.jsonl", "r.csv", "r.parquet", "r.html"] {
        assert_eq!(folder.run(&["scan", registry, &outputs, "-o", name]).code, 1, "{name}");
    }
    let found = reports(&folder.read("r.jsonl"));
    let mut rows = csv::Reader::from_path(folder.path("r.csv")).unwrap();
    let expected: usize = found.iter().map(|r| r["matches"].as_array().unwrap().len().max(1)).sum();
    assert_eq!(rows.records().count(), expected);
    assert_eq!(parquet_rows(&folder, "r.parquet"), found.len());
    let page = folder.read("r.html");
    assert!(page.contains("of 11 outputs repeat registered works") && !page.contains("<script"), "{page}");
    assert!(page.contains("&lt;b&gt;odd&lt;/b&gt; model &amp; co"));
    // A page made from the report is the page made by the scan.
    assert_eq!(folder.run(&["show", "r.jsonl", "-o", "again.html"]).code, 0);
    assert_eq!(folder.read("again.html"), page);
    // Parts of files are never left behind.
    let left = std::fs::read_dir(folder.path("")).unwrap().filter_map(Result::ok);
    assert!(left.into_iter().all(|e| !e.file_name().to_string_lossy().ends_with(".part")));
}

fn parquet_rows(folder: &Folder, name: &str) -> usize {
    let file = std::fs::File::open(folder.path(name)).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum()
}

#[test]
fn exported_works_come_back_the_same() {
    let folder = Folder::with_registry();
    let hash = |registry: &str| {
        let info: Value = serde_json::from_str(&folder.run(&["info", registry, "--json"]).stdout).unwrap();
        (info["content_hash"].clone(), info["works"].clone())
    };
    assert_eq!(hash("works.nagalm").1, 5);
    for file in ["w.jsonl", "w.csv", "w.parquet"] {
        assert_eq!(folder.run(&["export", "works.nagalm", file]).code, 0);
        let registry = format!("{file}.nagalm");
        let done = folder.run(&["register", &registry, file]);
        assert_eq!(done.code, 0, "{}", done.stderr);
        assert_eq!(hash(&registry), hash("works.nagalm"), "{file}");
    }
    let again = folder.run(&["register", "works.nagalm", "w.csv"]);
    assert!(again.stderr.contains("5 unchanged"), "{}", again.stderr);
}

#[test]
fn withdrawn_works_are_gone() {
    let folder = Folder::with_registry();
    folder.write("ids.txt", "P-31\nno such work\n");
    assert_eq!(folder.run(&["withdraw", "works.nagalm", "--strict", "--from", "ids.txt"]).code, 2);
    let done = folder.run(&["withdraw", "works.nagalm", "NL-7", "--from", "ids.txt"]);
    assert_eq!(done.code, 1, "{}", done.stderr);
    assert!(
        done.stderr.contains("no such work") && done.stderr.contains("2 works withdrawn"),
        "{}",
        done.stderr
    );
    let places = || {
        let scanned = reports(&folder.run(&["scan", "works.nagalm", &outputs()]).stdout);
        let matches = scanned.iter().flat_map(|r| r["matches"].as_array().unwrap().clone());
        matches.map(|m| (m["work_id"].clone(), m["output"].clone(), m["source"].clone())).collect::<Vec<_>>()
    };
    let before = places();
    assert!(
        before.iter().any(|m| m.0 == "T-100.000.001-1")
            && before.iter().all(|m| m.0 != "NL-7" && m.0 != "P-31")
    );
    assert_eq!(folder.run(&["compact", "works.nagalm"]).code, 0);
    assert_eq!(places(), before);
    let check = folder.run(&["check", "works.nagalm"]);
    assert_eq!((check.code, check.stdout.contains("all is well")), (0, true), "{}", check.stdout);
}

#[test]
fn folders_of_texts_and_plain_texts() {
    let folder = Folder::new();
    folder.write("poems/a/one.txt", "The Gate\n\nSlowly the iron gate swings over gravel and leaves\n");
    folder.write("poems/two.TXT", "Nobody\r\n\r\nNobody mows the meadow behind the closed station\n");
    folder.write("poems/bad.txt", b"caf\xE9");
    let done = folder.run(&["register", "p.nagalm", "--first-line-title", "poems"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("bad.txt: error: invalid UTF-8"), "{}", done.stderr);
    let works = reports(&folder.run(&["export", "p.nagalm", "-"]).stdout);
    assert_eq!(works.len(), 2);
    assert_eq!((&works[0]["work_id"], &works[0]["title"]), (&"one".into(), &"The Gate".into()));
    assert_eq!(works[1]["text"], "Nobody mows the meadow behind the closed station\n");
    let text = "He said: slowly the iron gate swings over gravel and leaves. And left.";
    let done = folder.run_with(&["scan", "p.nagalm", "-"], text.as_bytes());
    assert_eq!(done.code, 1, "{}", done.stderr);
    let report = &reports(&done.stdout)[0];
    assert_eq!(report["id"], "stdin");
    assert_eq!(report["matches"][0]["output"]["start"], 9);
    folder.write("answers/x.txt", text);
    assert!(folder.run(&["scan", "p.nagalm", "answers"]).stdout.contains("answers/x.txt"));
}

#[test]
fn show_marks_without_colour() {
    let folder = Folder::with_registry();
    folder.run(&["scan", "works.nagalm", &outputs(), "-o", "r.jsonl"]);
    let shown = folder.run(&["show", "r.jsonl"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(!shown.stdout.contains('\x1b'));
    assert!(shown.stdout.contains("the river [hides] what rivers know"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("answer-11"));
    assert!(folder.run(&["show", "r.jsonl", "--all"]).stdout.contains("answer-11"));
    let one = folder.run(&["show", "r.jsonl", "--id", "answer-02"]).stdout;
    assert!(one.contains("word for word") && !one.contains("answer-01"), "{one}");
    folder.fails(&["show", "r.jsonl", "--id", "nobody"], &["nobody"]);
}

#[test]
fn the_demo_writes_what_it_says() {
    let folder = Folder::new();
    for _ in 0..2 {
        let done = folder.run(&["demo"]);
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    for name in ["works.jsonl", "outputs.jsonl", "report.jsonl", "report.html"] {
        assert!(folder.path("nagalm-demo").join(name).exists(), "{name}");
    }
}

#[test]
fn the_schema_is_2020_12_and_help_teaches() {
    let folder = Folder::new();
    let schema: Value = serde_json::from_str(&folder.run(&["schema"]).stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["properties"]["matches"].is_object());
    for verb in
        ["register", "scan", "show", "withdraw", "info", "check", "export", "compact", "schema", "demo"]
    {
        let help = folder.run(&[verb, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.stdout.contains("Example"), "{verb}");
    }
    let typo = folder.run(&["registre"]);
    assert!(typo.code == 2 && typo.stderr.contains("register"), "{}", typo.stderr);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_panic() {
    use std::process::{Command, Stdio};
    let folder = Folder::with_registry();
    folder.write("o.jsonl", "{\"text\": \"nothing of note\"}\n".repeat(50_000));
    let mut child = Command::new(env!("CARGO_BIN_EXE_nagalm"))
        .args(["scan", "works.nagalm", "o.jsonl"])
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}

#[test]
fn a_sealed_registry_scans_names_its_signer_and_proves() {
    let folder = Folder::with_registry();
    let seal = |more: &[&str]| {
        let all = [
            &["seal", "works.nagalm", "-o", "w.sealed", "--profile", "contract", "--recipient", "A Lab"],
            more,
        ];
        folder.run(&all.concat())
    };
    let first = seal(&["--release", "1", "--signer", "Society"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(
        first.stderr.contains("made a secret key") && first.stderr.contains("5 works sealed"),
        "{}",
        first.stderr
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path("works.nagalm/society.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let bytes = std::fs::read(folder.path("w.sealed")).unwrap();
    let again = seal(&["--release", "1"]);
    assert!(!again.stderr.contains("made a secret key"), "{}", again.stderr);
    assert_eq!(std::fs::read(folder.path("w.sealed")).unwrap(), bytes);
    assert_eq!(seal(&["--signer", "Somebody"]).code, 2);
    // The key is no damage to the registry that it lies in.
    assert_eq!(folder.run(&["check", "works.nagalm"]).code, 0);

    let info: Value = serde_json::from_str(&folder.run(&["info", "w.sealed", "--json"]).stdout).unwrap();
    let key = info["sealed"]["signer_key"].as_str().unwrap();
    let scanned = folder.run(&["scan", "w.sealed", &outputs(), "-o", "r.jsonl", "--trust", key]);
    assert_eq!(scanned.code, 1, "{}", scanned.stderr);
    assert!(scanned.stderr.contains("a key that you trust"), "{}", scanned.stderr);
    let found = reports(&folder.read("r.jsonl"));
    let sealed: Vec<&Value> = found.iter().map(|report| &report["sealed"]).collect();
    assert!(sealed.iter().all(|s| s["signature"] == "trusted" && s["recipient"] == "A Lab"));
    // The key is another each time, and with it the grams that are stored: only long copies are matches for sure.
    assert!(sealed.iter().any(|s| s["matches"][0]["work_id"] == "P-31"), "{sealed:?}");
    for name in ["r.csv", "r.parquet", "r.html"] {
        assert_eq!(folder.run(&["scan", "w.sealed", &outputs(), "-o", name]).code, 1, "{name}");
    }

    let other = "ab".repeat(32);
    let refused = folder.run(&["scan", "w.sealed", &outputs(), "--trust", &other]);
    assert!(refused.code == 2 && refused.stderr.contains("none of yours"), "{}", refused.stderr);
    let taken = folder.run(&["scan", "w.sealed", &outputs(), "--trust", &other, "--unverified"]);
    assert!(taken.code == 1 && taken.stderr.contains("NONE OF YOURS"), "{}", taken.stderr);
    assert_eq!(folder.run(&["scan", "w.sealed", &outputs(), "--trust", "abc"]).code, 2);
    let unsigned = seal(&["--unsigned"]);
    assert_eq!(unsigned.code, 0, "{}", unsigned.stderr);
    assert_eq!(folder.run(&["scan", "w.sealed", &outputs()]).code, 2);
    assert_eq!(folder.run(&["register", "w.sealed", "-"]).code, 2);
    for verb in ["check", "compact", "seal"] {
        let more: &[&str] =
            if verb == "seal" { &["-o", "x", "--profile", "public", "--recipient", "x"] } else { &[] };
        let refused = folder.run(&[&[verb, "w.sealed"], more].concat());
        assert!(refused.code == 2 && !refused.stderr.contains("os error"), "{verb}: {}", refused.stderr);
    }

    seal(&["--release", "1"]);
    let proof = folder.run(&["prove", "works.nagalm", "w.sealed", "T-100.000.001-1", "-o", "proof.json"]);
    assert_eq!(proof.code, 0, "{}", proof.stderr);
    let works = reports(&std::fs::read_to_string(texts("works.jsonl")).unwrap());
    let text =
        works.iter().find(|work| work["work_id"] == "T-100.000.001-1").unwrap()["text"].as_str().unwrap();
    folder.write("text.txt", text.to_uppercase());
    let holds = folder.run(&["verify-proof", "w.sealed", "proof.json", "text.txt"]);
    assert!(holds.code == 0 && holds.stdout.contains("the proof holds"), "{} {}", holds.stdout, holds.stderr);
    folder.write("text.txt", format!("{text} and more"));
    assert_eq!(folder.run(&["verify-proof", "w.sealed", "proof.json", "text.txt"]).code, 1);
}

#[test]
fn works_too_short_for_the_public_are_named() {
    let folder = Folder::with_registry();
    folder.write(
        "short.jsonl",
        r#"{"work_id":"short one","text":"ten words that are too few for the public profile"}"#,
    );
    folder.run(&["register", "works.nagalm", "short.jsonl"]);
    let done =
        folder.run(&["seal", "works.nagalm", "-o", "p.sealed", "--profile", "public", "--recipient", "all"]);
    assert!(done.code == 0 && done.stderr.contains("LEFT OUT"), "{}", done.stderr);
    assert!(done.stderr.contains("\"short one\""), "{}", done.stderr);
}
