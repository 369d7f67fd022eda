//! What the suite's modules share: where the workspace lies, where the data for tests lies, and how a case is read.

use std::path::{Path, PathBuf};

pub mod cases;
pub mod hostile;
pub mod invariants;

/// The workspace's root: the folder that holds `core/` and `tests/`.
#[must_use]
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate lies in a folder of the workspace")
        .into()
}

/// A folder of `../shared/data`, beside the workspace. `None`, with a visible line, where it is missing: such data is
/// not part of the project, and a test that needs it says that it did not run.
#[must_use]
pub fn shared_data(folder: &str) -> Option<PathBuf> {
    let path = workspace_root().join("../shared/data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIPPED: ../shared/data/{folder} is not there");
    None
}

/// How many cases a property test should have: as many as `NAGALM_CASES` says, or as `usual`.
///
/// # Panics
/// Where the variable is set and no number.
#[must_use]
pub fn number_of_cases(usual: u32) -> u32 {
    match std::env::var("NAGALM_CASES") {
        Ok(number) => number.parse().expect("NAGALM_CASES is a number of cases"),
        Err(_) => usual,
    }
}
