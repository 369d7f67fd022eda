//! Whatever the input holds: a clear word with its place, the rest taken, or nothing with `--strict`.

#[allow(dead_code)]
mod command;

use std::io::Write;

use command::{Folder, reports, texts};

const WORKS: &[u8] = b"{\"work_id\": \"a\", \"text\": \"one two three four five six\"}
{\"work_id\": \"b\", \"text\": \"caf\xE9\"}

{\"work_id\": \"c\", \"text\": \"  \"}
{\"work_id\": \"d\"
[1, 2]
{\"text\": \"nameless\"}
{\"work_id\": \"a\", \"text\": \"seven eight nine ten eleven twelve\"}
{\"work_id\": \"e\", \"text\": \"the last line is cut o";

#[test]
fn rows_that_cannot_be_registered_are_told_with_their_line() {
    let folder = Folder::new();
    folder.write("w.jsonl", WORKS);
    let done = folder.run(&["register", "r", "w.jsonl"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    for expected in [
        "w.jsonl:2: error: invalid UTF-8: byte 0xE9",
        "w.jsonl:4: error: work \"c\" has no text",
        "w.jsonl:5: error: the JSON object is cut off",
        "w.jsonl:6: error: not a JSON object",
        "w.jsonl:7: error: there is no \"work_id\"",
        "w.jsonl:8: warning: work_id \"a\" stands at w.jsonl:1 too",
        "w.jsonl:9: error: the JSON object is cut off",
        "6 refused",
    ] {
        assert!(done.stderr.contains(expected), "no {expected:?} in\n{}", done.stderr);
    }
}

#[test]
fn strict_takes_nothing() {
    let folder = Folder::new();
    folder.write("w.jsonl", WORKS);
    folder
        .fails(&["register", "r", "--strict", "w.jsonl"], &["w.jsonl:2", "6 rows were refused", "--strict"]);
}

#[test]
fn many_notes_are_counted_by_kind() {
    let folder = Folder::new();
    folder.write(
        "w.jsonl",
        "{\"work_id\": \"a\", \"text\": \"one two three four five six seven eight nine\"}\n".to_owned()
            + &"nonsense\n".repeat(100),
    );
    let done = folder.run(&["register", "r", "w.jsonl"]);
    assert_eq!(done.stderr.matches(": error:").count(), 20, "{}", done.stderr);
    assert!(done.stderr.contains("100 errors: not JSON"), "{}", done.stderr);
}

#[test]
fn inputs_that_cannot_be_read_are_told_before_anything_is_done() {
    let folder = Folder::new();
    folder.write("w.jsonl", "{\"work_id\": \"a\", \"text\": \"one two three\"}\n");
    folder.write("empty.jsonl", "").write("w.pdf", "x").write("folder/readme.md", "x");
    folder.fails(&["register", "r", "w.jsonl", "missing.jsonl"], &["missing.jsonl", "No such file"]);
    folder.fails(&["register", "r", "w.pdf"], &["w.pdf", ".jsonl", ".parquet"]);
    folder.fails(&["register", "r", "folder"], &["folder", ".txt"]);
    folder.fails(&["register", "r", "empty.jsonl"], &["no works were found"]);
    folder.fails(&["scan", "r", "folder"], &["folder", ".txt"]);
    folder.fails(&["scan", "r", "w.jsonl", "-o", "report.doc"], &["report.doc", ".html"]);
    assert!(
        !folder.path("r").exists() || folder.run(&["info", "r", "--json"]).stdout.contains("\"works\": 0")
    );
}

#[test]
fn a_line_beyond_the_limit_is_refused_and_the_next_is_taken() {
    let folder = Folder::new();
    let mut file = std::fs::File::create(folder.path("w.jsonl")).unwrap();
    file.write_all(b"{\"work_id\": \"huge\", \"text\": \"").unwrap();
    for _ in 0..100 {
        file.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    file.write_all(b"\"}\n{\"work_id\": \"a\", \"text\": \"one two three four five\"}\n").unwrap();
    drop(file);
    let done = folder.run(&["register", "r", "w.jsonl"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("w.jsonl:1: error: the line has 1048"), "{}", done.stderr);
    assert!(done.stderr.contains("1 refused"), "{}", done.stderr);
    folder.fails(&["register", "r2", "--strict", "--max-line", "1M", "w.jsonl"], &["w.jsonl:1"]);
}

#[test]
fn tables_and_arrays_lose_only_their_bad_rows() {
    let folder = Folder::new();
    folder.write("w.csv", b"\xEF\xBB\xBFwork_id;text\na;one two three four\nb\nc;\"two\nlines here now\"\nd;caf\xE9\ne;five six seven\n");
    let done = folder.run(&["register", "r", "w.csv"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("w.csv:3: error: the row has 1 fields, the header 2"), "{}", done.stderr);
    assert!(done.stderr.contains("w.csv:6: error: column text: invalid UTF-8"), "{}", done.stderr);
    assert!(done.stderr.contains("2 refused"), "{}", done.stderr);

    folder
        .write("w.json", "[{\"work_id\": \"a\", \"text\": \"one two three\"}, 5, {\"work_id\": \"b\", \"te");
    let done = folder.run(&["register", "r", "w.json"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("w.json:2: error: this item is not"), "{}", done.stderr);
    assert!(done.stderr.contains("w.json:3: error: the file ends in the middle"), "{}", done.stderr);

    folder.write("lyrics.csv", "work_id,lyrics\na,la la la\n").write("not.parquet", "PAR1 not really");
    folder.fails(&["register", "r", "lyrics.csv"], &["lyrics.csv:1", "\"text\"", "lyrics"]);
    folder.fails(&["register", "r", "not.parquet"], &["not.parquet", "not a Parquet file"]);
    folder.write("bad.jsonl.gz", "not gzip");
    folder.fails(&["register", "r", "bad.jsonl.gz"], &["bad.jsonl.gz", "could not be read on"]);
}

#[test]
fn outputs_that_cannot_be_scanned_are_told_and_the_rest_is() {
    let folder = Folder::with_registry();
    folder.write(
        "o.jsonl",
        "{\"id\": \"1\", \"text\": \"some words\", \"version\": \"v9\"}\n{\"id\": \"2\"}\n{\"text\": \"\"}\nnonsense\n{\"id\": \"1\", \"text\": \"x\"}",
    );
    let done = folder.run(&["scan", "works.nagalm", "o.jsonl"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let found = reports(&done.stdout);
    let ids: Vec<_> = found.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "o.jsonl:3", "1"]);
    assert_eq!(found[0]["input_version"], "v9");
    for expected in
        ["o.jsonl:2: error: there is no \"text\"", "o.jsonl:3: warning", "o.jsonl:4: error", "2 ROWS SKIPPED"]
    {
        assert!(done.stderr.contains(expected), "no {expected:?} in\n{}", done.stderr);
    }
    assert!(done.stderr.contains("o.jsonl:5: warning: id \"1\" stands at o.jsonl:1 too"), "{}", done.stderr);

    folder
        .fails(&["scan", "works.nagalm", "o.jsonl", "--strict", "-o", "r.jsonl"], &["o.jsonl:2", "--strict"]);
    assert!(!folder.path("r.jsonl").exists());
    folder.write("none.jsonl", "nonsense\n");
    folder.fails(&["scan", "works.nagalm", "none.jsonl", "-o", "r.jsonl"], &["nothing to scan"]);
    assert!(!folder.path("r.jsonl").exists());
}

#[test]
fn reports_of_another_form_are_told() {
    let folder = Folder::new();
    folder.write("r.jsonl", "{\"schema\": \"nagalm.report/9\", \"id\": \"x\"}\n").write("x.jsonl", "{}\n");
    folder.fails(&["show", "r.jsonl"], &["r.jsonl:1", "nagalm.report/9", "nagalm.report/1"]);
    folder.fails(&["show", "x.jsonl"], &["x.jsonl:1", "not a report"]);
    folder.fails(&["show", "missing.jsonl"], &["missing.jsonl"]);
}

#[test]
fn registries_that_are_not_there_are_told() {
    let folder = Folder::new();
    folder.write("o.jsonl", "{\"text\": \"la\"}\n");
    for arguments in [
        &["scan", "nowhere", "o.jsonl"][..],
        &["withdraw", "nowhere", "a"],
        &["info", "nowhere"],
        &["check", "nowhere"],
        &["export", "nowhere", "-"],
        &["compact", "nowhere"],
    ] {
        folder.fails(arguments, &["nowhere"]);
        assert!(!folder.path("nowhere").exists(), "{arguments:?} made a registry");
    }
}

#[test]
fn a_damaged_index_is_named_and_compact_mends_it() {
    let folder = Folder::with_registry();
    let segment = folder.path("works.nagalm/segments/0000000001.segment");
    let mut bytes = std::fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let outputs = texts("outputs.jsonl");
    let scan = ["scan", "works.nagalm", outputs.to_str().unwrap(), "-o", "report.jsonl"];
    let done = folder.run(&scan);
    assert_eq!(done.code, 2);
    assert!(
        done.stderr.contains("0000000001.segment") && done.stderr.contains("nagalm compact"),
        "{}",
        done.stderr
    );
    let done = folder.run(&["compact", "works.nagalm"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("could not be read"), "{}", done.stderr);
    assert_eq!(folder.run(&scan).code, 1);
    assert_eq!(folder.run(&["check", "works.nagalm"]).code, 0);
}
