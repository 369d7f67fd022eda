//! How time and memory grow with the registry: each size made, registered and scanned by processes of its own, so that the
//! memory of each is its own; written as a table and as a plot.

mod plot;
mod stages;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Sources;

#[derive(Args)]
pub(crate) struct Scaling {
    /// How many works each registry has.
    #[arg(long, value_name = "N", num_args = 1.., default_values_t = [10_000, 100_000, 1_000_000])]
    sizes: Vec<usize>,
    /// The folder that gets `scaling.md` and `scaling.svg`.
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR")))]
    out: PathBuf,
    /// What a process of its own does, in a folder for it alone.
    #[arg(long, hide = true, requires = "folder")]
    stage: Option<Stage>,
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
    #[command(flatten)]
    sources: Sources,
}

#[derive(Clone, Copy, ValueEnum)]
enum Stage {
    Make,
    Register,
    Scan,
}

/// What the works are.
#[derive(Serialize, Deserialize)]
struct Made {
    source: String,
    works: usize,
    text_bytes: u64,
}

/// What registering took.
#[derive(Serialize, Deserialize)]
struct Registering {
    seconds: f64,
    processor_seconds: f64,
    peak_memory: u64,
    index_bytes: u64,
    disk_bytes: u64,
}

/// What scanning took; speeds in megabytes a second.
#[derive(Serialize, Deserialize)]
struct Scanning {
    one_core: f64,
    /// By the processor's time instead of the wall's.
    one_core_processor: f64,
    two_cores: Option<f64>,
    peak_memory: u64,
}

struct Row {
    made: Made,
    registering: Registering,
    scanning: Scanning,
}

pub(crate) fn run(scaling: &Scaling) -> anyhow::Result<ExitCode> {
    if let (Some(stage), Some(folder)) = (scaling.stage, &scaling.folder) {
        match stage {
            Stage::Make => tell(&stages::make(folder, &scaling.sources)?)?,
            Stage::Register => tell(&stages::register(folder)?)?,
            Stage::Scan => tell(&stages::scan(folder)?)?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Row> =
        scaling.sizes.iter().map(|size| measure(*size, &scaling.sources)).collect::<anyhow::Result<_>>()?;
    let table = table(&rows);
    print!("{table}");
    let write = |name: &str, text: &str| {
        let path = scaling.out.join(name);
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        eprintln!("wrote {}", path.display());
        anyhow::Ok(())
    };
    write("scaling.md", &format!("{HEADER}\n{table}"))?;
    write("scaling.svg", &plot::draw(&rows).context("drawing")?)?;
    Ok(ExitCode::SUCCESS)
}

/// What a process of its own measured, for the one that started it.
fn tell(measured: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(measured)?);
    Ok(())
}

fn measure(works: usize, sources: &Sources) -> anyhow::Result<Row> {
    eprintln!("{works} works …");
    let folder = tempfile::tempdir().context("making a folder for a registry")?;
    let sources = Sources { works, ..sources.clone() };
    Ok(Row {
        made: in_own_process("make", folder.path(), &sources)?,
        registering: in_own_process("register", folder.path(), &sources)?,
        scanning: in_own_process("scan", folder.path(), &sources)?,
    })
}

fn in_own_process<T: DeserializeOwned>(stage: &str, folder: &Path, sources: &Sources) -> anyhow::Result<T> {
    let own = std::env::current_exe().context("finding this program")?;
    let finished = Command::new(own)
        .args(["scaling", "--stage", stage, "--folder"])
        .arg(folder)
        .arg("--data")
        .arg(&sources.data)
        .arg("--text")
        .arg(&sources.text)
        .args(["--works", &sources.works.to_string(), "--outputs", &sources.outputs.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting the stage `{stage}`"))?;
    anyhow::ensure!(finished.status.success(), "the stage `{stage}` ended with {}", finished.status);
    serde_json::from_slice(&finished.stdout).with_context(|| format!("reading what `{stage}` measured"))
}

const HEADER: &str = "\
# Time and memory by the size of the registry

Written by `cargo run --release --bin nagalm-bench -- scaling`; what each column is stands in [README.md](README.md). The
same figures [as a plot](scaling.svg).
";

/// By the wall's clock one core is nearly as fast as by processor time, unless others have the core, too.
const UNDISTURBED: f64 = 0.9;
const DISTURBED: &str = "
**Other programs used the machine meanwhile**: times and speeds other than those by processor time are worse than they
would be alone, two cores above all. To be measured again.
";

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| works | text | registering (processor time) | its memory | index | on disk | scan, one core (by processor time) \
         | two cores | its memory |\n\
         | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for Row { made, registering, scanning } in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} s ({:.1} s) | {} | {} | {} | {:.0} MB/s ({:.0}) | {} | {} |",
            made.works,
            size(made.text_bytes),
            registering.seconds,
            registering.processor_seconds,
            size(registering.peak_memory),
            size(registering.index_bytes),
            size(registering.disk_bytes),
            scanning.one_core,
            scanning.one_core_processor,
            scanning.two_cores.map_or("one core only".into(), |speed| format!("{speed:.0} MB/s")),
            size(scanning.peak_memory),
        );
    }
    if rows.iter().any(|row| row.scanning.one_core < UNDISTURBED * row.scanning.one_core_processor) {
        text.push_str(DISTURBED);
    }
    text.push_str("\nTexts:\n\n");
    for Row { made, .. } in rows {
        let _ = writeln!(text, "- {} works: {}", made.works, made.source);
    }
    text
}

fn size(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
