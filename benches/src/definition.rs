//! What a workload is: `workloads/*.toml`, read strictly.

use anyhow::{Context as _, ensure};
use nagalm_corpora::planted::Settings;
use serde::Deserialize;

/// The definitions by name, in the order in which they are listed.
const DEFINITIONS: [(&str, &str); 6] = [
    ("lyrics", include_str!("../workloads/lyrics.toml")),
    ("books", include_str!("../workloads/books.toml")),
    ("million", include_str!("../workloads/million.toml")),
    ("hard", include_str!("../workloads/hard.toml")),
    ("phrases", include_str!("../workloads/phrases.toml")),
    ("small", include_str!("../workloads/small.toml")),
];

/// The names of all workloads.
pub(crate) fn names() -> [&'static str; DEFINITIONS.len()] {
    DEFINITIONS.map(|(name, _)| name)
}

/// A workload: what is registered, what is scanned, what is planted, and what nagalm must make of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Definition {
    /// In words, for the table.
    pub(crate) description: String,
    /// Where texts come from.
    pub(crate) text: TextSource,
    /// Everything that is drawn is drawn from this.
    pub(crate) seed: u64,
    pub(crate) works: Works,
    pub(crate) outputs: Outputs,
    pub(crate) planted: Planting,
    pub(crate) floors: Floors,
}

/// Where texts come from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TextSource {
    /// The folder of prose; a word model of the shared poems and novels where that holds less than half of it.
    Packages,
    /// A word model of the shared poems and novels.
    Model,
    /// A word model of the sample works, which needs no data.
    Sample,
}

/// What is registered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Works {
    pub(crate) count: usize,
    /// Code points of each.
    pub(crate) characters: usize,
}

/// What is scanned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outputs {
    pub(crate) count: usize,
    /// Code points of each.
    pub(crate) characters: usize,
    pub(crate) from: Origin,
    /// Share of `count` that carries a planted passage.
    pub(crate) planted_share: f64,
    /// Further outputs, all planted.
    pub(crate) extra_planted: usize,
}

/// Which packages outputs are cut from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Others than works.
    #[serde(rename = "other packages")]
    OtherPackages,
    /// Other passages of the same.
    #[serde(rename = "same packages")]
    SamePackages,
    /// Lists of phrases that others than works share.
    #[serde(rename = "common phrases")]
    CommonPhrases,
}

/// What planted passages are like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Planting {
    /// Characters, least and most of each class.
    pub(crate) lengths: Vec<(usize, usize)>,
    /// Shares of edited words.
    pub(crate) edited: Vec<f64>,
}

/// What is asked of nagalm, in percent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Floors {
    /// Least recall per share of edited words; none where it is empty.
    #[serde(default)]
    pub(crate) recall: Vec<f64>,
    /// Least mean overlap of found with planted places.
    pub(crate) overlap: Option<f64>,
    /// Most of the unplanted outputs without a real copy that may be reported.
    pub(crate) false_alarms: Option<f64>,
}

impl Floors {
    /// Whether nothing is asked.
    pub(crate) fn are_none(&self) -> bool {
        self.recall.is_empty() && self.overlap.is_none() && self.false_alarms.is_none()
    }
}

impl Definition {
    /// One of [`names`].
    pub(crate) fn named(name: &str) -> anyhow::Result<Self> {
        let (_, text) = DEFINITIONS
            .iter()
            .find(|(known, _)| *known == name)
            .with_context(|| format!("no workload `{name}`: there are {}", names().join(", ")))?;
        Self::parse(text).with_context(|| format!("workloads/{name}.toml"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let definition: Self = toml::from_str(text)?;
        let Planting { lengths, edited } = &definition.planted;
        ensure!(
            !lengths.is_empty() && !edited.is_empty(),
            "planted passages need lengths and shares of edits"
        );
        ensure!(lengths.iter().all(|(least, most)| least <= most), "a length's least is above its most");
        let shares = edited.iter().chain([&definition.outputs.planted_share]);
        ensure!(shares.into_iter().all(|share| (0.0..=1.0).contains(share)), "a share outside 0 to 1");
        let floors = definition.floors.recall.len();
        ensure!(
            floors == 0 || floors == edited.len(),
            "{floors} floors of recall for {} levels",
            edited.len()
        );
        Ok(definition)
    }

    /// The workload with so many outputs, and the further planted ones in the same proportion.
    pub(crate) fn with_outputs(mut self, count: usize) -> Self {
        self.outputs.extra_planted = self.outputs.extra_planted * count / self.outputs.count.max(1);
        self.outputs.count = count;
        self
    }

    /// As the corpora crate wants it.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            works: self.works.count,
            work_characters: self.works.characters,
            outputs: self.outputs.count,
            output_characters: self.outputs.characters,
            planted_share: self.outputs.planted_share,
            extra_planted: self.outputs.extra_planted,
            lengths: self.planted.lengths.clone(),
            edited: self.planted.edited.clone(),
            seed: self.seed,
        }
    }
}

#[cfg(test)]
mod tests {
    use nagalm_corpora::planted::{EDITED, LENGTHS};

    use super::*;

    #[test]
    fn all_definitions_are_read() {
        for name in names() {
            Definition::named(name).unwrap();
        }
    }

    #[test]
    fn lyrics_are_what_the_projects_figures_are_for() {
        let settings = Definition::named("lyrics").unwrap().settings();
        assert_eq!((settings.lengths.as_slice(), settings.edited.as_slice()), (&LENGTHS[..], &EDITED[..]));
        assert_eq!((settings.works, settings.outputs, settings.extra_planted), (100_000, 20_000, 5_000));
    }

    #[test]
    fn what_is_not_known_or_cannot_be_is_refused() {
        let lyrics = DEFINITIONS[0].1;
        let refused = |from: &str, to: &str| Definition::parse(&lyrics.replace(from, to)).is_err();
        assert!(!refused("", ""));
        assert!(refused("count = 100_000", "count = 100_000\ncolour = 1"));
        assert!(refused("planted_share = 0.05", "planted_share = 1.5"));
        assert!(refused("[99.9, ", "["), "a floor too few");
        assert!(refused("[80, 150]", "[150, 80]"));
    }
}
