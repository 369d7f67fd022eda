//! What fuzz targets check, each in a function of the bytes that a fuzzer made up: `tests/fuzz` feeds them new ones, the
//! suite replays those that were kept. What does not hold is a panic.

#[cfg(feature = "importers")]
mod importers;
mod recipe;
mod sealed;
mod segment;
mod texts;
mod vectors;

#[cfg(feature = "importers")]
pub use importers::{importers, parquet};
pub use sealed::sealed;
pub use segment::segment;
pub use texts::{fold_and_scan, register};
pub use vectors::vectors;

/// A check of bytes.
pub type Target = fn(&[u8]);

/// Every target with its name, which is also the name of its folder in `tests/fuzz/corpus` and of its file in
/// `tests/fuzz/targets`.
pub const TARGETS: &[(&str, Target)] = &[
    ("fold_and_scan", fold_and_scan),
    ("register", register),
    #[cfg(feature = "importers")]
    ("importers", importers),
    #[cfg(feature = "importers")]
    ("parquet", parquet),
    ("segment", segment),
    ("sealed", sealed),
    ("vectors", vectors),
];
