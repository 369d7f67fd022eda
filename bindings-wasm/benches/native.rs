//! The core alone, for `speed.mjs`: it scans the outputs of a file against the works of another, on one core, as often as it is asked
//! to on standard input, and says how many nanoseconds each time took. First it writes all reports to a third file.
//!
//!     native WORKS OUTPUTS REPORTS

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::Instant;

use nagalm::report::OffsetUnit;
use nagalm::{Output, Registry, Scanner, Settings, Work};

/// The command line's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [works, outputs, reports] = &paths[..] else { return Err("native WORKS OUTPUTS REPORTS".into()) };
    let lines =
        |path: &str| -> std::io::Result<Vec<String>> { BufReader::new(File::open(path)?).lines().collect() };
    let works: Vec<Work> =
        lines(works)?.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let outputs: Vec<Output> =
        lines(outputs)?.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let mut settings = Settings::default();
    settings.offset_unit = OffsetUnit::CodePoint;
    settings.always_hash = true;
    let scanner = Scanner::new(Registry::from_works(works)?, settings);
    let scan = |output: &Output| -> Result<String, Box<dyn std::error::Error>> {
        Ok(serde_json::to_string(&scanner.scan(output)?)?)
    };
    let mut file = BufWriter::new(File::create(reports)?);
    for output in &outputs {
        writeln!(file, "{}", scan(output)?)?;
    }
    file.flush()?;
    println!("ready");
    for _ in std::io::stdin().lock().lines() {
        let began = Instant::now();
        let mut bytes = 0;
        for output in &outputs {
            bytes += scan(output)?.len();
        }
        println!("{} {bytes}", began.elapsed().as_nanos());
    }
    Ok(())
}
