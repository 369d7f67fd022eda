//! What was found in one output: plain, versioned data. The JSON that other programs read is defined here and
//! nowhere else; with the feature `schema`, so is its JSON Schema.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::registry::SealInfo;

/// The name and major version of the report's form. It changes when a reader of the old form would misread the new.
pub const SCHEMA: &str = "nagalm.report/1";

/// The names of a report's own fields: what else came with an output goes under others.
pub const FIELDS: &[&str] = &[
    "complete",
    "coverage",
    "id",
    "matches",
    "meaning",
    "not_searched",
    "offset_unit",
    "registry",
    "schema",
    "sealed",
    "text_sha256",
    "version",
    "works",
];

/// Under which name a field goes whose own is taken.
pub fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = format!("input_{name}");
    while is_taken(&free) {
        free.insert_str(0, "input_");
    }
    free
}

/// What offsets count. Rust slices want bytes, JSON readers and Python code points, JavaScript UTF-16 code units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OffsetUnit {
    /// Bytes of the UTF-8 text.
    #[default]
    Byte,
    /// Unicode code points (as the W3C Web Annotation model counts).
    CodePoint,
    /// UTF-16 code units.
    Utf16,
}

/// A half-open range of a text: `end` is exclusive. In the report's `offset_unit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// First position.
    pub start: usize,
    /// One past the last position.
    pub end: usize,
}

impl Span {
    /// How many positions the span holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }
}

/// What was found in one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The form of this object: `nagalm.report/1`.
    pub schema: Cow<'static, str>,
    /// The output's identifier, as it came in.
    pub id: String,
    /// What all offsets of this report count.
    pub offset_unit: OffsetUnit,
    /// Whether all of the output was searched. If not, `not_searched` names the rest.
    pub complete: bool,
    /// Spans of the output that a cap left unsearched; empty where `complete`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_searched: Vec<Span>,
    /// SHA-256 of the output's UTF-8 bytes, in hexadecimal: ties this report to that text. Where nothing was found, only
    /// if the settings ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_sha256: Option<String>,
    /// Content hash of the registry that was searched; of a sealed one, its checksum.
    pub registry: Arc<str>,
    /// Version of nagalm that made the report.
    pub version: Cow<'static, str>,
    /// How much of the output is covered by matches.
    pub coverage: Coverage,
    /// The matches, by place in the output. No two claim the same words of the output.
    pub matches: Vec<Match>,
    /// Per matched work, how much of it came out; the largest share first.
    pub works: Vec<WorkShare>,
    /// What a sealed registry finds, in place of `matches`; absent where the registry holds its works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<SealedFindings>,
    /// What is close in meaning to passages of works, and copies no words of them; absent where it was not looked for. It counts in
    /// none of the fields above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<MeaningFindings>,
    /// The fields of the input besides `id` and `text` (`prompt`, `model`, `created` and whatever else), untouched.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

impl Report {
    /// How many matches there are, found by the works' texts or through a sealed registry. Leads and paraphrases are none.
    #[must_use]
    pub fn match_count(&self) -> usize {
        self.matches.len() + self.sealed.as_ref().map_or(0, |sealed| sealed.matches.len())
    }

    /// How many paraphrases there are.
    #[must_use]
    pub fn paraphrase_count(&self) -> usize {
        self.meaning.as_ref().map_or(0, |meaning| meaning.matches.len())
    }
}

/// How much of the output lies within matches, in the report's `offset_unit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// Length of the output inside matches.
    pub matched: usize,
    /// Length of the whole output.
    pub total: usize,
}

/// How closely a match follows its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MatchKind {
    /// Equal word for word after folding (case, accents, punctuation and layout aside).
    Verbatim,
    /// Aligned, with words changed, inserted or left out.
    NearVerbatim,
}

/// Two aligned passages, one in the output and one in a work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Match {
    /// The work's identifier.
    pub work_id: String,
    /// The work's main title, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Verbatim or near-verbatim.
    pub kind: MatchKind,
    /// The passage in the output.
    pub output: Span,
    /// The passage in the work's registered text.
    pub source: Span,
    /// Words: equal on both sides, and in each passage.
    pub words: WordCounts,
    /// Letters and digits that are equal on both sides.
    pub letters: LetterCounts,
    /// Share of the longer passage's letters that are equal on both sides, 0 to 1.
    pub identity: f64,
    /// The longest run of equal words with nothing between them.
    pub longest_run_words: usize,
    /// How much information the shared words carry: the alignment's score in bits (see `score`).
    pub bits: f64,
    /// Number of matches at least this good expected by chance, for this registry and this length of output.
    pub evalue: f64,
    /// The alignment from start to end, as runs.
    pub edits: Vec<Edit>,
    /// Other works that hold (nearly) the same passage.
    pub also_in: Vec<String>,
    /// How the output's passage is written where that is neither as in the work nor as texts mostly are: what had to be
    /// seen through to find it. It says how, and nothing of why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tricks: Vec<Trick>,
    /// The two passages as they stand, for pictures. Absent where the registry does not hold the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
}

