//! `python -m nagalm`: the same command line as the binary.

use std::ffi::OsString;

use pyo3::prelude::*;

use crate::runtime::released;

/// Does what the arguments say, the first of which is the program's name; gives the code to exit with.
#[pyfunction]
pub fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    released(py, || nagalm_cli::run_with(arguments))
}
