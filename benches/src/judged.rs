//! What a reader thought of reported passages: real reuse, or not.
//!
//! Judgements stand in `benches/judged/SET.toml` under hashes of the two passages, since the texts themselves are others'
//! and are no part of this repository. They come there from a list that a reader filled in (`nagalm-bench judge`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use nagalm::report::Match;
use serde::{Deserialize, Serialize};

use crate::answer::words;

/// What begins the line of a list that a reader fills in: the key, a colon, and behind it `yes` or `no`.
const ASKED: &str = "real reuse? ";

const HEADER: &str = "\
# Whether a reader calls a reported match real reuse: the same passage, however it came into both texts, and not a turn of
# phrase that two writers hit on independently. Each key is made of the hashes of the two passages' words. Filled in by
# `nagalm-bench judge` from the lists that `reach --list-reports` writes.

";

/// The judgements on one set.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judged {
    judged: BTreeMap<String, bool>,
}

impl Judged {
    /// Those that are kept for a set; none where there is no file.
    pub(crate) fn load(set: &str) -> anyhow::Result<Self> {
        Self::read(&path(set))
    }

    fn read(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("parsing {}", path.display()))
    }

    /// What was said of two passages.
    pub(crate) fn of(&self, key: &str) -> Option<bool> {
        self.judged.get(key).copied()
    }
}

/// What a match's judgement is kept under: it stays where a passage keeps its words. `None` where the report quotes nothing.
pub(crate) fn key(found: &Match) -> Option<String> {
    let hash = |passage: &str| {
        let hash = blake3::hash(words(passage).join(" ").as_bytes()).to_hex();
        hash[..16].to_owned()
    };
    found.quote.as_ref().map(|quote| format!("{}-{}", hash(&quote.output), hash(&quote.source)))
}

/// The line that a reader fills in, and how it is filled in already.
pub(crate) fn question(key: &str, judged: Option<bool>) -> String {
    let answer = judged.map_or("", |real| if real { " yes" } else { " no" });
    format!("{ASKED}{key}:{answer}")
}

/// Takes the answers of a list over into the judgements of its set.
pub(crate) fn run(set: &str, list: &Path) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(list).with_context(|| format!("reading {}", list.display()))?;
    let (answers, open) = answers(&text).with_context(|| format!("in {}", list.display()))?;
    anyhow::ensure!(
        open + answers.len() > 0,
        "{} has no line that begins with `{ASKED}`: is it a list that `reach --list-reports` wrote?",
        list.display()
    );
    let path = path(set);
    let mut judged = Judged::read(&path)?;
    let before = judged.judged.len();
    let taken = answers.len();
    judged.judged.extend(answers);
    let written = HEADER.to_owned() + &toml::to_string(&judged).context("writing judgements")?;
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).context("making the folder")?;
    std::fs::write(&path, written).with_context(|| format!("writing {}", path.display()))?;
    let new = judged.judged.len() - before;
    println!(
        "{taken} answers read, {new} of them new, {open} left open; {} kept in all",
        judged.judged.len()
    );
    Ok(ExitCode::SUCCESS)
}

/// The answers of a list, and how many questions have none.
fn answers(list: &str) -> anyhow::Result<(BTreeMap<String, bool>, usize)> {
    let (mut answers, mut open) = (BTreeMap::new(), 0);
    for (number, line) in list.lines().enumerate() {
        let Some((key, answer)) = line.strip_prefix(ASKED).and_then(|line| line.split_once(':')) else {
            continue;
        };
        let real = match answer.trim().to_lowercase().as_str() {
            "" => {
                open += 1;
                continue;
            }
            "yes" | "y" => true,
            "no" | "n" => false,
            other => anyhow::bail!("line {}: `yes` or `no` is expected, not `{other}`", number + 1),
        };
        answers.insert(key.to_owned(), real);
    }
    Ok((answers, open))
}

fn path(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("judged").join(format!("{set}.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let list = [
            "> real reuse? a quotation is no question",
            &question("a-b", None),
            &question("c-d", Some(true)),
            &question("e-f", Some(false)),
            "real reuse? 1-2: YES ",
        ];
        let (answers, open) = answers(&list.join("\n")).expect("all are yes or no");
        let expected = [("1-2", true), ("c-d", true), ("e-f", false)];
        assert_eq!(answers, expected.map(|(key, real)| (key.to_owned(), real)).into());
        assert_eq!(open, 1);
    }

    #[test]
    fn another_answer_is_an_error() {
        let error = answers("one\nreal reuse? a-b: perhaps").expect_err("neither yes nor no");
        assert!(error.to_string().contains("line 2"), "{error}");
    }

    #[test]
    fn what_is_kept_can_be_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("judged");
        for file in std::fs::read_dir(path).expect("the folder is there") {
            Judged::read(&file.expect("it can be listed").path()).expect("it is in the form that is written");
        }
    }
}