/// A way of writing that a reader sees through and a program may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Trick {
    /// Full-width forms of Latin letters.
    FullWidthLetters,
    /// Mathematical alphabets: bold, script, double-struck letters and so on.
    MathematicalLetters,
    /// Letters in circles, squares or brackets.
    EnclosedLetters,
    /// Small capitals that are letters of their own (of phonetic alphabets, mostly).
    SmallCapitals,
    /// Letters of other scripts that look like Latin ones.
    Homoglyphs,
    /// Characters without width within words.
    ZeroWidthCharacters,
    /// Soft hyphens within words, not at the ends of lines; hyphenated typesetting has them, too.
    SoftHyphens,
    /// Controls of the writing direction in a text that has but one.
    BidiControls,
    /// More marks on a letter than a language has, or letters struck through.
    StackedMarks,
    /// Tag characters of Unicode, which nobody sees: between letters, or spelling a text.
    TagCharacters,
    /// Variation selectors between letters, or standing for bytes.
    VariationSelectors,
    /// Spaces between the letters of words.
    SpacedLetters,
    /// Dots, hyphens or other signs between the letters of words.
    SeparatedLetters,
    /// Hyphens between syllables, as under notes.
    HyphenatedSyllables,
    /// Apostrophes within many words.
    Apostrophes,
    /// Digits and signs in place of letters.
    Leet,
    /// Letters thirteen places further in the alphabet.
    Rot13,
    /// Base64.
    Base64,
}

/// Words of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WordCounts {
    /// Words of the work that stand in the output too, in the same order.
    pub matched: usize,
    /// Words of the output's passage.
    pub output: usize,
    /// Words of the work's passage.
    pub source: usize,
}

/// Letters of a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LetterCounts {
    /// Folded letters and digits equal on both sides.
    pub matched: usize,
}

/// What a run of the alignment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum EditKind {
    /// The same words on both sides.
    Equal,
    /// Different words in the same place.
    Changed,
    /// Words that only the output has; the source span is empty.
    Inserted,
    /// Words that only the work has; the output span is empty.
    Deleted,
}

/// One run of the alignment. Spans run from the first word's start to the last word's end; the white space and
/// punctuation between runs belongs to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edit {
    /// What this run says.
    pub op: EditKind,
    /// Where in the output.
    pub output: Span,
    /// Where in the work.
    pub source: Span,
}

/// The two passages of a match as they stand in the output and in the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quote {
    /// The output's passage: the text of the match's `output` span.
    pub output: String,
    /// The work's passage: the text of the match's `source` span.
    pub source: String,
}

/// How much of one work came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkShare {
    /// The work's identifier.
    pub work_id: String,
    /// Its letters and digits that stand in the output, each counted once however often it is repeated there.
    pub matched: usize,
    /// `matched` as a share of all letters and digits of the work, 0 to 1.
    pub share_of_work: f64,
}

/// What was found through a sealed registry. It knows no text: there is no passage of the work to show, no alignment, and
/// only words that are equal after folding are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SealedFindings {
    /// What the sealed registry says of itself.
    #[serde(flatten)]
    pub info: SealInfo,
    /// Works of which two stored grams or more stand in the output; most grams first.
    pub matches: Vec<SealedMatch>,
    /// Works of which one does: worth asking the society, and no evidence by itself.
    pub leads: Vec<SealedMatch>,
}

/// A work of a sealed registry, some of whose grams (eight words in a row) stand in the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SealedMatch {
    /// The work's number in this sealed registry. The society can say which work it is.
    pub work: u32,
    /// The work's identifier, where the sealed registry says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_id: Option<String>,
    /// The work's title, where the sealed registry says it and it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// From the first gram that was found to the last. What lies between grams was not compared.
    pub output: Span,
    /// The grams that were found; those that touch are one span.
    pub passages: Vec<Span>,
    /// How many different grams.
    pub grams: usize,
    /// Words of the output within `passages`.
    pub words: usize,
    /// How many works must be expected to have so many grams in the output because hashes agree by chance. It says nothing
    /// of phrases that many texts share.
    pub by_chance: f64,
}

/// What was found by meaning: passages as vectors of a language model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeaningFindings {
    /// The model's name.
    pub model: String,
    /// BLAKE3 over the model's files, in hexadecimal.
    pub model_hash: String,
    /// Passages of the output that were compared: those that copied words do not explain.
    pub compared: usize,
    /// Passages that are told, by place in the output; no two share text of it.
    pub matches: Vec<Paraphrase>,
}

/// A passage of the output and one of a work that mean nearly the same, as far as a language model can tell. The words may be
/// others: it is a reason to read both, and no evidence of copying by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Paraphrase {
    /// The work's identifier.
    pub work_id: String,
    /// The work's main title, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `paraphrase`.
    pub kind: ParaphraseKind,
    /// The passage in the output.
    pub output: Span,
    /// The passage in the work's registered text.
    pub source: Span,
    /// How like each other the passages' vectors are: their cosine, up to 1.
    pub similarity: f64,
    /// Number of passages of an output of this length expected to have a neighbour this near in this registry by chance.
    pub evalue: f64,
    /// How probable a paraphrase is at this similarity where one passage in two is one; absent where that was not measured
    /// for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Other works that hold the same passage.
    pub also_in: Vec<String>,
    /// The two passages as they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
}

/// The kind of a [`Paraphrase`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ParaphraseKind {
    /// Close in meaning, not in words.
    #[default]
    Paraphrase,
}

#[cfg(all(test, feature = "schema"))]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_those_of_the_schema() {
        let schema = schemars::schema_for!(Report);
        let properties = schema.get("properties").and_then(serde_json::Value::as_object).unwrap();
        let mut names: Vec<&str> = properties.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, FIELDS);
    }
}
