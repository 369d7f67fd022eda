//! What makes the project's test texts: sample works of its own, generators of texts with planted copies, and an attack on
//! texts that are only given as hashes.
//!
//! Nothing here depends on `nagalm`: a workload says what stands where before anything has looked for it.

pub mod evasion;
pub mod planted;
pub mod sample;
pub mod walk;
