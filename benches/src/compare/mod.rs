//! nagalm and its peers on the same work, one line of a table each.

mod engine;
mod plagdet;
mod process;
mod row;
mod sample;
mod score;
mod twins;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use clap::Args;
use nagalm_engine_protocol::{Figures, Found, PROTOCOL_FILES, read_lines, write_lines};

use crate::definition::{self, Definition, Floors};
use crate::table::aligned;
use crate::workload::{REAL_COPY, Workload};
use crate::{Sources, data, text_source};
use engine::{Call, Engine, Places};
use row::Row;
use sample::Sample;
use score::score;

/// What `compare` is told.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What is registered and scanned: `workloads/NAME.toml`.
    #[arg(long, value_name = "NAME", default_value = "lyrics", value_parser = definition::names())]
    workload: String,
    /// Only these engines, by folder or by line of the table.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    engine: Vec<String>,
    /// Other than the workload's number of outputs; what is planted beside them changes in proportion. With fewer, the floors
    /// are not asked for: they hold for the whole.
    #[arg(long, value_name = "N")]
    outputs: Option<usize>,
    /// The folder with the real sets, which the word model learns from where there is no prose.
    #[arg(long, value_name = "DIR", default_value_os_t = data::default_folder())]
    data: PathBuf,
    /// A folder of prose: files `LANGUAGE-PACKAGE.txt` of paragraphs between blank lines.
    #[arg(long, value_name = "DIR", default_value_os_t = text_source::default_folder())]
    text: PathBuf,
    /// Write the rows with all figures to this file, too, as JSON lines; after each engine what there is.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Only list the engines: what they are, how they are called, and why so.
    #[arg(long)]
    list: bool,
}

impl Arguments {
    fn save(&self, rows: &[Row]) -> anyhow::Result<()> {
        self.json.as_ref().map_or(Ok(()), |path| write_lines(path, rows))
    }
}

