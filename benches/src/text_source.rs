//! Real prose from a folder, one file a package, for workloads larger than the shared data.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::data::Missing;

/// Where `corpora/fetch` leaves prose.
pub(crate) fn default_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpora/cache/debian")
}

/// The paragraphs of one package.
pub(crate) struct Package {
    /// `de-debian-handbook`: the file's name without its ending.
    pub(crate) name: String,
    pub(crate) paragraphs: Vec<String>,
}

impl Package {
    /// What stands before the first hyphen of the name: the language.
    pub(crate) fn language(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }

    /// The package's name without its language and what says which part of a project it is: translations of one
    /// manual, and a manual beside its program's data, are one family and never on both sides.
    pub(crate) fn family(&self) -> String {
        const PARTS: [&str; 22] = [
            "all", "amd64", "common", "data", "de", "dev", "doc", "docs", "en", "es", "fr", "guide", "help",
            "html", "it", "l10n", "legacy", "manual", "nl", "ru", "user", "uk",
        ];
        let (_, package) = self.name.split_once('-').unwrap_or(("", &self.name));
        let telling: Vec<&str> = package.split('-').filter(|part| !PARTS.contains(part)).collect();
        if telling.is_empty() { package.to_owned() } else { telling.join("-") }
    }

    /// Bytes of all paragraphs.
    pub(crate) fn bytes(&self) -> usize {
        self.paragraphs.iter().map(String::len).sum()
    }

    /// Texts of about `length` characters, cut at white space, in the package's order; what is left over goes.
    pub(crate) fn pieces(&self, length: usize) -> Vec<String> {
        let mut pieces = Vec::new();
        let (mut piece, mut held) = (String::new(), 0);
        for paragraph in &self.paragraphs {
            if held > 0 {
                piece.push_str("\n\n");
                held += 2;
            }
            for word in paragraph.split_inclusive(char::is_whitespace) {
                piece.push_str(word);
                held += word.chars().count();
                if held >= length {
                    pieces.push(std::mem::take(&mut piece).trim_end().to_owned());
                    held = 0;
                }
            }
        }
        pieces
    }
}

/// All packages of a folder in the order of their names, each paragraph only where it comes first: shared
/// boilerplate would make every package match every other.
pub(crate) fn packages(folder: &Path) -> anyhow::Result<Vec<Package>> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|_| Missing(folder.to_owned()))?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    let mut seen = HashSet::new();
    let mut packages = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let text = String::from_utf8_lossy(&bytes).replace('\r', "");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let paragraphs: Vec<String> = text
            .split("\n\n")
            .map(str::trim)
            .filter(|p| is_prose(p) && seen.insert(fingerprint(p)))
            .map(str::to_owned)
            .collect();
        if !paragraphs.is_empty() {
            packages.push(Package { name, paragraphs });
        }
    }
    Ok(packages)
}

/// A sentence or more, mostly letters.
fn is_prose(paragraph: &str) -> bool {
    let symbols = paragraph.chars().filter(|c| !c.is_whitespace()).count();
    let letters = paragraph.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 20 && letters * 10 >= symbols * 7
}

/// Equal for paragraphs that differ only in case and in what is not a letter.
fn fingerprint(paragraph: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for symbol in paragraph.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase) {
        symbol.hash(&mut hasher);
    }
    hasher.finish()
}

/// Splits packages into those that works come from and those that outputs come from, so that each language gives
/// `output_share` of its text to the outputs, as nearly as whole families allow.
pub(crate) fn split(packages: Vec<Package>, output_share: f64) -> (Vec<Package>, Vec<Package>) {
    let mut totals: BTreeMap<String, f64> = BTreeMap::new();
    let mut families: BTreeMap<String, Vec<Package>> = BTreeMap::new();
    for package in packages {
        *totals.entry(package.language().to_owned()).or_default() += package.bytes() as f64;
        families.entry(package.family()).or_default().push(package);
    }
    let mut families: Vec<Vec<Package>> = families.into_values().collect();
    families.sort_by_key(|family| std::cmp::Reverse(family.iter().map(Package::bytes).sum::<usize>()));
    let (mut for_works, mut for_outputs) = (Vec::new(), Vec::new());
    let mut given: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for family in families {
        // Positive where outputs are further from what they should have than works are, over the family's languages.
        let mut pull = 0.0;
        for package in &family {
            let total = totals[package.language()];
            let (works, outputs) = given.get(package.language()).copied().unwrap_or_default();
            let missing = |held: f64, share: f64| 1.0 - held / (total * share).max(1.0);
            pull += package.bytes() as f64
                * (missing(outputs, output_share) - missing(works, 1.0 - output_share));
        }
        for package in family {
            let (works, outputs) = given.entry(package.language().to_owned()).or_default();
            if pull > 0.0 {
                *outputs += package.bytes() as f64;
                for_outputs.push(package);
            } else {
                *works += package.bytes() as f64;
                for_works.push(package);
            }
        }
    }
    (for_works, for_outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_the_text_in_order() {
        let package =
            Package { name: "en-x".into(), paragraphs: vec!["one two three".into(), "four five six".into()] };
        assert_eq!(package.pieces(8), ["one two", "three\n\nfour", "five six"]);
    }

    #[test]
    fn every_language_gives_to_both_sides() {
        let package =
            |name: &str, size: usize| Package { name: name.into(), paragraphs: vec!["x".repeat(size)] };
        let packages =
            vec![package("en-a", 60), package("en-b-doc", 40), package("de-a-de", 6), package("de-b", 5)];
        let (works, outputs) = split(packages, 0.4);
        let names = |side: &[Package]| side.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&works), ["en-a", "de-a-de"]);
        assert_eq!(names(&outputs), ["en-b-doc", "de-b"]);
    }
}
