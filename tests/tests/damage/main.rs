//! Segments with damage in them. A binary of its own, because it counts what is allocated.

mod file;
mod segments;

/// Counts bytes, for all tests of this binary.
#[global_allocator]
static ALLOCATED: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;
