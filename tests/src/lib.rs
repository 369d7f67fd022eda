//! What the suite's modules share: where the workspace lies, where the data for tests lies, and how a case is read.

use std::path::{Path, PathBuf};

pub mod cases;
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
