//! A registry as tables, for an engine that joins them: written as Parquet files, and made into excerpts again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, Int32Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use nagalm::{IndexedWork, Seed, Settings};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;

use crate::errors::{self, raised};
use crate::registry::Registry;
use crate::runtime::{on_all_cores, released};
use crate::table::{ArrowTable, Texts, text_column};
use crate::value;
use crate::works::{arrow, is_table};

/// What is counted over a whole registry and decides what a match is worth: with it, a few of the registry's works are scanned
/// as if they were the whole. A tenth of the index, without any text.
///
/// It is `Registry.statistics()`, or read from ``statistics.bin`` of `Registry.export_tables`.
///
/// >>> registry = nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight"}])
/// >>> statistics = nagalm.Statistics.from_bytes(registry.statistics().to_bytes())
/// >>> statistics.content_hash == registry.content_hash
/// True
#[pyclass(frozen, module = "nagalm")]
pub struct Statistics {
    statistics: nagalm::Statistics,
    /// An empty excerpt: it knows what to ask for.
    asks: nagalm::Scanner,
}

impl Statistics {
    pub(crate) fn of(py: Python<'_>, registry: &nagalm::Registry) -> PyResult<Self> {
        let registry = registry.clone();
        let of_scanner = || nagalm::Scanner::new(registry, Settings::default()).statistics();
        Self::asking(py, on_all_cores(py, of_scanner)?)
    }

    fn asking(py: Python<'_>, statistics: nagalm::Result<nagalm::Statistics>) -> PyResult<Self> {
        let statistics = statistics.map_err(raised)?;
        let asks =
            on_all_cores(py, || Ok(nagalm::Scanner::new(statistics.excerpt([], [])?, Settings::default())))?
                .map_err(raised)?;
        Ok(Self { statistics, asks })
    }
}

#[pymethods]
impl Statistics {
    /// Reads what `to_bytes` gave. Linear.
    ///
    /// Raises CorruptError, VersionError.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let statistics = released(py, || nagalm::Statistics::from_bytes(data));
        Self::asking(py, statistics)
    }

    /// As bytes that `from_bytes` reads.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = released(py, || self.statistics.to_bytes());
        PyBytes::new(py, &bytes)
    }

    /// Content hash of the whole registry.
    #[getter]
    fn content_hash(&self) -> &str {
        &self.statistics.info().content_hash
    }

    /// The keys of all seeds that a scan of each text of the column `text` may look up: a table with one column `keys`, a sorted
    /// list for each row. It is null where the text is null, or cannot be scanned.
    ///
    /// Raises KeyError where there is no such column, TypeError where it holds no text or `table` is none.
    #[pyo3(signature = (table, *, text = "text"))]
    fn grams(&self, py: Python<'_>, table: &Bound<'_, PyAny>, text: &str) -> PyResult<ArrowTable> {
        let mut reader = stream(table)?;
        let column = text_column(&reader.schema(), text)?;
        let schema = schema(&[("keys", DataType::List(Arc::new(Field::new("item", DataType::Int64, true))))]);
        let mut batches = Vec::new();
        while let Some(batch) = released(py, || reader.next()) {
            let batch = batch.map_err(|e| arrow(&e))?;
            let texts = Texts::of(batch.column(column)).map_err(|e| arrow(&e))?;
            let ask = |row| {
                let text = std::str::from_utf8(texts.get(row)?).ok()?;
                self.asks.grams(text).ok()
            };
            let keys: Vec<Option<Vec<u64>>> =
                on_all_cores(py, || (0..batch.num_rows()).into_par_iter().map(ask).collect())?;
            let mut lists = ListBuilder::new(Int64Builder::new());
            for keys in keys {
                match keys {
                    Some(keys) => {
                        keys.into_iter().for_each(|key| lists.values().append_value(key.cast_signed()));
                        lists.append(true);
                    }
                    None => lists.append(false),
                }
            }
            let keys: ArrayRef = Arc::new(lists.finish());
            batches.push(RecordBatch::try_new(Arc::clone(&schema), vec![keys]).map_err(|e| arrow(&e))?);
            py.check_signals()?;
        }
        Ok(ArrowTable::of(schema, batches))
    }

    /// A registry in memory of some works, with the seeds that lead to them: texts that asked for these seeds and no others are
    /// reported as against the whole registry.
    ///
    /// `works` is a table with the columns of ``works.parquet`` (`number`, `work_id`, `title`, `text`), `seeds` one with those of
    /// ``seeds.parquet`` (`key`, `work`, `word`), rows in any order. Linear in the works' text and in the statistics.
    ///
    /// Raises KeyError and TypeError where columns are missing or of other types, InputError where rows are of another registry or
    /// a work stands twice.
    fn excerpt(
        &self,
        py: Python<'_>,
        works: &Bound<'_, PyAny>,
        seeds: &Bound<'_, PyAny>,
    ) -> PyResult<Registry> {
        let (mut of_works, mut of_seeds) = (Vec::new(), Vec::new());
        let columns = [("number", DataType::Int64), WORK_ID, TITLE, TEXT];
        each_batch(py, works, &columns, |columns| {
            let numbers = columns[0].as_primitive::<Int64Type>();
            let [work_ids, titles, texts] = [1, 2, 3].map(|at| columns[at].as_string::<i64>());
            for row in 0..numbers.len() {
                if numbers.is_null(row) || work_ids.is_null(row) || texts.is_null(row) {
                    return Err("a work has no number, no work_id or no text".to_owned());
                }
                of_works.push(IndexedWork {
                    number: numbers.value(row).cast_unsigned(),
                    work_id: work_ids.value(row).to_owned(),
                    title: titles.is_valid(row).then(|| titles.value(row).to_owned()),
                    text: texts.value(row).to_owned(),
                });
            }
            Ok(())
        })?;
        let columns = [("key", DataType::Int64), ("work", DataType::Int64), ("word", DataType::Int32)];
        each_batch(py, seeds, &columns, |columns| {
            let [keys, works] = [0, 1].map(|at| columns[at].as_primitive::<Int64Type>());
            let words = columns[2].as_primitive::<Int32Type>();
            for row in 0..keys.len() {
                if keys.is_null(row) || words.is_null(row) {
                    return Err("a seed has no key or no word".to_owned());
                }
                of_seeds.push(Seed {
                    key: keys.value(row).cast_unsigned(),
                    work: works.is_valid(row).then(|| works.value(row).cast_unsigned()),
                    word: words.value(row).cast_unsigned(),
                });
            }
            Ok(())
        })?;
        let excerpt = on_all_cores(py, || self.statistics.excerpt(of_works, of_seeds))?.map_err(raised)?;
        Ok(Registry::in_no_place(excerpt))
    }

    fn __repr__(&self) -> String {
        format!("<nagalm.Statistics works={}>", self.statistics.info().works)
    }
}

