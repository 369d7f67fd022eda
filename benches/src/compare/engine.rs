//! What an engine is: `engines/NAME/engine.toml`, read strictly; and how it is made ready.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

/// An engine, and how it is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Engine {
    /// The name of its folder.
    #[serde(skip)]
    pub(crate) name: String,
    /// What it is.
    pub(crate) description: String,
    pub(crate) version: String,
    pub(crate) licence: String,
    /// Where it comes from.
    pub(crate) source: String,
    /// Place in the table.
    pub(crate) order: u32,
    /// Commands that make it ready, one after the other. See [`Places`].
    pub(crate) set_up: Vec<Vec<String>>,
    /// The command that plays its part; the call's arguments and the folder with the files come behind.
    pub(crate) run: Vec<String>,
    /// The ways to call it that are compared: a line of the table each.
    #[serde(rename = "call")]
    pub(crate) calls: Vec<Call>,
}

/// One way to call an engine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// As it stands in the table.
    pub(crate) name: String,
    /// The settings, and why these are its best.
    pub(crate) settings: String,
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
    /// Seconds that it may take in all.
    #[serde(default = "half_an_hour")]
    pub(crate) time_limit: u64,
    /// Only runs where it is named: too slow for large workloads, or a check and no peer.
    #[serde(default)]
    pub(crate) only_by_name: bool,
    /// At most so many outputs, for what is orders of magnitude slower.
    pub(crate) outputs: Option<usize>,
    /// At most so many further planted outputs.
    pub(crate) planted: Option<usize>,
    /// At most so many works, for what compares pair by pair.
    pub(crate) works: Option<usize>,
}

fn half_an_hour() -> u64 {
    1_800
}

/// What stands for `{…}` in commands.
pub(crate) struct Places {
    /// `{engines}`: the folder of all engines.
    pub(crate) engines: PathBuf,
    /// `{target}`: where all engines are built. `{home}` is the engine's own folder therein, `{engine}` the one with its
    /// program.
    pub(crate) target: PathBuf,
}

impl Places {
    /// In the source tree, and in the build's folder.
    pub(crate) fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("../target"), PathBuf::from);
        Self { engines: root.join("engines"), target: target.join("engines") }
    }

    fn fill_in(&self, engine: &Engine, word: &str) -> String {
        let bench = std::env::current_exe().unwrap_or_default();
        [
            ("{engines}", &self.engines),
            ("{engine}", &self.engines.join(&engine.name)),
            ("{target}", &self.target),
            ("{home}", &self.target.join(&engine.name)),
            ("{bench}", &bench),
        ]
        .into_iter()
        .fold(word.to_owned(), |word, (name, path)| word.replace(name, &path.to_string_lossy()))
    }
}

impl Engine {
    /// All engines in the order of the table.
    pub(crate) fn all(places: &Places) -> anyhow::Result<Vec<Self>> {
        let mut engines = Vec::new();
        let folders = std::fs::read_dir(&places.engines)
            .with_context(|| format!("reading {}", places.engines.display()))?;
        for folder in folders {
            let folder = folder?.path();
            let path = folder.join("engine.toml");
            if !path.is_file() {
                continue;
            }
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let mut engine = Self::parse(&text).with_context(|| path.display().to_string())?;
            engine.name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            engines.push(engine);
        }
        engines.sort_by_key(|engine| engine.order);
        Ok(engines)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let engine: Self = toml::from_str(text)?;
        ensure!(!engine.run.is_empty(), "`run` is empty");
        ensure!(engine.set_up.iter().all(|command| !command.is_empty()), "a command of `set_up` is empty");
        ensure!(!engine.calls.is_empty(), "an engine needs a [[call]]");
        Ok(engine)
    }

    /// Whether it is a part of this project.
    pub(crate) fn is_ours(&self) -> bool {
        self.run.first().is_some_and(|program| program == "{bench}")
    }

    /// Makes the engine ready; does nothing where that was done with the same commands and requirements before.
    pub(crate) fn set_up(&self, places: &Places) -> anyhow::Result<()> {
        if self.set_up.is_empty() {
            return Ok(());
        }
        // Cargo knows by itself what is to be done.
        let requirements =
            std::fs::read_to_string(places.engines.join(&self.name).join("requirements.txt")).ok();
        let state = requirements.map(|text| format!("{:?}\n{text}", self.set_up));
        let done = places.target.join(&self.name).join("set-up");
        if state.is_some() && std::fs::read_to_string(&done).ok() == state {
            return Ok(());
        }
        eprintln!("  setting up {}", self.name);
        for words in &self.set_up {
            let words: Vec<String> = words.iter().map(|word| places.fill_in(self, word)).collect();
            let output = Command::new(&words[0])
                .args(&words[1..])
                .stdin(Stdio::null())
                .output()
                .with_context(|| format!("`{}` could not be started", words[0]))?;
            if !output.status.success() {
                let told = String::from_utf8_lossy(&output.stderr);
                let last =
                    told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
                bail!("setting up failed: {}", last.trim());
            }
        }
        if let Some(state) = state {
            std::fs::write(&done, state).with_context(|| format!("writing {}", done.display()))?;
        }
        Ok(())
    }

    /// The command that plays `call` on the files in `folder`, on one thread.
    pub(crate) fn command(&self, call: &Call, places: &Places, folder: &Path) -> Command {
        let words: Vec<String> = self.run.iter().map(|word| places.fill_in(self, word)).collect();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(&call.arguments).arg(folder);
        command.env("PYTHONHASHSEED", "0");
        for threads in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(threads, "1");
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn all_engines_are_read_and_their_calls_have_different_names() {
        let engines = Engine::all(&Places::new()).unwrap();
        let mut names = HashSet::new();
        for engine in &engines {
            for call in &engine.calls {
                assert!(names.insert(call.name.clone()), "{}", call.name);
            }
        }
        assert!(names.contains("nagalm") && names.contains("naive"));
    }

    #[test]
    fn requirements_are_pinned() {
        let places = Places::new();
        for engine in Engine::all(&places).unwrap() {
            let path = places.engines.join(&engine.name).join("requirements.txt");
            for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
                assert!(
                    line.is_empty() || line.starts_with('#') || line.contains("=="),
                    "{}: {line}",
                    engine.name
                );
            }
        }
    }
}
