//! The core alone: builds a registry from works, scans texts with `scan_batch` as often as asked, and prints the seconds of each
//! time, its processor seconds and the matches. `throughput.py` calls it, so that both sides are measured in one run.
//!
//!     core_throughput WORKS.jsonl TEXTS.jsonl TIMES

use std::io::{BufRead, BufReader};
use std::process::ExitCode;
use std::time::Instant;

use nagalm::report::OffsetUnit;
use nagalm::{Output, Registry, Scanner, Settings, Work};
use rustix::time::{ClockId, clock_gettime};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [works, texts, times] = &arguments[..] else {
        eprintln!("core_throughput WORKS.jsonl TEXTS.jsonl TIMES");
        return ExitCode::from(2);
    };
    match measure(works, texts, times) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("core_throughput: {e}");
            ExitCode::from(2)
        }
    }
}

fn measure(works: &str, texts: &str, times: &str) -> Result<(), Box<dyn std::error::Error>> {
    let works: Vec<Work> = read(works)?;
    let texts: Vec<Output> = read(texts)?;
    let mut settings = Settings::default();
    // As in Python.
    settings.offset_unit = OffsetUnit::CodePoint;
    settings.always_hash = true;
    let scanner = Scanner::new(Registry::from_works(works)?, settings);
    for _ in 0..times.parse()? {
        let (began, processor) = (Instant::now(), processor_seconds());
        let reports = scanner.scan_batch(&texts);
        let mut matches = 0;
        for report in reports {
            matches += report?.match_count();
        }
        // Looking at the reports and letting go of them is a part of it, as it is in Python.
        let seconds = began.elapsed().as_secs_f64();
        println!("{seconds} {} {matches}", processor_seconds() - processor);
    }
    Ok(())
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn read<T: serde::de::DeserializeOwned>(path: &str) -> Result<Vec<T>, Box<dyn std::error::Error>> {
    let lines = BufReader::new(std::fs::File::open(path)?).lines();
    lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}
