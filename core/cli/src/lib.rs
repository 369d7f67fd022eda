//! The `nagalm` command line: arguments in, verbs done, errors told in one line.
//!
//! The binary calls [`run`], Python's package [`run_with`]. What else is public is what another front end would have to do a
//! second time: fields to works and outputs ([`fields`]), reports as Arrow columns ([`columns`]) and as a picture
//! ([`picture`]). [`works_in`] and [`outputs_in`] read files as the verbs do, for tests that look only at that.

pub mod columns;
pub mod fields;
pub mod picture;

#[cfg(test)]
mod fixtures;
mod input;
mod notes;
mod output;
mod progress;
mod verbs;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

pub use crate::input::{outputs_in, works_in};
use crate::output::is_broken_pipe;
use crate::verbs::{FAILED, Verb};

/// Finds registered works in what generative models say, and shows the evidence
#[derive(Parser)]
#[command(name = "nagalm", version, propagate_version = true, max_term_width = 100, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

const AFTER_HELP: &str = "\
Examples:
  nagalm demo                                          see what it does, with works and outputs of its own
  nagalm register songs.nagalm works.jsonl             make a registry (a folder) and add works to it
  nagalm scan songs.nagalm outputs.jsonl -o report.jsonl
  nagalm show report.jsonl                             both texts side by side

Every verb has its own help with examples: nagalm scan --help";

/// Does what the arguments of this process say; gives the code to exit with.
#[must_use]
pub fn run() -> ExitCode {
    ExitCode::from(run_with(std::env::args_os()))
}

/// Does what `arguments` say, the first of which is the program's name; gives the code to exit with, and exits by itself in
/// no case.
#[must_use]
pub fn run_with(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let code = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => done(arguments.verb.run()),
        // Help and version are errors of this kind, too.
        Err(error) => {
            let _ = error.print();
            u8::try_from(error.exit_code()).unwrap_or(FAILED)
        }
    };
    // The standard library does this when a program of Rust ends; ours may go on.
    let _ = std::io::stdout().flush();
    code
}

fn done(result: anyhow::Result<u8>) -> u8 {
    match result {
        Ok(code) => code,
        // The reader of our output went away, as `head` does: nothing to say, but not all was written.
        Err(error) if is_broken_pipe(&error) => FAILED,
        Err(error) => {
            // Not `eprintln`, which panics where standard error is closed.
            let _ = writeln!(std::io::stderr(), "nagalm: {}", one_line(&error));
            FAILED
        }
    }
}

/// An error with its causes. The library's errors already name theirs.
fn one_line(error: &anyhow::Error) -> String {
    let mut parts = Vec::new();
    for cause in error.chain() {
        parts.push(cause.to_string());
        if cause.is::<nagalm::Error>() {
            break;
        }
    }
    progress::one_line(&parts.join(": "))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_hold_together() {
        super::Arguments::command().debug_assert();
    }
}
