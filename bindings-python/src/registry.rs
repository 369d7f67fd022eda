//! Registries: on disk, in memory, sealed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nagalm::{Profile, SealOptions, Trust, Work, Writer};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::adding::{Added, add_in_memory, at, write_works};
use crate::errors::{self, raised};
use crate::runtime::{on_all_cores, released};
use crate::scale::Statistics;
use crate::sealed::{self, SealKey, SealedFile};
use crate::value;
use crate::works::Source;

/// Works and the index over them: on disk, in memory, or sealed.
///
/// It is made by ``Registry.open``, ``create``, ``from_works``, ``in_memory`` or ``from_sealed``. A scanner sees the registry as
/// it stood when the scanner was made.
///
/// >>> registry = nagalm.Registry.from_works([{"work_id": "a", "text": "one two three four five six seven eight"}])
/// >>> len(registry), "a" in registry, registry["a"]["text"]
/// (1, True, 'one two three four five six seven eight')
/// >>> [work["work_id"] for work in registry]
/// ['a']
///
/// It pickles by its path and its content hash; one that changed since is refused (``ChangedError``). One in memory cannot be
/// pickled (``TypeError``).
#[pyclass(frozen, module = "nagalm")]
pub struct Registry(Mutex<Held>);

/// A snapshot, and where it is from.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) registry: nagalm::Registry,
    pub(crate) origin: Origin,
}

/// Where a registry can be opened again.
#[derive(Clone)]
pub(crate) enum Origin {
    Memory,
    Path { path: PathBuf, mapped: bool, trust: Vec<String>, unverified: bool },
}

impl Origin {
    fn open(self, py: Python<'_>) -> PyResult<Held> {
        let Self::Path { path, mapped, trust, unverified } = &self else {
            return Err(errors::input("a registry in memory cannot be opened again"));
        };
        let options = nagalm::Registry::options().mapped(*mapped).trust(trusted(trust.clone(), *unverified)?);
        let registry = on_all_cores(py, || options.open(path))?.map_err(raised)?;
        Ok(Held { registry, origin: self })
    }

    /// Opens what was pickled, if it is still the same.
    pub(crate) fn restore(self, py: Python<'_>, content_hash: &str) -> PyResult<Held> {
        let held = self.open(py)?;
        let found = held.registry.content_hash();
        if found != content_hash {
            return Err(errors::changed(format!(
                "the registry {} changed since it was pickled: its content hash was {content_hash}, now it is {found}",
                held.origin.path().unwrap_or(Path::new("")).display()
            )));
        }
        Ok(held)
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::Memory => None,
            Self::Path { path, .. } => Some(path),
        }
    }
}

/// What is pickled of an origin: path, mapped, trust, unverified.
pub(crate) type Pickled = (PathBuf, bool, Vec<String>, bool);

impl Held {
    /// What opens this registry again elsewhere, and its content hash.
    pub(crate) fn pickled(&self) -> PyResult<(Pickled, String)> {
        match &self.origin {
            Origin::Path { path, mapped, trust, unverified } => {
                // Whoever unpickles it may stand elsewhere.
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                let origin = (path, *mapped, trust.clone(), *unverified);
                Ok((origin, self.registry.content_hash().to_owned()))
            }
            Origin::Memory => Err(PyTypeError::new_err(
                "a registry in memory cannot be pickled: make it on disk (Registry.create) and pickle that",
            )),
        }
    }
}

pub(crate) fn origin((path, mapped, trust, unverified): Pickled) -> Origin {
    Origin::Path { path, mapped, trust, unverified }
}

fn trusted(trust: Vec<String>, unverified: bool) -> PyResult<Trust> {
    let trust = Trust::only(trust).map_err(raised)?;
    Ok(if unverified { trust.or_anything() } else { trust })
}

impl Registry {
    fn of(held: Held) -> Self {
        Self(Mutex::new(held))
    }

    /// One that can be opened nowhere again.
    pub(crate) fn in_no_place(registry: nagalm::Registry) -> Self {
        Self::of(Held { registry, origin: Origin::Memory })
    }

