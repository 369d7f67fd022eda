//! Reports as tables: flat rows for CSV, nested columns for Parquet.

use std::sync::Arc;

use anyhow::{Context, Result};
use arrow_schema::{DataType, Field, Fields, Schema};
use nagalm::Report;
use nagalm::report::{
    Coverage, Match, MatchKind, MeaningFindings, OffsetUnit, Paraphrase, SealedFindings, SealedMatch, Span,
    WorkShare,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Serialize;
use serde_arrow::ArrayBuilder;
use serde_json::{Map, Value};

use super::reports::ReportSink;
use super::target::Target;
use super::terminal::text_of;

/// What a report's input said, with the fields that have no column of their own as one JSON object.
#[derive(Serialize)]
struct About {
    prompt: Option<String>,
    model: Option<String>,
    created: Option<String>,
    fields: Option<String>,
}

impl About {
    fn of(report: &Report) -> Self {
        let column = |name: &str| report.fields.get(name).filter(|v| !v.is_null()).map(text_of);
        let rest: Map<_, _> = report
            .fields
            .iter()
            .filter(|(name, _)| !["prompt", "model", "created"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Self {
            prompt: column("prompt"),
            model: column("model"),
            created: column("created"),
            fields: (!rest.is_empty()).then(|| Value::Object(rest).to_string()),
        }
    }
}

/// What a row of the CSV report tells.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Verbatim,
    NearVerbatim,
    /// Through a sealed registry.
    Sealed,
    SealedLead,
    /// Close in meaning, not in words.
    Paraphrase,
}

impl From<MatchKind> for Kind {
    fn from(kind: MatchKind) -> Self {
        match kind {
            MatchKind::Verbatim => Self::Verbatim,
            MatchKind::NearVerbatim => Self::NearVerbatim,
        }
    }
}

/// One row of the CSV report: the output's columns, then one match's, empty where there is none.
#[derive(Serialize)]
pub(crate) struct TableRow<'a> {
    id: &'a str,
    model: Option<String>,
    prompt: Option<String>,
    created: Option<String>,
    fields: Option<String>,
    complete: bool,
    coverage_matched: usize,
    coverage_total: usize,
    work_id: Option<&'a str>,
    /// The work's number, where the registry is sealed.
    work_number: Option<u32>,
    title: Option<&'a str>,
    kind: Option<Kind>,
    output_start: Option<usize>,
    output_end: Option<usize>,
    source_start: Option<usize>,
    source_end: Option<usize>,
    words_matched: Option<usize>,
    words_output: Option<usize>,
    words_source: Option<usize>,
    letters_matched: Option<usize>,
    identity: Option<f64>,
    longest_run_words: Option<usize>,
    bits: Option<f64>,
    evalue: Option<f64>,
    /// Of vectors, where a passage was found by meaning.
    similarity: Option<f64>,
    probability: Option<f64>,
    share_of_work: Option<f64>,
    also_in: Option<String>,
    tricks: Option<String>,
    edits: Option<String>,
    output_text: Option<&'a str>,
    source_text: Option<&'a str>,
    offset_unit: OffsetUnit,
    text_sha256: Option<&'a str>,
    registry: &'a str,
    version: &'a str,
}

impl<'a> TableRow<'a> {
    /// The rows of a report: at least one.
    pub(crate) fn of(report: &'a Report) -> Vec<Self> {
        let mut rows: Vec<_> = report.matches.iter().map(|found| Self::one(report, Some(found))).collect();
        if let Some(sealed) = &report.sealed {
            rows.extend(sealed.matches.iter().map(|found| Self::sealed(report, found, Kind::Sealed)));
            rows.extend(sealed.leads.iter().map(|found| Self::sealed(report, found, Kind::SealedLead)));
        }
        if let Some(meaning) = &report.meaning {
            rows.extend(meaning.matches.iter().map(|found| Self::paraphrase(report, found)));
        }
        if rows.is_empty() {
            rows.push(Self::one(report, None));
        }
        rows
    }

    /// A row of a work in a sealed registry: what is not known of it is empty.
    fn sealed(report: &'a Report, found: &'a SealedMatch, kind: Kind) -> Self {
        Self {
            work_id: found.work_id.as_deref(),
            work_number: Some(found.work),
            title: found.title.as_deref(),
            kind: Some(kind),
            output_start: Some(found.output.start),
            output_end: Some(found.output.end),
            words_matched: Some(found.words),
            ..Self::one(report, None)
        }
    }

    fn paraphrase(report: &'a Report, found: &'a Paraphrase) -> Self {
        Self {
            work_id: Some(&found.work_id),
            title: found.title.as_deref(),
            kind: Some(Kind::Paraphrase),
            output_start: Some(found.output.start),
            output_end: Some(found.output.end),
            source_start: Some(found.source.start),
            source_end: Some(found.source.end),
            evalue: Some(found.evalue),
            similarity: Some(found.similarity),
            probability: found.probability,
            also_in: serde_json::to_string(&found.also_in).ok(),
            output_text: found.quote.as_ref().map(|quote| quote.output.as_str()),
            source_text: found.quote.as_ref().map(|quote| quote.source.as_str()),
            ..Self::one(report, None)
        }
    }

    fn one(report: &'a Report, found: Option<&'a Match>) -> Self {
        let About { prompt, model, created, fields } = About::of(report);
        let json = |value: serde_json::Result<String>| value.ok();
        let share = |m: &Match| report.works.iter().find(|w| w.work_id == m.work_id).map(|w| w.share_of_work);
        Self {
            id: &report.id,
            model,
            prompt,
            created,
            fields,
            complete: report.complete,
            coverage_matched: report.coverage.matched,
            coverage_total: report.coverage.total,
            work_id: found.map(|m| m.work_id.as_str()),
            work_number: None,
            title: found.and_then(|m| m.title.as_deref()),
            kind: found.map(|m| m.kind.into()),
            output_start: found.map(|m| m.output.start),
            output_end: found.map(|m| m.output.end),
            source_start: found.map(|m| m.source.start),
            source_end: found.map(|m| m.source.end),
            words_matched: found.map(|m| m.words.matched),
            words_output: found.map(|m| m.words.output),
            words_source: found.map(|m| m.words.source),
            letters_matched: found.map(|m| m.letters.matched),
            identity: found.map(|m| m.identity),
            longest_run_words: found.map(|m| m.longest_run_words),
            bits: found.map(|m| m.bits),
            evalue: found.map(|m| m.evalue),
            similarity: None,
            probability: None,
            share_of_work: found.and_then(share),
            also_in: found.and_then(|m| json(serde_json::to_string(&m.also_in))),
            tricks: found.and_then(|m| json(serde_json::to_string(&m.tricks))),
            edits: found.and_then(|m| json(serde_json::to_string(&m.edits))),
            output_text: found.and_then(|m| m.quote.as_ref()).map(|q| q.output.as_str()),
            source_text: found.and_then(|m| m.quote.as_ref()).map(|q| q.source.as_str()),
            offset_unit: report.offset_unit,
            text_sha256: report.text_sha256.as_deref(),
            registry: &report.registry,
            version: &report.version,
        }
    }
}

/// A Parquet file that is written row by row, in row groups of bounded size.
pub(super) struct ParquetFile {
    builder: ArrayBuilder,
    waiting: usize,
    writer: ArrowWriter<Target>,
}

/// Rows that become one Arrow batch.
const BATCH_ROWS: usize = 256;
/// Bytes of encoded pages that are held before a row group ends.
const GROUP_BYTES: usize = 32 << 20;

impl ParquetFile {
    pub(super) fn new(target: Target, fields: Vec<Field>) -> Result<Self> {
        let schema = Arc::new(Schema::new(fields));
        let builder = ArrayBuilder::from_arrow(schema.fields())?;
        let properties =
            WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        let writer = ArrowWriter::try_new(target, schema, Some(properties))?;
        Ok(Self { builder, waiting: 0, writer })
    }

    pub(super) fn write(&mut self, row: &impl Serialize) -> Result<()> {
        self.builder.push(row)?;
        self.waiting += 1;
        if self.waiting >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.waiting = 0;
        self.writer.write(&self.builder.to_record_batch()?)?;
        if self.writer.in_progress_size() > GROUP_BYTES {
            self.writer.flush()?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.writer.into_inner().context("could not write the Parquet file")?.finish()
    }
}

pub(super) fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

pub(super) fn record(name: &str, fields: Vec<Field>) -> Field {
    Field::new(name, DataType::Struct(Fields::from(fields)), true)
}

pub(super) fn list(name: &str, item: DataType) -> Field {
    Field::new(name, DataType::List(Arc::new(Field::new("item", item, true))), true)
}

pub(super) fn list_of(name: &str, fields: Vec<Field>) -> Field {
    list(name, DataType::Struct(Fields::from(fields)))
}

fn number(name: &str) -> Field {
    Field::new(name, DataType::Int64, true)
}

fn real(name: &str) -> Field {
    Field::new(name, DataType::Float64, true)
}

fn span(name: &str) -> Field {
    record(name, span_fields())
}

fn span_fields() -> Vec<Field> {
    vec![number("start"), number("end")]
}

/// The columns of a [`TableRow`] that tell of the scan, not of what came in.
pub(crate) fn flat_columns() -> Vec<Field> {
    vec![
        Field::new("complete", DataType::Boolean, true),
        number("coverage_matched"),
        number("coverage_total"),
        text("work_id"),
        number("work_number"),
        text("title"),
        text("kind"),
        number("output_start"),
        number("output_end"),
        number("source_start"),
        number("source_end"),
        number("words_matched"),
        number("words_output"),
        number("words_source"),
        number("letters_matched"),
        real("identity"),
        number("longest_run_words"),
        real("bits"),
        real("evalue"),
        real("similarity"),
        real("probability"),
        real("share_of_work"),
        text("also_in"),
        text("tricks"),
        text("edits"),
        text("output_text"),
        text("source_text"),
        text("text_sha256"),
    ]
}

/// The columns of a report in Parquet: nested as the JSON is.
pub(crate) fn report_columns() -> Vec<Field> {
    let matches = vec![
        text("work_id"),
        text("title"),
        text("kind"),
        span("output"),
        span("source"),
        record("words", vec![number("matched"), number("output"), number("source")]),
        record("letters", vec![number("matched")]),
        real("identity"),
        number("longest_run_words"),
        real("bits"),
        real("evalue"),
        list_of("edits", vec![text("op"), span("output"), span("source")]),
        list("also_in", DataType::Utf8),
        list("tricks", DataType::Utf8),
        record("quote", vec![text("output"), text("source")]),
    ];
    vec![
        text("schema"),
        text("id"),
        text("offset_unit"),
        Field::new("complete", DataType::Boolean, true),
        list_of("not_searched", span_fields()),
        text("text_sha256"),
        text("registry"),
        text("version"),
        record("coverage", vec![number("matched"), number("total")]),
        list_of("matches", matches),
        list_of("works", vec![text("work_id"), number("matched"), real("share_of_work")]),
        record(
            "sealed",
            vec![
                text("profile"),
                text("recipient"),
                text("release"),
                text("signer"),
                text("signer_key"),
                text("signature"),
                list_of("matches", sealed_match()),
                list_of("leads", sealed_match()),
            ],
        ),
        record(
            "meaning",
            vec![text("model"), text("model_hash"), number("compared"), list_of("matches", paraphrase())],
        ),
        text("prompt"),
        text("model"),
        text("created"),
        text("fields"),
    ]
}

fn paraphrase() -> Vec<Field> {
    vec![
        text("work_id"),
        text("title"),
        text("kind"),
        span("output"),
        span("source"),
        real("similarity"),
        real("evalue"),
        real("probability"),
        list("also_in", DataType::Utf8),
        record("quote", vec![text("output"), text("source")]),
    ]
}

fn sealed_match() -> Vec<Field> {
    vec![
        number("work"),
        text("work_id"),
        text("title"),
        span("output"),
        list_of("passages", span_fields()),
        number("grams"),
        number("words"),
        real("by_chance"),
    ]
}

#[derive(Serialize)]
struct NestedRow<'a> {
    schema: &'a str,
    id: &'a str,
    offset_unit: OffsetUnit,
    complete: bool,
    not_searched: &'a [Span],
    text_sha256: Option<&'a str>,
    registry: &'a str,
    version: &'a str,
    coverage: Coverage,
    matches: &'a [Match],
    works: &'a [WorkShare],
    sealed: Option<&'a SealedFindings>,
    meaning: Option<&'a MeaningFindings>,
    #[serde(flatten)]
    about: About,
}

/// One row an output, nested as the JSON report is.
pub(super) struct ParquetReports(ParquetFile);

impl ParquetReports {
    pub(super) fn new(target: Target) -> Result<Self> {
        Ok(Self(ParquetFile::new(target, report_columns())?))
    }
}

impl ReportSink for ParquetReports {
    fn write(&mut self, report: &Report) -> Result<()> {
        self.0.write(&NestedRow {
            schema: &report.schema,
            id: &report.id,
            offset_unit: report.offset_unit,
            complete: report.complete,
            not_searched: &report.not_searched,
            text_sha256: report.text_sha256.as_deref(),
            registry: &report.registry,
            version: &report.version,
            coverage: report.coverage,
            matches: &report.matches,
            works: &report.works,
            sealed: report.sealed.as_ref(),
            meaning: report.meaning.as_ref(),
            about: About::of(report),
        })
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.0.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn every_field_of_a_report_has_a_column() {
        let schema = schemars::schema_for!(Report);
        let named = |fields: &[Field]| fields.iter().map(|f| f.name().clone()).collect::<Vec<_>>();
        let columns = named(&report_columns());
        for name in schema.get("properties").and_then(Value::as_object).unwrap().keys() {
            assert!(columns.contains(name), "{name} has no Parquet column");
        }
        let of_match = &schema.get("$defs").unwrap()["Match"]["properties"];
        let columns = report_columns();
        let Some(DataType::List(item)) = columns.iter().find(|f| f.name() == "matches").map(Field::data_type)
        else {
            unreachable!("matches is a list")
        };
        let DataType::Struct(fields) = item.data_type() else { unreachable!("of records") };
        for name in of_match.as_object().unwrap().keys() {
            assert!(fields.iter().any(|f| f.name() == name), "{name} of a match has no Parquet column");
        }
    }

    #[test]
    fn a_sealed_registry_has_a_row_for_each_work() {
        let sealed = fixtures::sealed();
        let rows = TableRow::of(&sealed);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].work_id, rows[1].work_id, rows[1].work_number), (Some("T-1"), None, Some(4)));
        assert!(rows.iter().all(|row| row.evalue.is_none() && row.output_start == Some(10)));
    }

    #[test]
    fn an_output_without_matches_has_one_row() {
        let (full, empty) = (fixtures::report(), fixtures::empty());
        assert_eq!(TableRow::of(&full).len(), 1);
        let rows = TableRow::of(&empty);
        assert_eq!(rows.len(), 1);
        assert!(rows[0].work_id.is_none());
        assert_eq!(rows[0].model.as_deref(), Some("m-1"));
    }
}
