//! Passages as vectors: what is close in meaning, where no copied word betrays it.
//!
//! ```text
//! text -> passages -> Embedder -> vectors -> index
//!                                    |
//!                    Chance: how like each other passages are that have nothing to do with each other
//! ```

mod chance;
mod embedder;
mod index;
mod passages;
mod vectors;

pub use chance::Chance;
pub use embedder::{Embedder, Model, Spread};
pub use index::{IndexBuilder, Neighbour, VectorIndex};
pub(crate) use passages::passages;
pub(crate) use vectors::{TextHash, Vectors, VectorsBuilder};
