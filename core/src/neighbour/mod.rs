//! Passages as vectors: what is close in meaning, where no copied word betrays it.

pub mod index;
