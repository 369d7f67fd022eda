//! `nagalm-bench`: measures what nagalm reaches, on real and on generated work, with every answer checked.

mod answer;
mod check;
mod clock;
mod compare;
mod data;
mod definition;
mod engines;
mod judged;
mod lists;
mod mueller_160;
mod neighbours;
mod phrases;
mod profile;
mod reach;
mod scaling;
mod scan;
mod table;
mod text_source;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// The command line's, so that what is measured is what its users get.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const COMPARE_HELP: &str = "\
Examples:
  nagalm-bench compare --workload small --engine nagalm nagalm-verbatim straightforward naive   needs no data, no network
  nagalm-bench compare --text PROSE                                         everything, with peers from PyPI and crates.io
  nagalm-bench compare --workload books --text PROSE --outputs 2000 --engine nagalm rensa
  nagalm-bench compare --list

Peers are installed on first use, under the build's folder; what cannot be had is listed as missing. benches/README.md
describes the columns, the protocol, and how to add an engine.";

/// Measures nagalm on real and generated work, and checks every answer.
#[derive(Parser)]
#[command(name = "nagalm-bench", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures everything that the project set out to reach, and prints one table. Exit code 1 where a floor is not
    /// reached or an answer is wrong, 2 where it could not be measured.
    Reach {
        /// Only these sets.
        #[arg(long, value_name = "NAME", num_args = 1.., value_parser = reach::names())]
        only: Vec<String>,
        /// A folder to write what was reported and what was missed to, for reading.
        #[arg(long, value_name = "DIR")]
        list_reports: Option<PathBuf>,
        #[command(flatten)]
        sources: Sources,
    },
    /// Takes over what a reader said of the matches in a list: whether they are real reuse.
    ///
    /// `reach --only hard --list-reports DIR` writes `DIR/hard.md`, and `--only planted` `DIR/planted-judge.md`. Write
    /// `yes` or `no` behind each `real reuse?` line in it, as many as you like, and give the file to this command, with
    /// its set. Only hashes of the passages are kept.
    Judge {
        /// The list, filled in.
        list: PathBuf,
        /// The set whose list it is.
        #[arg(long, value_name = "NAME", default_value = "hard")]
        set: String,
    },
    /// Measures how time and memory grow with the registry, and writes a table and a plot. Takes some minutes, and several
    /// gigabytes in the folder for temporary files (`TMPDIR`).
    Scaling(scaling::Scaling),
    /// Runs nagalm and its peers on the same work and prints one table. Exit code 1 where nagalm misses a floor or an
    /// answer is wrong, 2 where it could not be measured.
    #[command(after_help = COMPARE_HELP)]
    Compare(compare::Arguments),
    /// Measures the vector index and its peers on vectors of real passages, and prints one table.
    Neighbours(neighbours::Neighbours),
    /// Plays one of the engines of this program, for `compare`.
    #[command(hide = true)]
    Engine {
        #[arg(value_parser = engines::NAMES)]
        name: String,
        /// The folder with the protocol's files.
        folder: PathBuf,
    },
    /// Scans the planted outputs over and over on one thread: something to attach a profiler to.
    Profile {
        /// For how long.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        #[command(flatten)]
        sources: Sources,
    },
}

/// Where texts come from, and how much of them.
#[derive(Args, Clone)]
pub(crate) struct Sources {
    /// The folder with the real sets.
    #[arg(long, value_name = "DIR", default_value_os_t = data::default_folder())]
    pub(crate) data: PathBuf,
    /// A folder of prose for the planted workload: files `LANGUAGE-PACKAGE.txt` of paragraphs between blank lines.
    #[arg(long, value_name = "DIR", default_value_os_t = text_source::default_folder())]
    pub(crate) text: PathBuf,
    /// Works of 1,000 characters in the planted workload.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) works: usize,
    /// Outputs of 2,000 characters in the planted workload, a twentieth of them planted; a quarter as many more,
    /// all planted, come on top.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) outputs: usize,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Reach { only, list_reports, sources } => reach::run(&only, list_reports, sources),
        Command::Judge { list, set } => judged::run(&set, &list),
        Command::Scaling(scaling) => scaling::run(&scaling),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Neighbours(arguments) => neighbours::run(&arguments),
        Command::Engine { name, folder } => engines::run(&name, &folder),
        Command::Profile { seconds, sources } => profile::run(seconds, &sources),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nagalm-bench: {error:#}");
            ExitCode::from(2)
        }
    }
}
