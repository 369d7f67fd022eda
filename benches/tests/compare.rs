//! The comparison's smoke run: the engines of this program on the smallest workload, without data and without network.
//! nagalm's floors are asked for, and its verbatim matches are held to the naive twin.

use std::process::Command;

#[test]
fn our_engines_agree_on_the_small_workload() {
    let json = tempfile::NamedTempFile::new().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_nagalm-bench"))
        .args(["compare", "--workload", "small", "--engine", "nagalm", "straightforward", "naive", "--json"])
        .arg(json.path())
        .output()
        .unwrap();
    let (table, told) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{told}\n{table}");

    let rows = std::fs::read_to_string(json.path()).unwrap();
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    let expected =
        ["nagalm", "nagalm-verbatim", "nagalm-public", "nagalm-contract", "straightforward", "naive"];
    assert_eq!(names, expected);
    assert!(rows.iter().all(|row| row["missing"].is_null()), "{table}");
    assert_eq!(rows[0]["verdict"], "ok", "{table}");
    // The naive twin finds every unedited passage: each has eight words in a row.
    assert_eq!(rows[5]["recall_by_level"][0], 100.0, "{table}");
}

#[test]
fn an_engine_that_is_not_there_is_refused() {
    let run = Command::new(env!("CARGO_BIN_EXE_nagalm-bench"))
        .args(["compare", "--workload", "small", "--engine", "nobody"])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stderr).contains("no engine `nobody`"));
}