    pub(crate) fn held(&self) -> Held {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder of a registry that can be written to.
    fn folder(held: &Held) -> PyResult<Option<PathBuf>> {
        if held.registry.seal_info().is_some() {
            return Err(errors::input("this registry is sealed: it takes no works and gives none back"));
        }
        Ok(held.origin.path().map(Path::to_path_buf))
    }

    /// Sees what was written just now.
    fn reopen(&self, py: Python<'_>, held: &Held) -> PyResult<()> {
        let fresh = held.origin.clone().open(py)?;
        *self.lock() = fresh;
        Ok(())
    }
}

#[pymethods]
impl Registry {
    #[new]
    fn new() -> PyResult<Self> {
        Err(PyTypeError::new_err(
            "use Registry.open, Registry.create, Registry.from_works or Registry.from_sealed",
        ))
    }

    /// Opens the registry at `path`: a folder, or a sealed file.
    ///
    /// `mapped` maps the index files instead of reading them: opening takes milliseconds however large the registry is, and
    /// processes share one copy in memory. Checksums are not compared then, and whoever cuts such a file off ends this process;
    /// map only what nobody else writes to.
    ///
    /// `trust` are public keys (64 hexadecimal digits): a sealed file is taken only if one of them signed it. With `unverified` it
    /// is taken whatever its signature; reports say so.
    ///
    /// Raises NotFoundError, CorruptError, VersionError, UntrustedError, LockedError, IoError; InputError where `trust` holds no
    /// key.
    #[staticmethod]
    #[pyo3(signature = (path, *, mapped = false, trust = Vec::new(), unverified = false))]
    fn open(
        py: Python<'_>,
        path: PathBuf,
        mapped: bool,
        trust: Vec<String>,
        unverified: bool,
    ) -> PyResult<Self> {
        origin((path, mapped, trust, unverified)).open(py).map(Self::of)
    }

    /// Makes a registry on disk, a folder at `path`, perhaps with works: all of them, or nothing is made.
    ///
    /// Raises ExistsError where there is something already, InputError where a work is refused, IoError.
    #[staticmethod]
    #[pyo3(signature = (path, works = None))]
    fn create(py: Python<'_>, path: PathBuf, works: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        match nagalm::Registry::open(&path) {
            Err(e) if e.is_not_found() => {}
            Ok(_) => {
                let message =
                    format!("there is a registry at {} already: open it with Registry.open", path.display());
                return Err(errors::ExistsError::new_err(message));
            }
            Err(e) => return Err(raised(e)),
        }
        match works {
            // One transaction, so that nothing is left where a work is refused.
            Some(works) => drop(write_works(py, &path, works, true, None)?),
            None => drop(released(py, || Writer::open(&path)?.commit()).map_err(raised)?),
        }
        origin((path, false, Vec::new(), false)).open(py).map(Self::of)
    }

    /// An empty registry in memory. Each `add` makes its index anew: give many works at once.
    #[staticmethod]
    fn in_memory(py: Python<'_>) -> PyResult<Self> {
        memory(py, Vec::new())
    }

    /// A registry in memory, from works as `add` takes them. Time and memory are linear in their text.
    ///
    /// Raises InputError where a work is refused; what an iterable raises comes through.
    #[staticmethod]
    fn from_works(py: Python<'_>, works: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut source = Source::new(works)?;
        let mut all = Vec::new();
        loop {
            let rows = source.next(py)?;
            if rows.is_empty() {
                return memory(py, all);
            }
            for row in rows {
                let number = all.len();
                all.push(row.map_err(|why| errors::input(at(number, &why)))?);
            }
            py.check_signals()?;
        }
    }

    /// A sealed registry from the bytes of its file. `trust` and `unverified` are those of `open`.
    ///
    /// Raises CorruptError, VersionError, UntrustedError.
    #[staticmethod]
    #[pyo3(signature = (data, *, trust = Vec::new(), unverified = false))]
    fn from_sealed(py: Python<'_>, data: Vec<u8>, trust: Vec<String>, unverified: bool) -> PyResult<Self> {
        let trust = trusted(trust, unverified)?;
        let registry = released(py, || nagalm::Registry::from_sealed(data, &trust)).map_err(raised)?;
        Ok(Self::of(Held { registry, origin: Origin::Memory }))
    }

