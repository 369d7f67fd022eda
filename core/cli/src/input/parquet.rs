//! Parquet files, row group by row group. Arrow turns rows into JSON lines, which are then parsed like any others.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};

use super::csv::wrong_columns;
use super::feed::{Feed, Stop};
use super::lines::too_long;
use super::record::Content;

/// Rows that are decoded at once: books of 100,000 characters must fit.
const BATCH_ROWS: usize = 128;

pub(super) fn read_file(path: &Path, file: &Arc<str>, feed: &mut Feed) -> Result<(), Stop> {
    let handle = File::open(path)?;
    let length = handle.metadata()?.len();
    let handle = Whole { file: Arc::new(handle), length };
    let loaded = contained(|| ArrowReaderMetadata::load(&handle, Default::default()));
    let metadata = match loaded.and_then(|loaded| loaded.map_err(|e| e.to_string())) {
        Ok(metadata) => metadata,
        Err(e) => return Ok(feed.refuse(file, None, "unreadable", format!("not a Parquet file: {e}"))?),
    };
    let columns: Vec<_> = metadata.schema().fields().iter().map(|f| f.name().clone()).collect();
    if let Some(wrong) = wrong_columns(&columns) {
        return Ok(feed.refuse(file, None, "columns", wrong)?);
    }
    let mut row = 1;
    for group in 0..metadata.metadata().num_row_groups() {
        let group_metadata = metadata.metadata().row_group(group);
        let next_group = row + u64::try_from(group_metadata.num_rows()).unwrap_or_default();
        feed.advance(u64::try_from(group_metadata.compressed_size()).unwrap_or_default());
        // A damaged row group costs its own rows only.
        let batches = if group_metadata.columns().iter().all(|column| lies_within(column, length)) {
            let builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(handle.clone(), metadata.clone());
            let builder = builder.with_row_groups(vec![group]).with_batch_size(BATCH_ROWS);
            contained(|| builder.build()).and_then(|batches| batches.map_err(|e| e.to_string()))
        } else {
            Err("a column does not lie within the file".into())
        };
        if let Err(why) = read_group(batches, file, &mut row, feed)? {
            let message = format!("{why}; rows {row} to {} were not read", next_group - 1);
            feed.refuse(file, Some(row), "unreadable", message)?;
        }
        row = next_group;
    }
    Ok(())
}

/// A file of which nothing is read beyond its end. From the file itself the reader of Parquet skips what is not there as though
/// it were: a page's header of 30 bytes that tells of a list of two billion numbers takes it minutes.
#[derive(Clone)]
struct Whole {
    file: Arc<File>,
    length: u64,
}

impl Length for Whole {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Whole {
    type T = BufReader<Within>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(Within(file)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!("{length} bytes from byte {start} are not there")));
        }
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// What tells of a file's end as a failure.
struct Within(File);

impl Read for Within {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

/// Whether a column's bytes lie within a file of this length. The reader takes that for granted, and panics where a place is
/// negative.
fn lies_within(column: &ColumnChunkMetaData, length: u64) -> bool {
    let first = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let place = (u64::try_from(first), u64::try_from(column.compressed_size()));
    matches!(place, (Ok(start), Ok(size)) if start.checked_add(size).is_some_and(|end| end <= length))
}

/// Does what may panic: the reader of Parquet takes much of a file for granted that a damaged one does not have, in places
/// that cannot all be looked at before. What it left half done is not used again.
fn contained<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .map_err(|_| "it is damaged where its reader does not expect it".to_owned())
}

type Batches = Result<ParquetRecordBatchReader, String>;

fn read_group(
    batches: Batches,
    file: &Arc<str>,
    row: &mut u64,
    feed: &mut Feed,
) -> Result<Result<(), String>, Stop> {
    let mut batches = match batches {
        Ok(batches) => batches,
        Err(why) => return Ok(Err(why)),
    };
    loop {
        let next = contained(|| batches.next().map(|batch| batch.and_then(|batch| json_lines(&batch))));
        let json = match next {
            Ok(None) => return Ok(Ok(())),
            Ok(Some(Ok(json))) => json,
            Ok(Some(Err(e))) => return Ok(Err(e.to_string())),
            Err(why) => return Ok(Err(why)),
        };
        for line in json.split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
            if line.len() > feed.max_record {
                let message = too_long("row", line.len() as u64, feed.max_record);
                feed.refuse(file, Some(*row), "too long", message)?;
            } else {
                feed.push(file, Some(*row), line.len(), Content::Json(line.to_vec()))?;
            }
            *row += 1;
        }
    }
}

/// The rows of a batch, each as JSON on one line.
pub(super) fn json_lines(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = arrow_json::LineDelimitedWriter::new(Vec::new());
    writer.write(&binary_as_text(batch)?)?;
    writer.finish()?;
    Ok(writer.into_inner())
}

/// Old writers leave out that a column of bytes is text. What is not UTF-8 becomes null, and is told as a missing text.
fn binary_as_text(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let is_binary =
        |t: &DataType| matches!(t, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
    let schema = batch.schema();
    if !schema.fields().iter().any(|f| is_binary(f.data_type())) {
        return Ok(batch.clone());
    }
    let mut fields = Vec::with_capacity(schema.fields().len());
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if is_binary(field.data_type()) {
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
            columns.push(arrow_cast::cast(column, &DataType::Utf8)?);
        } else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}
