//! Runs an engine in a process of its own, with a limit of time, and measures its memory from outside.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// How often the process is looked at. Its peak memory is a mark that the system keeps, so little is lost between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Runs `command` to its end and gives the most memory that it held, in bytes; 0 where the system does not say. Its output
/// goes to `folder/log`; the last line of that is the reason where it fails.
pub(crate) fn run(mut command: Command, folder: &Path, time_limit: u64) -> anyhow::Result<u64> {
    let log = folder.join("log");
    let file = std::fs::File::create(&log).with_context(|| format!("writing {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command.spawn().with_context(|| format!("`{program}` could not be started"))?;
    let start = Instant::now();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_bytes(&child));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > Duration::from_secs(time_limit) {
            let _ = child.kill();
            let _ = child.wait();
            bail!("not done within {time_limit} s");
        }
        std::thread::sleep(LOOK);
    };
    if !status.success() {
        let told = std::fs::read_to_string(&log).unwrap_or_default();
        let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
        bail!("{status}: {}", last.trim());
    }
    Ok(peak)
}

fn peak_bytes(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, time_limit: u64) -> anyhow::Result<u64> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        run(command, folder.path(), time_limit)
    }

    #[test]
    fn what_fails_or_takes_too_long_says_so() {
        assert!(shell("sleep 0.1", 10).is_ok());
        assert!(shell("echo no luck >&2; exit 3", 10).unwrap_err().to_string().contains("no luck"));
        assert!(shell("sleep 30", 0).unwrap_err().to_string().contains("within 0 s"));
    }
}
