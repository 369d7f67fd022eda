//! Real prose from a folder, one file a package, for workloads larger than the shared data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use nagalm_corpora::planted::Source;

use crate::data::Missing;

/// Where `corpora/fetch` leaves prose.
pub(crate) fn default_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpora/cache/debian")
}

/// The prose of one package.
pub(crate) struct Package {
    /// `de-debian-handbook`: the file's name without its ending.
    pub(crate) name: String,
    /// Paragraphs between blank lines.
    pub(crate) text: String,
}

impl Package {
    /// What stands before the first hyphen of the name: the language.
    pub(crate) fn language(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }

    /// The package's name without its language and what says which part of a project it is: translations of one
    /// manual, and a manual beside its program's data, are one family and never on both sides.
    pub(crate) fn family(&self) -> String {
        const PARTS: [&str; 23] = [
            "all", "amd64", "common", "data", "de", "dev", "doc", "docs", "en", "es", "fr", "guide", "help",
            "html", "it", "l10n", "legacy", "manual", "nl", "ru", "user", "uk", "us",
        ];
        let (_, package) = self.name.split_once('-').unwrap_or(("", &self.name));
        // These copy from each other, whatever their names.
        if let Some(kin) =
            ["dict-", "fortune", "manpages", "libg"].into_iter().find(|kin| package.contains(kin))
        {
            return kin.to_owned();
        }
        let telling: Vec<&str> = package.split('-').filter(|part| !PARTS.contains(part)).collect();
        if telling.is_empty() { package.to_owned() } else { telling.join("-") }
    }

    /// The package as something to cut works and outputs from.
    pub(crate) fn source(&self) -> Source<'_> {
        Source { name: &self.name, language: self.language(), text: &self.text }
    }
}

/// All packages of a folder in the order of their names.
pub(crate) fn packages(folder: &Path) -> anyhow::Result<Vec<Package>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|_| Missing(folder.to_owned()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Package { name, text })
    };
    paths.into_iter().map(read).collect()
}

/// Splits packages into those that works come from and those that outputs come from, so that each language gives
/// `output_share` of its text to the outputs, as nearly as whole families allow.
pub(crate) fn split(packages: Vec<Package>, output_share: f64) -> (Vec<Package>, Vec<Package>) {
    let mut totals: BTreeMap<String, f64> = BTreeMap::new();
    let mut families: BTreeMap<String, Vec<Package>> = BTreeMap::new();
    for package in packages {
        *totals.entry(package.language().to_owned()).or_default() += package.text.len() as f64;
        families.entry(package.family()).or_default().push(package);
    }
    let mut families: Vec<Vec<Package>> = families.into_values().collect();
    families.sort_by_key(|family| std::cmp::Reverse(family.iter().map(|p| p.text.len()).sum::<usize>()));
    let (mut for_works, mut for_outputs) = (Vec::new(), Vec::new());
    let mut given: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for family in families {
        // Positive where outputs are further from what they should have than works are, over the family's languages.
        let mut pull = 0.0;
        for package in &family {
            let total = totals[package.language()];
            let (works, outputs) = given.get(package.language()).copied().unwrap_or_default();
            let missing = |held: f64, share: f64| 1.0 - held / (total * share).max(1.0);
            pull += package.text.len() as f64
                * (missing(outputs, output_share) - missing(works, 1.0 - output_share));
        }
        for package in family {
            let (works, outputs) = given.entry(package.language().to_owned()).or_default();
            if pull > 0.0 {
                *outputs += package.text.len() as f64;
                for_outputs.push(package);
            } else {
                *works += package.text.len() as f64;
                for_works.push(package);
            }
        }
    }
    (for_works, for_outputs)
}

/// Splits each package in two, between paragraphs: works come from its beginning, outputs from the `output_share` at its end.
pub(crate) fn halves(packages: Vec<Package>, output_share: f64) -> (Vec<Package>, Vec<Package>) {
    packages
        .into_iter()
        .map(|Package { name, text }| {
            let mut wanted = (text.len() as f64 * (1.0 - output_share)) as usize;
            while !text.is_char_boundary(wanted) {
                wanted -= 1;
            }
            let cut = text[..wanted].rfind("\n\n").unwrap_or(wanted);
            let (works, outputs) = text.split_at(cut);
            let package = |text: &str| Package { name: name.clone(), text: text.trim().to_owned() };
            (package(works), package(outputs))
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_halved_between_paragraphs() {
        let package = Package { name: "de-a".into(), text: "eins\n\nzwei zwei\n\ndrei ä\n\nvier".into() };
        let (works, outputs) = halves(vec![package], 0.4);
        assert_eq!(
            (works[0].text.as_str(), outputs[0].text.as_str()),
            ("eins\n\nzwei zwei", "drei ä\n\nvier")
        );
    }

    #[test]
    fn every_language_gives_to_both_sides() {
        let package = |name: &str, size: usize| Package { name: name.into(), text: "x".repeat(size) };
        let packages =
            vec![package("en-a", 60), package("en-b-doc", 40), package("de-a-de", 6), package("de-b", 5)];
        let (works, outputs) = split(packages, 0.4);
        let names = |side: &[Package]| side.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&works), ["en-a", "de-a-de"]);
        assert_eq!(names(&outputs), ["en-b-doc", "de-b"]);
    }
}
