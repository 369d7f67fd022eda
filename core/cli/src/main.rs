//! The `nagalm` command line.
fn main() {}
