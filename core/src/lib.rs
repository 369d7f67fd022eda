//! nagalm finds the echo of registered works in what generative models say.
//!
//! ```text
//! text -> fold -> tokens -> fingerprint -> seeds -> chain -> align -> score -> report
//!                                |                                      ^
//!                             registry (works, index) ------------------+
//! ```
//!
//! A [`Registry`] holds works and the index over them; a [`Scanner`] takes outputs and gives a [`Report`] for each.
//! `ARCHITECTURE.md` beside this crate's manifest walks through the rooms.

mod error;
mod fingerprint;
mod logarithm;
mod neighbour;
pub mod registry;
pub mod report;
mod scanner;
mod score;
mod search;
mod simd;
mod text;

pub use error::{Error, Result};
pub use neighbour::{Chance, Embedder, IndexBuilder, Model, Neighbour, Spread, VectorIndex};
pub use registry::{Added, Creator, Info, Licence, Registry, Reservation, Warning, Work};
#[cfg(feature = "store")]
pub use registry::{Commit, Embedded, Finding, OpenOptions, Writer, check, embed};
pub use registry::{IndexedWork, Meaning, NearPassage, Seed, Statistics};
pub use registry::{
    Metadata, Profile, Proof, SealInfo, SealKey, SealOptions, SealedFile, SealedWork, Signature, Trust,
    Verification,
};
pub use report::Report;
pub use scanner::{Output, Scanner, Settings};
pub use simd::InstructionSet;
#[cfg(feature = "self-test")]
#[doc(hidden)]
pub use simd::all_kernels_say_the_same;

/// Version of this library, as it stands in every report.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
