//! Any bytes as a file of works or outputs.

use std::cell::RefCell;
use std::fmt::Debug;
use std::fs::File;
use std::path::PathBuf;

use tempfile::TempDir;

/// Kinds of files that are text, plain or packed.
const KINDS: &[&str] =
    &["a.jsonl", "a.json", "a.csv", "a.tsv", "a.txt", "a.jsonl.gz", "a.json.gz", "a.csv.gz"];

/// Records that are read at most: a few bytes of Parquet stand for billions of rows.
const MOST: usize = 2_000;

/// Bytes as a file of text. The first says of which kind, whether for works or for outputs, and how long a record may be.
///
/// # Panics
/// Where a record is longer than allowed.
pub fn importers(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    read(KINDS[usize::from(first) % KINDS.len()], first, bytes);
}

/// Bytes as a Parquet file, after a first one as above.
///
/// # Panics
/// As [`importers`].
pub fn parquet(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    read("a.parquet", first, bytes);
}

fn read(name: &str, first: u8, bytes: &[u8]) {
    let max_record = if first & 0x80 == 0 { 1 << 20 } else { 48 };
    let path = written(name, bytes);
    // Read from memory a file would stay as it is; here the next input replaces it.
    if first & 0x40 == 0 {
        let works = nagalm_cli::works_in(&path, max_record, MOST).expect("the file is there");
        for work in works.iter().flatten() {
            assert!(!work.work_id.is_empty(), "a work without an identifier");
            assert_bounded(&work.text, max_record);
        }
        assert_told(&works);
    } else {
        let outputs = nagalm_cli::outputs_in(&path, max_record, MOST).expect("the file is there");
        outputs.iter().flatten().for_each(|output| assert_bounded(&output.text, max_record));
        assert_told(&outputs);
    }
}

/// No text is longer than the record that it came from, escapes and all.
fn assert_bounded(text: &str, max_record: usize) {
    assert!(text.len() <= max_record.saturating_mul(2), "{} bytes of text", text.len());
}

/// What is wrong with a record is said in a few words.
fn assert_told<T: Debug>(records: &[Result<T, String>]) {
    for problem in records.iter().filter_map(|record| record.as_ref().err()) {
        assert!(!problem.is_empty() && problem.len() < 1 << 16, "a message of {} bytes", problem.len());
    }
}

/// `bytes` in a file of this thread, in memory where the system has such files.
fn written(name: &str, bytes: &[u8]) -> PathBuf {
    thread_local! {
        static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) };
    }
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(super::segment::folder_in_memory);
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file in memory can be written");
        debug_assert!(File::open(&path).is_ok());
        path
    })
}
