//! What goes in: files, folders and standard input, taken apart into records.
//!
//! A reader thread cuts the input into chunks of raw records ([`feed`]); whoever receives them turns each into a work
//! ([`works`]) or an output ([`outputs`]) on all cores. A record that cannot be read is a record too: it carries its
//! place and what is wrong, so that nothing is ever left out without a word.

mod array;
mod csv;
pub(crate) mod feed;
mod lines;
pub(crate) mod outputs;
mod parquet;
mod record;
mod source;
mod text;
pub(crate) mod works;

pub(crate) use lines::{Line, bounded_line};
pub(crate) use record::{Place, Problem, Record};
pub(crate) use source::{Stdin, resolve};
