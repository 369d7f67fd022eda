//! Works as they leave a registry: in the forms that `register` reads.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use arrow_schema::DataType;
use nagalm::{Creator, Licence, Reservation, Work};
use serde::Serialize;

use super::table::{ParquetFile, list, list_of, text};
use super::target::{Format, Target};

/// Takes works in order; dropping it unfinished leaves no file.
pub(crate) struct WorkSink(Kind);

enum Kind {
    Lines(Target),
    Csv(Box<csv::Writer<Target>>),
    Parquet(Box<ParquetFile>),
}

impl WorkSink {
    /// The sink for `path` (`-`: standard output), in `format`.
    pub(crate) fn open(path: &Path, format: Format) -> Result<Self> {
        if format == Format::Html {
            bail!("works are written as .jsonl, .csv or .parquet, not as a page");
        }
        let target = Target::open(path)?;
        Ok(Self(match format {
            Format::Csv => Kind::Csv(Box::new(csv::Writer::from_writer(target))),
            Format::Parquet => Kind::Parquet(Box::new(ParquetFile::new(target, columns())?)),
            Format::Jsonl | Format::Html => Kind::Lines(target),
        }))
    }

    pub(crate) fn write(&mut self, work: &Work) -> Result<()> {
        match &mut self.0 {
            Kind::Lines(target) => {
                serde_json::to_writer(&mut *target, work).map_err(std::io::Error::from)?;
                target.write_all(b"\n")?;
            }
            Kind::Csv(writer) => writer.serialize(CsvWork::of(work)?)?,
            Kind::Parquet(file) => file.write(&NestedWork::of(work)?)?,
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<()> {
        match self.0 {
            Kind::Lines(target) => target.finish(),
            Kind::Csv(writer) => writer.into_inner().map_err(|e| e.into_error())?.finish(),
            Kind::Parquet(file) => file.finish(),
        }
    }
}

/// A list in one cell: names with `;` between where that says it all, else JSON.
fn cell<T: Serialize>(items: &[T], name: impl Fn(&T) -> Option<&str>) -> Result<Option<String>> {
    if items.is_empty() {
        return Ok(None);
    }
    let names: Option<Vec<_>> = items.iter().map(name).collect();
    let plain = |name: &&str| !name.contains(';') && name.trim() == *name && !name.is_empty();
    Ok(Some(match names {
        Some(names) if names.iter().all(plain) && !names[0].starts_with('[') => names.join(";"),
        _ => serde_json::to_string(items)?,
    }))
}

fn extra(work: &Work) -> Result<Option<String>> {
    Ok(if work.extra.is_empty() { None } else { Some(serde_json::to_string(&work.extra)?) })
}

#[derive(Serialize)]
struct CsvWork<'a> {
    work_id: &'a str,
    title: Option<&'a str>,
    other_titles: Option<String>,
    language: Option<&'a str>,
    creators: Option<String>,
    iswc: Option<&'a str>,
    isbn: Option<&'a str>,
    isrc: Option<&'a str>,
    iscc: Option<&'a str>,
    society: Option<&'a str>,
    rights_holder: Option<&'a str>,
    licences: Option<String>,
    reservations: Option<String>,
    extra: Option<String>,
    text: &'a str,
}

impl<'a> CsvWork<'a> {
    fn of(work: &'a Work) -> Result<Self> {
        Ok(Self {
            work_id: &work.work_id,
            title: work.title.as_deref(),
            other_titles: cell(&work.other_titles, |t| Some(t.as_str()))?,
            language: work.language.as_deref(),
            creators: cell(&work.creators, |c| {
                let alone = c.role.is_none() && c.ipi.is_none() && c.isni.is_none();
                alone.then_some(c.name.as_str())
            })?,
            iswc: work.iswc.as_deref(),
            isbn: work.isbn.as_deref(),
            isrc: work.isrc.as_deref(),
            iscc: work.iscc.as_deref(),
            society: work.society.as_deref(),
            rights_holder: work.rights_holder.as_deref(),
            licences: cell::<Licence>(&work.licences, |_| None)?,
            reservations: cell::<Reservation>(&work.reservations, |_| None)?,
            extra: extra(work)?,
            text: &work.text,
        })
    }
}

#[derive(Serialize)]
struct NestedWork<'a> {
    work_id: &'a str,
    title: Option<&'a str>,
    other_titles: &'a [String],
    language: Option<&'a str>,
    creators: &'a [Creator],
    iswc: Option<&'a str>,
    isbn: Option<&'a str>,
    isrc: Option<&'a str>,
    iscc: Option<&'a str>,
    society: Option<&'a str>,
    rights_holder: Option<&'a str>,
    licences: &'a [Licence],
    reservations: &'a [Reservation],
    extra: Option<String>,
    text: &'a str,
}

impl<'a> NestedWork<'a> {
    fn of(work: &'a Work) -> Result<Self> {
        Ok(Self {
            work_id: &work.work_id,
            title: work.title.as_deref(),
            other_titles: &work.other_titles,
            language: work.language.as_deref(),
            creators: &work.creators,
            iswc: work.iswc.as_deref(),
            isbn: work.isbn.as_deref(),
            isrc: work.isrc.as_deref(),
            iscc: work.iscc.as_deref(),
            society: work.society.as_deref(),
            rights_holder: work.rights_holder.as_deref(),
            licences: &work.licences,
            reservations: &work.reservations,
            extra: extra(work)?,
            text: &work.text,
        })
    }
}

fn columns() -> Vec<arrow_schema::Field> {
    vec![
        text("work_id"),
        text("title"),
        list("other_titles", DataType::Utf8),
        text("language"),
        list_of("creators", vec![text("name"), text("role"), text("ipi"), text("isni")]),
        text("iswc"),
        text("isbn"),
        text("isrc"),
        text("iscc"),
        text("society"),
        text("rights_holder"),
        list_of("licences", vec![text("licensee"), text("purpose"), text("until")]),
        list_of("reservations", vec![text("scheme"), text("value"), text("source"), text("date")]),
        text("extra"),
        text("text"),
    ]
}