    /// Adds works; one with a `work_id` that is there already replaces it.
    ///
    /// `works` is a table (pyarrow, pandas, polars, DuckDB, whatever has ``__arrow_c_stream__``) or an iterable of mappings or
    /// dataclasses. Each needs `work_id` and `text`; the README lists what else is known, and all other fields are kept.
    ///
    /// All works are taken at once, at the end, or none. With ``strict=False`` works that are refused are left out, and named in
    /// the result's `refused`. `progress` is True for a line on standard error, or a callable that gets the number of works so
    /// far.
    ///
    /// Raises InputError where a work is refused, LockedError where another writer is at work, IoError; what the iterable or
    /// `progress` raises comes through. After any of them the registry is as it was.
    #[pyo3(signature = (works, *, strict = true, progress = None))]
    fn add(
        &self,
        py: Python<'_>,
        works: &Bound<'_, PyAny>,
        strict: bool,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Added> {
        let held = self.held();
        match Self::folder(&held)? {
            Some(path) => {
                let added = write_works(py, &path, works, strict, progress)?;
                self.reopen(py, &held)?;
                Ok(added)
            }
            None => {
                let (registry, added) = add_in_memory(py, &held.registry, works, strict, progress)?;
                *self.lock() = Held { registry, origin: Origin::Memory };
                Ok(added)
            }
        }
    }

    /// Withdraws a work, or several: they are found no more. Returns how many were there.
    ///
    /// Raises LockedError, IoError; InputError where the registry is sealed.
    fn withdraw(&self, py: Python<'_>, work_ids: &Bound<'_, PyAny>) -> PyResult<usize> {
        let ids: Vec<String> = match work_ids.cast::<PyString>() {
            Ok(id) => vec![id.to_str()?.to_owned()],
            Err(_) => work_ids.try_iter()?.map(|id| id?.extract()).collect::<PyResult<_>>()?,
        };
        let held = self.held();
        match Self::folder(&held)? {
            Some(path) => {
                let commit = released(py, || {
                    let mut writer = Writer::open(&path)?;
                    for id in &ids {
                        writer.withdraw(id)?;
                    }
                    writer.commit()
                })
                .map_err(raised)?;
                self.reopen(py, &held)?;
                Ok(commit.withdrawn)
            }
            None => {
                let mut works = works_of(py, &held.registry)?;
                let withdrawn = ids.iter().filter(|id| works.remove(*id).is_some()).count();
                let registry = indexed(py, works.into_values().collect())?;
                *self.lock() = Held { registry, origin: Origin::Memory };
                Ok(withdrawn)
            }
        }
    }

    /// Rebuilds the index without what was withdrawn or replaced. Takes time linear in the registry.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        let held = self.held();
        if let Some(path) = Self::folder(&held)? {
            compact(py, path)?;
            self.reopen(py, &held)?;
        }
        Ok(())
    }

    /// Reads everything again and names what does not hold; an empty list is good news. See also `nagalm.check`, for a registry
    /// that does not open.
    fn check(&self, py: Python<'_>) -> PyResult<Vec<Finding>> {
        let held = self.held();
        match Self::folder(&held)? {
            Some(path) => check(py, path),
            None => Ok(Vec::new()),
        }
    }

    /// The registry in numbers.
    fn info(&self) -> Info {
        let nagalm::Info {
            works,
            words,
            text_bytes,
            segments,
            index_bytes,
            withdrawn,
            content_hash,
            format,
            unicode,
        } = self.held().registry.info();
        Info { works, words, text_bytes, segments, index_bytes, withdrawn, content_hash, format, unicode }
    }

    /// Where it was opened; None in memory.
    #[getter]
    fn path(&self) -> Option<PathBuf> {
        self.held().origin.path().map(Path::to_path_buf)
    }

    /// Hash over all works and their metadata (BLAKE3, hexadecimal), whatever order they came in. Of a sealed registry: of its
    /// file.
    #[getter]
    fn content_hash(&self) -> String {
        self.held().registry.content_hash().to_owned()
    }