const WORK_ID: (&str, DataType) = ("work_id", DataType::LargeUtf8);
const TITLE: (&str, DataType) = ("title", DataType::LargeUtf8);
const TEXT: (&str, DataType) = ("text", DataType::LargeUtf8);

/// Rows of seeds, and bytes of texts, that are written at once.
const BATCH_ROWS: usize = 1 << 16;
const BATCH_BYTES: usize = 4 << 20;
/// Rows of a row group, and encoded bytes after which it ends: many tasks read one file.
const GROUP_ROWS: usize = 1 << 20;
const GROUP_BYTES: usize = 32 << 20;

/// Writes the tables of a registry into a new folder.
pub(crate) fn export(py: Python<'_>, registry: &nagalm::Registry, folder: &Path) -> PyResult<()> {
    // First of all: a registry of which nothing can be said leaves no folder behind.
    let statistics = Statistics::of(py, registry)?;
    let io = |e: std::io::Error| errors::IoError::new_err(format!("{}: {e}", folder.display()));
    if folder.exists() {
        return Err(errors::ExistsError::new_err(format!(
            "there is something at {} already",
            folder.display()
        )));
    }
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    // What is half written has another name.
    let part = tempfile::Builder::new().prefix(".nagalm-tables-").tempdir_in(parent).map_err(io)?;
    on_all_cores(py, || {
        write_seeds(registry, &part.path().join("seeds.parquet"))?;
        write_works(registry, &part.path().join("works.parquet"))
    })?
    .map_err(|failure| failure.raised(folder))?;
    std::fs::write(part.path().join("statistics.bin"), statistics.statistics.to_bytes()).map_err(io)?;
    open_to_others(part.path()).map_err(io)?;
    std::fs::rename(part.path(), folder).map_err(io)?;
    // Its name is gone: there is nothing to remove.
    let _ = part.keep();
    Ok(())
}

/// A temporary folder is its owner's alone; Spark's workers may be other users.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Why a table was not written.
enum Failure {
    Registry(nagalm::Error),
    Written(ParquetError),
}

impl Failure {
    fn raised(self, folder: &Path) -> PyErr {
        match self {
            Self::Registry(error) => raised(error),
            Self::Written(error) => errors::IoError::new_err(format!("{}: {error}", folder.display())),
        }
    }
}

impl From<nagalm::Error> for Failure {
    fn from(error: nagalm::Error) -> Self {
        Self::Registry(error)
    }
}

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        Self::Written(error)
    }
}

