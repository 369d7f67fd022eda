//! What makes the project's test texts: sample works of its own, and generators of texts with planted copies.
//!
//! Nothing here depends on `nagalm`: a workload says what stands where before anything has looked for it.

pub mod planted;
pub mod sample;
