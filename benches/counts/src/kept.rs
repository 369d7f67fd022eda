//! The counts that are kept, and what is compared with them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

/// What a job may take more than the count that is kept.
const TOLERATED: f64 = 0.10;
/// What begins the line of a commit's message that says why more is taken.
const WHY: &str = "Counts:";

const HEADER: &str = "\
# Instructions of each job, as Callgrind counts them on the kernels for AVX2. `tests/run counts` compares.
# Written by: cargo run --release -p nagalm-counts -- --write

";

type Counts = Vec<(String, u64)>;

/// In this order in the file, so that it reads as the table does.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    job: Vec<Job>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    name: String,
    instructions: u64,
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("counts.toml")
}

pub(crate) fn read() -> anyhow::Result<Counts> {
    let path = path();
    if !path.exists() {
        return Ok(Counts::new());
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let file: File = toml::from_str(&text).with_context(|| format!("parsing {}", path.display()))?;
    Ok(file.job.into_iter().map(|job| (job.name, job.instructions)).collect())
}

pub(crate) fn write(counted: &Counts) -> anyhow::Result<PathBuf> {
    let job = |(name, instructions): &(String, u64)| Job { name: name.clone(), instructions: *instructions };
    let file = File { job: counted.iter().map(job).collect() };
    let text = HEADER.to_owned() + &toml::to_string(&file).context("writing counts")?;
    let path = path();
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// Job, kept, now, change.
pub(crate) fn table(kept: &Counts, counted: &Counts) -> String {
    let width = counted.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = format!("| {:width$} | {:>13} | {:>13} | {:>8} |\n", "job", "kept", "now", "change");
    let _ = writeln!(text, "| {:-<width$} | {:->13} | {:->13} | {:->8} |", "", ":", ":", ":");
    for (name, now) in counted {
        let (before, change) = match of(kept, name) {
            Some(before) => (before.to_string(), format!("{:+.2}%", 100.0 * change(before, *now))),
            None => ("none".into(), String::new()),
        };
        let _ = writeln!(text, "| {name:width$} | {before:>13} | {now:>13} | {change:>8} |");
    }
    text
}

/// Says what is to be done about changes, and gives whether nothing has to be.
pub(crate) fn judge(kept: &Counts, counted: &Counts) -> anyhow::Result<bool> {
    let changes = || counted.iter().map(|(name, now)| of(kept, name).map(|before| change(before, *now)));
    let update = "To keep these counts: cargo run --release -p nagalm-counts -- --write";
    if changes().any(|change| change.is_none()) {
        println!("Of some jobs no count is kept. {update}");
        return Ok(false);
    }
    if changes().flatten().all(|change| change <= TOLERATED) {
        if changes().flatten().any(|change| change < -TOLERATED) {
            println!(
                "Some jobs take much less than what is kept. Keep that, or it can be lost again unseen. {update}"
            );
        }
        return Ok(true);
    }
    match reason()? {
        Some(why) => {
            println!("Some jobs take over {:.0}% more. HEAD says why: {why}\n{update}", 100.0 * TOLERATED);
            Ok(true)
        }
        None => {
            println!(
                "Some jobs take over {:.0}% more. Where that is worth it, say why in a line `{WHY} …` of the commit's \
                 message. {update}",
                100.0 * TOLERATED
            );
            Ok(false)
        }
    }
}

fn of(counts: &Counts, name: &str) -> Option<u64> {
    counts.iter().find(|(job, _)| job == name).map(|(_, count)| *count)
}

fn change(before: u64, now: u64) -> f64 {
    now as f64 / before as f64 - 1.0
}

/// Why more is taken, as the message of the commit that is checked out says.
fn reason() -> anyhow::Result<Option<String>> {
    let git = Command::new("git")
        .args(["log", "-1", "--format=%B"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .context("asking git for the last commit's message")?;
    Ok(reason_in(&String::from_utf8_lossy(&git.stdout)))
}

fn reason_in(message: &str) -> Option<String> {
    let why = message.lines().find_map(|line| line.strip_prefix(WHY))?.trim();
    (!why.is_empty()).then(|| why.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, u64)]) -> Counts {
        of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn little_more_or_much_less_is_well() {
        let kept = counts(&[("a", 1_000), ("b", 1_000)]);
        assert!(judge(&kept, &counts(&[("a", 1_099), ("b", 500)])).expect("git is not asked"));
        assert!(!judge(&kept, &counts(&[("a", 1_000), ("c", 1)])).expect("git is not asked"), "none is kept");
    }

    #[test]
    fn a_reason_is_a_line_of_its_own_and_says_something() {
        assert_eq!(reason_in("Fold more\n\nCounts: more is folded\n").as_deref(), Some("more is folded"));
        assert_eq!(reason_in("Counts:\n"), None);
        assert_eq!(reason_in("Say what Counts: means"), None);
    }

    #[test]
    fn every_job_has_a_count() {
        let kept = read().expect("the file is in the form that is written");
        let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, crate::jobs::NAMES);
    }
}
