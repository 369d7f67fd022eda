//! `nagalm-counts`: how many instructions a few small jobs take, held against the counts that are kept in `counts.toml`.
//!
//! Time is no test: it depends on the machine and on who else uses it. The number of instructions does not, or hardly.
//! Valgrind's Callgrind counts them while it emulates the processor. It knows no AVX-512, so what is counted are the
//! kernels for AVX2, on any machine that has these.

mod callgrind;
mod jobs;
mod kept;

use std::process::ExitCode;

use clap::Parser;

/// The command line's, as in every measurement.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Counts the instructions of small fixed jobs with Valgrind and compares them with benches/counts/counts.toml.
///
/// Exit code 1 where a job takes 10% more than the count that is kept, unless the message of git's HEAD has a line
/// `Counts: WHY`; 2 where nothing could be counted. Built in the release profile, or the counts mean nothing:
///
///     cargo run --release -p nagalm-counts
#[derive(Parser)]
#[command(name = "nagalm-counts", version, verbatim_doc_comment)]
struct Arguments {
    /// Keep what is counted now as what later runs are held against.
    #[arg(long)]
    write: bool,
    /// Do the jobs without counting: what Callgrind is given to run.
    #[arg(long, hide = true)]
    jobs: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = if arguments.jobs { jobs::run().map(|()| true) } else { count(arguments.write) };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("nagalm-counts: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Counts, compares, and says whether all is well.
fn count(write: bool) -> anyhow::Result<bool> {
    anyhow::ensure!(
        !cfg!(debug_assertions),
        "this is a debug build, whose counts say nothing: cargo run --release -p nagalm-counts"
    );
    eprintln!("counting instructions with Valgrind, some ten seconds …");
    let counted = callgrind::count(&jobs::NAMES)?;
    let kept = kept::read()?;
    print!("{}", kept::table(&kept, &counted));
    if write {
        let path = kept::write(&counted)?;
        println!("kept in {}", path.display());
        return Ok(true);
    }
    kept::judge(&kept, &counted)
}