    /// What a sealed registry says of itself, as a dictionary; None where this one holds its works.
    #[getter]
    fn seal_info<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let info = self.held().registry.seal_info();
        info.map(|info| value::read(py, &info)).transpose()
    }

    /// One work as a dictionary, as it stands now; None where there is none with this identifier.
    ///
    /// Raises InputError where the registry is sealed, CorruptError.
    fn work<'py>(&self, py: Python<'py>, work_id: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let registry = self.held().registry;
        let work = released(py, || registry.work(work_id)).map_err(raised)?;
        work.map(|work| value::read(py, &work)).transpose()
    }

    /// Makes a file that scans without the works' texts, for those who must not have them. The README of the project says what it
    /// finds and what it gives away.
    ///
    /// `profile` is "public" or "contract", `metadata` what is said of works: "none", "ids" or "titles". Same registry, key and
    /// options give the same bytes.
    ///
    /// Raises InputError where the registry is sealed already or has no work that is long enough.
    #[pyo3(signature = (key, *, recipient, release, profile = "public", metadata = "ids", signed = true))]
    #[allow(clippy::too_many_arguments)] // Named, all of them, in Python.
    fn seal(
        &self,
        py: Python<'_>,
        key: &SealKey,
        recipient: String,
        release: String,
        profile: &str,
        metadata: &str,
        signed: bool,
    ) -> PyResult<SealedFile> {
        let profile: Profile = sealed::named("profile", profile)?;
        let mut options = SealOptions::new(profile, recipient, release);
        options.metadata = sealed::named("metadata", metadata)?;
        options.signed = signed;
        let registry = self.held().registry;
        let sealed = on_all_cores(py, || registry.seal(&key.0, &options))?.map_err(raised)?;
        Ok(SealedFile::of(sealed))
    }

    /// A proof (JSON) that a work, with the text that it has in this registry, is in the registry `sealed`.
    ///
    /// Raises InputError where `sealed` is none or was not made with this key, NotFoundError where there is no such work.
    fn prove(&self, py: Python<'_>, key: &SealKey, sealed: &Self, work_id: &str) -> PyResult<String> {
        let (registry, sealed) = (self.held().registry, sealed.held().registry);
        let proof = released(py, || registry.prove(&key.0, &sealed, work_id)).map_err(raised)?;
        value::json(&proof)
    }

    /// Whether a proof shows that `text` was in this sealed registry: the `work`'s number there, how many of its `grams` stand in
    /// the text, of how many `entries`.
    ///
    /// Raises NotFoundError where it does not hold, InputError where this is no proof for this registry.
    fn verify_proof<'py>(&self, py: Python<'py>, proof: &str, text: &str) -> PyResult<Bound<'py, PyDict>> {
        let registry = self.held().registry;
        let proof =
            serde_json::from_str(proof).map_err(|e| errors::input(format!("this is no proof: {e}")))?;
        let verified = released(py, || registry.verify_proof(&proof, text)).map_err(raised)?;
        let dict = PyDict::new(py);
        dict.set_item("work", verified.work)?;
        dict.set_item("grams", verified.grams)?;
        dict.set_item("entries", verified.entries)?;
        Ok(dict)
    }

    /// Writes this registry as tables into a new folder, for an engine that joins them where the index is too large for one machine
    /// (`nagalm.spark.scan_joined`): ``seeds.parquet`` (`key`, `work` or null where a gram is common, `word`), ``works.parquet``
    /// (`number`, `work_id`, `title`, `text`), ``statistics.bin``. Chooses the seeds anew, in as much time and memory as
    /// registering takes.
    ///
    /// Raises ExistsError where there is something at `folder`, InputError where the registry is sealed, or works were withdrawn
    /// from it since it was compacted, IoError.
    fn export_tables(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        crate::scale::export(py, &self.held().registry, &folder)
    }

    /// What is counted over the whole registry and decides what a match is worth.
    ///
    /// Raises InputError where the registry is sealed, or works were withdrawn from it since it was compacted.
    fn statistics(&self, py: Python<'_>) -> PyResult<Statistics> {
        Statistics::of(py, &self.held().registry)
    }

    fn __len__(&self) -> usize {
        self.held().registry.info().works
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __contains__(&self, py: Python<'_>, work_id: &str) -> PyResult<bool> {
        Ok(self.work(py, work_id)?.is_some())
    }

    fn __getitem__<'py>(&self, py: Python<'py>, work_id: &str) -> PyResult<Bound<'py, PyAny>> {
        self.work(py, work_id)?.ok_or_else(|| PyKeyError::new_err(work_id.to_owned()))
    }

    fn __iter__(&self) -> PyResult<WorkIterator> {
        let held = self.held();
        Self::folder(&held)?;
        Ok(WorkIterator::new(held.registry))
    }

    fn __repr__(&self) -> String {
        let held = self.held();
        let works = held.registry.info().works;
        match held.origin.path() {
            Some(path) => format!("<nagalm.Registry {:?} works={works}>", path.display().to_string()),
            None => format!("<nagalm.Registry in memory works={works}>"),
        }
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let restore = py.import("nagalm._native")?.getattr("restore_registry")?;
        Ok((restore, self.held().pickled()?.into_pyobject(py)?))
    }
}

