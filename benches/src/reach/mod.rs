//! What the project set out to reach, one set a file, and the one table over all of them.

mod alarms;
mod build;
mod dutch_spelling;
mod evalue;
mod evasion;
mod hard;
mod hostile;
mod languages;
mod leak;
mod llm_kjv;
mod llm_poems;
mod planted;
mod recall;
mod reused;
mod sealed;
mod songs_de_pd;
mod speed;
mod variants;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use crate::Sources;
use crate::data::{Data, Missing};
use crate::lists::Lists;
use crate::table::Table;

/// What a set measures with.
struct Bench {
    data: Data,
    lists: Lists,
    sources: Sources,
}

type Set = fn(&Bench, &mut Table) -> anyhow::Result<()>;

/// The sets in the order of the table.
const SETS: [(&str, Set); 16] = [
    ("llm_poems", llm_poems::measure),
    ("llm_kjv", llm_kjv::measure),
    ("german_poems", variants::measure_german_poems),
    ("dutch_songs", variants::measure_dutch_songs),
    ("songs_de_pd", songs_de_pd::measure),
    ("dutch_spelling", dutch_spelling::measure),
    ("languages", languages::measure),
    ("planted", planted::measure),
    ("hard", hard::measure),
    ("speed", speed::measure),
    ("build", build::measure),
    ("evalue", evalue::measure),
    ("sealed", sealed::measure),
    ("leak", leak::measure),
    ("hostile", hostile::measure),
    ("evasion", evasion::measure),
];

/// The names of all sets.
pub(crate) fn names() -> [&'static str; SETS.len()] {
    SETS.map(|(name, _)| name)
}

/// Measures the sets named in `only`, or all, and prints the table.
pub(crate) fn run(
    only: &[String],
    list_reports: Option<PathBuf>,
    sources: Sources,
) -> anyhow::Result<ExitCode> {
    let bench = Bench { data: Data(sources.data.clone()), lists: Lists(list_reports), sources };
    let mut table = Table::default();
    for (name, measure) in SETS {
        if !only.is_empty() && !only.iter().any(|n| n == name) {
            continue;
        }
        eprintln!("{name} …");
        let start = Instant::now();
        match measure(&bench, &mut table) {
            Ok(()) => eprintln!("  {:.1} s", start.elapsed().as_secs_f64()),
            Err(error) => match error.downcast_ref::<Missing>() {
                Some(missing) => table.skip(name, &missing.to_string()),
                None => return Err(error.context(name)),
            },
        }
    }
    print!("{}", table.render());
    Ok(if table.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
