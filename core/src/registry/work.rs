//! A registered text with what a society knows about it.

use serde::{Deserialize, Serialize};

/// A work: a text with its identifiers, creators, rights and licences.
///
/// Its JSON form is what `nagalm register` reads and `nagalm export` writes. Only `work_id` and `text` are needed;
/// fields that are not named here are kept in `extra` and come back on export.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// The society's own identifier: unique in a registry. A work with the same one replaces the earlier.
    pub work_id: String,
    /// The main title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Further titles: alternative, translated, first line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_titles: Vec<String>,
    /// Language of the text, as a BCP 47 tag (`nl`, `de-AT`, `fy`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creators: Vec<Creator>,
    /// International Standard Musical Work Code, ISO 15707.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iswc: Option<String>,
    /// International Standard Book Number, ISO 2108.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isbn: Option<String>,
    /// International Standard Recording Code, ISO 3901.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isrc: Option<String>,
    /// International Standard Content Code, ISO 24138.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iscc: Option<String>,
    /// The collecting society that administers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub society: Option<String>,
    /// The rights holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_holder: Option<String>,
    /// Who may use it, for what, until when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<Licence>,
    /// Reservations of rights, verbatim.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reservations: Vec<Reservation>,
    /// Everything else that came with the work.
    #[serde(flatten)]
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// The text itself.
    pub text: String,
}

/// One maker of a work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Creator {
    /// The name as the society writes it.
    pub name: String,
    /// What the person did: `author`, `composer`, `translator`, or a CISAC role code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Interested Party Information name number: eleven digits, the last two a check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipi: Option<String>,
    /// International Standard Name Identifier, ISO 27729.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isni: Option<String>,
}

/// A licence that was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Licence {
    /// Who may use the work.
    pub licensee: String,
    /// For what (`training`, `output`, or plain words).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Last day, as an ISO 8601 date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A reservation of rights, kept word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reservation {
    /// `TDMRep`, `aipref`, `CAWG`, `RSL`, `ONIX`, or `text` for plain words.
    pub scheme: String,
    /// The reservation as it was made.
    pub value: String,
    /// Where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When, as an ISO 8601 date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Something odd about a work that was taken all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// An identifier does not pass its own check: which field, its value, and why.
    Identifier {
        /// The field: `isbn`, `creators[0].ipi`.
        field: String,
        /// The value as it came.
        value: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another work has the same text: its `work_id`.
    SameText(String),
    /// The text has fewer words than are sure to be found when it comes out whole.
    Short {
        /// Words of the text.
        words: usize,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Identifier { field, value, reason } => write!(f, "{field} {value:?}: {reason}"),
            Self::SameText(other) => write!(f, "same text as work {other:?}"),
            Self::Short { words } => write!(f, "only {words} words: too short to be found with certainty"),
        }
    }
}
