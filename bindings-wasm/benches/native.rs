//! The core alone, for `speed.mjs`: it scans the outputs of a file against the works of another, on one core, as often as it is asked
//! to on standard input, and says how many nanoseconds each time took. First it writes all reports to a third file. Or, for
//! `sealed.mjs`, it seals works.
//!
//!     native WORKS OUTPUTS REPORTS
//!     native WORKS SEALED

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::Instant;

use nagalm::report::OffsetUnit;
use nagalm::{Output, Profile, Registry, Scanner, SealKey, SealOptions, Settings, Work};

/// The command line's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let lines =
        |path: &str| -> std::io::Result<Vec<String>> { BufReader::new(File::open(path)?).lines().collect() };
    let [works, others @ ..] = &paths[..] else {
        return Err("native WORKS OUTPUTS REPORTS, or native WORKS SEALED".into());
    };
    let works: Vec<Work> =
        lines(works)?.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let registry = Registry::from_works(works)?;
    let (outputs, reports) = match others {
        [outputs, reports] => (outputs, reports),
        [sealed] => {
            let mut options = SealOptions::new(Profile::Public, "everybody", "1");
            options.metadata = nagalm::Metadata::Titles;
            std::fs::write(sealed, registry.seal(&SealKey::new([1; 32], "a society")?, &options)?.bytes)?;
            return Ok(());
        }
        _ => return Err("too many arguments, or too few".into()),
    };
    let outputs: Vec<Output> =
        lines(outputs)?.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let mut settings = Settings::default();
    settings.offset_unit = OffsetUnit::CodePoint;
    settings.always_hash = true;
    let scanner = Scanner::new(registry, settings);
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