/// Compares, and prints the table. Exit code 1 where nagalm misses a floor or anything gave a wrong answer.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let places = Places::new();
    let engines = Engine::all(&places)?;
    if arguments.list {
        engines.iter().for_each(print_engine);
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = wanted(&engines, &arguments.engine)?;
    let mut definition = Definition::named(&arguments.workload)?;
    if let Some(outputs) = arguments.outputs {
        definition = definition.with_outputs(outputs);
        if outputs < Definition::named(&arguments.workload)?.outputs.count {
            eprintln!("fewer outputs than the workload has: its floors are not asked for");
            definition.floors = Floors::default();
        }
    }
    let sources = Sources {
        data: arguments.data.clone(),
        text: arguments.text.clone(),
        works: definition.works.count,
        outputs: definition.outputs.count,
    };
    let workload = Workload::make(&definition, &sources)?;
    let bench = Bench { places, quiet: quiet(&workload), definition, workload };

    let mut rows = Vec::new();
    let mut found = HashMap::new();
    for (engine, call) in wanted {
        eprintln!("{} …", call.name);
        let start = Instant::now();
        match bench.measure(engine, call) {
            Ok((row, lines)) => {
                eprintln!("  {:.1} s", start.elapsed().as_secs_f64());
                rows.push(row);
                if ["nagalm", "nagalm-verbatim", "naive"].contains(&call.name.as_str()) {
                    found.insert(call.name.clone(), lines);
                }
            }
            Err(error) => {
                eprintln!("  missing: {error:#}");
                // A peer may be missing; we may not.
                rows.push(Row::missing(&call.name, &format!("{error:#}"), engine.is_ours()));
            }
        }
        arguments.save(&rows)?;
    }
    let of = |name: &str| found.get(name).map(Vec::as_slice);
    if let (Some(default), Some(verbatim), Some(naive)) = (of("nagalm"), of("nagalm-verbatim"), of("naive")) {
        let wrong = twins::disagreements(&bench.workload, default, verbatim, naive);
        if let Some(row) = rows.iter_mut().find(|row| row.name == "nagalm-verbatim") {
            row.add_wrong("the naive twin disagrees", &wrong);
        }
    }
    bench.print(&rows);
    arguments.save(&rows)?;
    Ok(if rows.iter().any(Row::failed) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The workload with what is needed to judge answers.
struct Bench {
    places: Places,
    definition: Definition,
    workload: Workload,
    /// Per output whether it is unplanted and holds no real copy.
    quiet: Vec<bool>,
}

impl Bench {
    fn measure(&self, engine: &Engine, call: &Call) -> anyhow::Result<(Row, Vec<Found>)> {
        engine.set_up(&self.places)?;
        std::fs::create_dir_all(&self.places.target)
            .with_context(|| format!("making {}", self.places.target.display()))?;
        let folder = tempfile::tempdir_in(&self.places.target).context("making a folder for the engine")?;
        let sample = Sample::new(&self.workload, call);
        sample.write(&self.workload, folder.path())?;
        let command = engine.command(call, &self.places, folder.path());
        let peak_bytes = process::run(command, folder.path(), call.time_limit)?;
        let figures: Vec<Figures> = read_lines(&folder.path().join(PROTOCOL_FILES.figures))?;
        let figures = figures.first().context("the engine wrote no figures")?;
        let found: Vec<Found> = read_lines(&folder.path().join(PROTOCOL_FILES.found))?;
        let score = score(&self.workload, &self.definition.planted, &sample, &self.quiet, &found);
        let row = Row::new(call, &self.workload, &self.definition, &sample, figures, peak_bytes, &score);
        Ok((row, found))
    }

    fn print(&self, rows: &[Row]) {
        let Self { workload, definition, .. } = self;
        println!("{}: {}.", definition.description, workload.source);
        println!(
            "{} works, {} outputs of which {} planted, {} further planted ones; {} unplanted outputs share no {REAL_COPY} words with a work.\n",
            workload.works.len(),
            workload.base,
            workload.plants[..workload.base].iter().flatten().count(),
            workload.outputs.len() - workload.base,
            self.quiet.iter().filter(|quiet| **quiet).count(),
        );
        let levels: Vec<String> =
            definition.planted.edited.iter().map(|edited| format!("{:.0}", 100.0 * edited)).collect();
        let lengths: Vec<String> =
            definition.planted.lengths.iter().map(|(least, _)| format!("{least}-")).collect();
        let header = row::header(&levels.join("/"), &lengths.join("/"));
        let ours = rows.iter().find(|row| row.name == "nagalm").and_then(|row| row.scan_speed);
        let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells(ours)).collect();
        print!("{}", aligned(&header, &cells));
        for row in rows {
            for note in &row.notes {
                println!("\n{}: {note}", row.name);
            }
        }
    }
}

fn quiet(workload: &Workload) -> Vec<bool> {
    eprintln!("  looking for runs that unplanted outputs share with works by themselves");
    let mut quiet = vec![false; workload.outputs.len()];
    for n in workload.without_run(REAL_COPY) {
        quiet[n] = true;
    }
    quiet
}

/// The calls named, or all but those that are asked for by name only.
fn wanted<'a>(engines: &'a [Engine], names: &[String]) -> anyhow::Result<Vec<(&'a Engine, &'a Call)>> {
    let all = || engines.iter().flat_map(|engine| engine.calls.iter().map(move |call| (engine, call)));
    for name in names {
        ensure!(
            all().any(|(engine, call)| *name == engine.name || *name == call.name),
            "no engine `{name}`: there are {}",
            engines.iter().map(|engine| engine.name.as_str()).collect::<Vec<_>>().join(", ")
        );
    }
    let named =
        |engine: &Engine, call: &Call| names.iter().any(|name| *name == engine.name || *name == call.name);
    Ok(all()
        .filter(|(engine, call)| if names.is_empty() { !call.only_by_name } else { named(engine, call) })
        .collect())
}

fn print_engine(engine: &Engine) {
    println!("{} {} ({}), {}", engine.name, engine.version, engine.licence, engine.source);
    println!("  {}", engine.description);
    for call in &engine.calls {
        println!("  {}: {}", call.name, call.settings.trim());
    }
    println!();
}
