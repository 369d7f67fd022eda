//! Runs the jobs under Callgrind and reads what it wrote.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

/// Instructions of each job, in their order.
pub(crate) fn count(names: &[&str]) -> anyhow::Result<Vec<(String, u64)>> {
    let folder = tempfile::tempdir().context("making a folder for Callgrind")?;
    let own = std::env::current_exe().context("finding this program")?;
    // Counted from entering the function until leaving it; then written down, and begun again at zero.
    const COUNTED: &str = "nagalm_counts::jobs::counted";
    let finished = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--compress-pos=no", "--dump-line=no"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(format!("--dump-after={COUNTED}"))
        .arg(format!("--callgrind-out-file={}", folder.path().join("counts").display()))
        .arg(own)
        .arg("--jobs")
        .output()
        .context("starting valgrind: is it installed?")?;
    anyhow::ensure!(
        finished.status.success(),
        "valgrind ended with {}:\n{}",
        finished.status,
        String::from_utf8_lossy(&finished.stderr)
    );
    let counts = (1..=names.len()).map(|n| {
        let path = folder.path().join(format!("counts.{n}"));
        total(&path).with_context(|| format!("reading what Callgrind wrote on job {n}"))
    });
    names.iter().map(|name| (*name).to_owned()).zip(counts).map(|(name, count)| Ok((name, count?))).collect()
}

/// The sum that a file of Callgrind's ends with.
fn total(path: &Path) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(path)?;
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals:"));
    let total = line.context("it has no totals")?.trim().parse()?;
    anyhow::ensure!(
        total > 1_000_000,
        "only {total} instructions: the function that is counted was not found"
    );
    Ok(total)
}