/// What unpickling calls.
#[pyfunction]
pub fn restore_registry(py: Python<'_>, pickled: Pickled, content_hash: &str) -> PyResult<Registry> {
    origin(pickled).restore(py, content_hash).map(Registry::of)
}

/// Reads everything in the registry at `path` and names what does not hold: an empty list means that every text, every index
/// and the content hash are what they were when they were committed. Writes nothing.
///
/// Raises NotFoundError, VersionError, LockedError, IoError; damage is a finding.
#[pyfunction]
pub fn check(py: Python<'_>, path: PathBuf) -> PyResult<Vec<Finding>> {
    let found = released(py, || nagalm::check(&path, |_, _| ())).map_err(raised)?;
    Ok(found.into_iter().map(|nagalm::Finding { place, problem }| Finding { place, problem }).collect())
}

/// Rebuilds the index of the registry at `path` from its works: without what was withdrawn, and sound again if it was damaged.
///
/// Raises NotFoundError, CorruptError where a work itself is damaged, LockedError, IoError.
#[pyfunction]
pub fn compact(py: Python<'_>, path: PathBuf) -> PyResult<()> {
    on_all_cores(py, || {
        // A writer would make a registry where there is none.
        match nagalm::Registry::open(&path) {
            Err(e) if !e.is_corrupt() && !e.is_version() => return Err(e),
            _ => {}
        }
        let mut writer = Writer::open(&path)?;
        writer.compact()?;
        writer.commit().map(drop)
    })?
    .map_err(raised)
}

/// Something that `check` found wrong: the file or work (`place`), and what is to be done (`problem`).
#[pyclass(frozen, get_all, module = "nagalm")]
pub struct Finding {
    place: String,
    problem: String,
}

#[pymethods]
impl Finding {
    fn __repr__(&self) -> String {
        format!("<nagalm.Finding {:?}: {}>", self.place, self.problem)
    }
}

/// A registry in numbers: `works` that are searched, their `words` and `text_bytes` (UTF-8); `segments` of the index and
/// `index_bytes` without the texts; `withdrawn` works that still take room; `content_hash`; the `format`'s version and that of
/// the `unicode` tables.
#[pyclass(frozen, get_all, module = "nagalm")]
pub struct Info {
    works: usize,
    words: u64,
    text_bytes: u64,
    segments: usize,
    index_bytes: u64,
    withdrawn: usize,
    content_hash: String,
    format: u32,
    unicode: String,
}

#[pymethods]
impl Info {
    fn __repr__(&self) -> String {
        format!("<nagalm.Info works={} words={} segments={}>", self.works, self.words, self.segments)
    }
}

/// Gives a registry's works one after the other, as dictionaries. A thread reads a few ahead.
#[pyclass(module = "nagalm")]
pub struct WorkIterator(Mutex<Receiver<nagalm::Result<Work>>>);

impl WorkIterator {
    fn new(registry: nagalm::Registry) -> Self {
        let (sender, receiver) = sync_channel(64);
        std::thread::spawn(move || {
            let exported = registry.export(|work| {
                match sender.send(Ok(work)) {
                    Ok(()) => Ok(()),
                    // Nobody reads any more: any error ends the export, and is told to nobody.
                    Err(_) => Trust::only([""]).map(drop),
                }
            });
            if let Err(e) = exported {
                let _ = sender.send(Err(e));
            }
        });
        Self(Mutex::new(receiver))
    }
}

#[pymethods]
impl WorkIterator {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = released(py, || self.0.lock().unwrap_or_else(PoisonError::into_inner).recv());
        match next {
            Ok(work) => value::read(py, &work.map_err(raised)?).map(Some),
            Err(_) => Ok(None),
        }
    }
}

fn memory(py: Python<'_>, works: Vec<Work>) -> PyResult<Registry> {
    Ok(Registry::of(Held { registry: indexed(py, works)?, origin: Origin::Memory }))
}

pub(crate) fn indexed(py: Python<'_>, works: Vec<Work>) -> PyResult<nagalm::Registry> {
    on_all_cores(py, || nagalm::Registry::from_works(works))?.map_err(raised)
}

pub(crate) fn works_of(py: Python<'_>, registry: &nagalm::Registry) -> PyResult<BTreeMap<String, Work>> {
    let mut works = BTreeMap::new();
    released(py, || {
        registry.export(|work| {
            works.insert(work.work_id.clone(), work);
            Ok(())
        })
    })
    .map_err(raised)?;
    Ok(works)
}