fn write_seeds(registry: &nagalm::Registry, path: &Path) -> Result<(), Failure> {
    let schema = schema(&[("key", DataType::Int64), ("work", DataType::Int64), ("word", DataType::Int32)]);
    let mut file = Table::new(path, &schema)?;
    let (mut keys, mut works, mut words) = (Int64Builder::new(), Int64Builder::new(), Int32Builder::new());
    let mut write = |seed: Option<Seed>| {
        if let Some(Seed { key, work, word }) = seed {
            keys.append_value(key.cast_signed());
            works.append_option(work.map(u64::cast_signed));
            words.append_value(word.cast_signed());
            if words.len() < BATCH_ROWS {
                return Ok(());
            }
        }
        file.write(vec![Arc::new(keys.finish()), Arc::new(works.finish()), Arc::new(words.finish())])
    };
    // The library's errors are its own to make: after one of ours, what is left is passed over.
    let mut done = Ok(());
    registry.seeds(|seed| {
        if done.is_ok() {
            done = write(Some(seed));
        }
        Ok(())
    })?;
    done?;
    write(None)?;
    Ok(file.finish()?)
}

fn write_works(registry: &nagalm::Registry, path: &Path) -> Result<(), Failure> {
    let utf8 = DataType::Utf8;
    let schema = schema(&[
        ("number", DataType::Int64),
        ("work_id", utf8.clone()),
        ("title", utf8.clone()),
        ("text", utf8),
    ]);
    let mut file = Table::new(path, &schema)?;
    let (mut numbers, mut work_ids) = (Int64Builder::new(), StringBuilder::new());
    let (mut titles, mut texts) = (StringBuilder::new(), StringBuilder::new());
    let mut bytes = 0;
    let mut write = |work: Option<IndexedWork>| {
        if let Some(work) = work {
            bytes += work.text.len();
            numbers.append_value(work.number.cast_signed());
            work_ids.append_value(work.work_id);
            titles.append_option(work.title);
            texts.append_value(work.text);
            if bytes < BATCH_BYTES {
                return Ok(());
            }
        }
        bytes = 0;
        file.write(vec![
            Arc::new(numbers.finish()),
            Arc::new(work_ids.finish()),
            Arc::new(titles.finish()),
            Arc::new(texts.finish()),
        ])
    };
    let mut done = Ok(());
    registry.index_works(|work| {
        if done.is_ok() {
            done = write(Some(work));
        }
        Ok(())
    })?;
    done?;
    write(None)?;
    Ok(file.finish()?)
}

/// A Parquet file that is being written.
struct Table {
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl Table {
    fn new(path: &Path, schema: &SchemaRef) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(File::create(path)?, Arc::clone(schema), Some(properties))?;
        Ok(Self { schema: Arc::clone(schema), writer })
    }

    fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), ParquetError> {
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?;
        if self.writer.in_progress_size() > GROUP_BYTES {
            self.writer.flush()?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), ParquetError> {
        self.writer.close().map(drop)
    }
}

fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    let fields = columns.iter().map(|(name, data_type)| Field::new(*name, data_type.clone(), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn stream(table: &Bound<'_, PyAny>) -> PyResult<RecordBatchStreamReader> {
    if !is_table(table)? {
        let message =
            format!("a table is wanted, something with __arrow_c_stream__, not {}", value::type_name(table));
        return Err(PyTypeError::new_err(message));
    }
    RecordBatchStreamReader::from_pyarrow_bound(table)
}

/// Gives the named columns of a table, batch by batch, as these types.
fn each_batch(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    columns: &[(&str, DataType)],
    mut each: impl FnMut(&[ArrayRef]) -> Result<(), String> + Send,
) -> PyResult<()> {
    let mut reader = stream(table)?;
    let schema = reader.schema();
    let mut places = Vec::new();
    for (name, data_type) in columns {
        let Some((at, field)) = schema.column_with_name(name) else {
            return Err(PyKeyError::new_err(format!("there is no column {name:?}")));
        };
        let fits = match data_type {
            DataType::LargeUtf8 => {
                matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
            }
            _ => field.data_type() == data_type,
        };
        if !fits {
            let message = format!("the column {name:?} holds {}, not {data_type}", field.data_type());
            return Err(PyTypeError::new_err(message));
        }
        places.push((at, data_type));
    }
    while let Some(batch) = released(py, || reader.next()) {
        let batch = batch.map_err(|e| arrow(&e))?;
        let cast = places.iter().map(|&(at, data_type)| arrow_cast::cast(batch.column(at), data_type));
        let columns: Vec<ArrayRef> = cast.collect::<Result<_, _>>().map_err(|e| arrow(&e))?;
        released(py, || each(&columns)).map_err(errors::input)?;
        py.check_signals()?;
    }
    Ok(())
}
