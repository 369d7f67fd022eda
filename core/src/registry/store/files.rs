//! The room that touches files: what lies where in a registry's folder, and how a file gets there whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The works, their metadata and texts.
pub(super) const DATABASE: &str = "works.db";
/// Held by the one writer. Empty; stays when the writer is gone.
const LOCK: &str = "writer.lock";
/// The folder of index files.
const SEGMENTS: &str = "segments";
const SEGMENT: &str = "segment";
/// The folder of vectors, and its two kinds of files.
const VECTORS: &str = "vectors";
const AGAIN: &str = "again";
pub(super) const VECTOR_INDEX: &str = "vectors";
pub(super) const PASSAGES: &str = "passages";
const TEMPORARY: &str = "tmp";

/// Where the database lies.
pub(super) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Where the index files lie.
pub(super) fn segments(folder: &Path) -> PathBuf {
    folder.join(SEGMENTS)
}

/// Name of the index file with number `id`. Numbers are never given twice, so that a name always means one content.
pub(super) fn segment_name(id: i64) -> String {
    format!("{id:010}.{SEGMENT}")
}

/// Where the vectors lie.
pub(super) fn vectors(folder: &Path) -> PathBuf {
    folder.join(VECTORS)
}

/// Where vectors are made anew while those serve.
pub(super) fn vectors_again(folder: &Path) -> PathBuf {
    vectors(folder).join(AGAIN)
}

/// A side file of the database that holds what the database itself does not: a log or a rollback journal.
pub(super) fn unfinished(folder: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|suffix| {
        fs::metadata(folder.join(format!("{DATABASE}{suffix}"))).is_ok_and(|found| found.len() > 0)
    })
}

/// The right to write. Other programs may read all the while.
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock, or says who is in the way.
pub(super) fn lock(folder: &Path) -> Result<Lock> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| Error::io("open for writing", &path, e))?;
    for attempt in 0..ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::Error(e)) => return Err(Error::io("lock", &path, e)),
            // A writer, or somebody who only looks for one and is gone in a moment: beside a writer there is no room
            // to look.
            Err(TryLockError::WouldBlock) if is_written(&file) => break,
            Err(TryLockError::WouldBlock) if attempt < AT_ONCE => std::thread::yield_now(),
            // Who looks may have lost its processor to others.
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
        }
    }
    Err(Error::locked(format!(
        "another program is writing to the registry {}: wait until it is done, or end it; \
         nothing was changed here",
        folder.display()
    )))
}

/// How often a writer tries again where others only look for one: so often at once, then with pauses, for some seconds.
const AT_ONCE: usize = 1_000;
const ATTEMPTS: usize = AT_ONCE + 5_000;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(1);

/// Whether a writer is at work at this moment.
pub(super) fn has_writer(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|file| is_written(&file))
}

/// Whether somebody holds the lock alone. Holds a share of it for a moment.
fn is_written(lock: &File) -> bool {
    match lock.try_lock_shared() {
        Ok(()) => {
            // Gone with the file in any case.
            let _ = lock.unlock();
            false
        }
        Err(e) => matches!(e, TryLockError::WouldBlock),
    }
}

/// What stood at a path before a writer came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    Nothing,
    /// An empty folder, or one in which a writer died before its first commit.
    Empty,
    /// A folder with a database.
    Database,
}

/// Looks at the place where a registry is or will be, and refuses what is neither.
pub(super) fn survey(folder: &Path) -> Result<Before> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Before::Nothing),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
            return Err(Error::exists(format!(
                "{} is a file, and a registry is a folder: give another path",
                folder.display()
            )));
        }
        Err(e) => return Err(Error::io("read", folder, e)),
    };
    let mut stranger = None;
    for entry in entries {
        let name = entry.map_err(|e| Error::io("read", folder, e))?.file_name();
        if name == DATABASE {
            return Ok(Before::Database);
        }
        if name != LOCK && name != SEGMENTS {
            stranger.get_or_insert(name);
        }
    }
    match stranger {
        None => Ok(Before::Empty),
        Some(name) => Err(Error::exists(format!(
            "{} holds {name:?} and no registry: give the path of a registry, or of a new or empty folder",
            folder.display()
        ))),
    }
}

/// Makes the folder and its room for segments.
pub(super) fn create(folder: &Path) -> Result<()> {
    let segments = segments(folder);
    fs::create_dir_all(&segments).map_err(|e| Error::io("make the folder", &segments, e))
}

/// Takes away what a writer put into a folder that was not a registry before.
pub(super) fn uncreate(folder: &Path, before: Before) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        remove(&folder.join(format!("{DATABASE}{suffix}")));
    }
    // These fail where something lies in the folder that is not ours, and then it stays.
    let _ = fs::remove_dir(segments(folder));
    remove(&folder.join(LOCK));
    if before == Before::Nothing {
        let _ = fs::remove_dir(folder);
    }
}

/// Makes the names in `folder` durable.
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    // Other systems than Unix do not open folders, and keep names by themselves.
    if cfg!(unix) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Error::io("make durable", folder, e))?;
    }
    Ok(())
}

/// Removes a file that nobody needs. A failure is no error: the next writer tries again.
pub(super) fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Removes a folder that nobody needs, and what is in it. A failure is no error.
pub(super) fn remove_folder(path: &Path) {
    let _ = fs::remove_dir_all(path);
}

/// Names of the files among the segments, sorted.
pub(super) fn list_segments(folder: &Path) -> Result<Vec<String>> {
    list(&segments(folder))
}

/// Names of the files in a folder, sorted; none where it is not there.
pub(super) fn list(path: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(names),
        Err(e) => return Err(Error::io("read", path, e)),
    };
    for entry in entries {
        names.push(entry.map_err(|e| Error::io("read", path, e))?.file_name().to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a file among the segments has a name that only this library gives.
pub(super) fn is_ours(name: &str) -> bool {
    match name.split_once('.') {
        Some((id, SEGMENT | TEMPORARY)) => id.len() == 10 && id.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    }
}

/// All of a file that begins as `magic` does; of another no more than that.
pub(super) fn read_if(path: &Path, magic: &[u8]) -> Result<Vec<u8>> {
    let wrap = |e| Error::io("read", path, e);
    let mut file = File::open(path).map_err(wrap)?;
    let mut bytes = Vec::new();
    (&file).take(magic.len() as u64).read_to_end(&mut bytes).map_err(wrap)?;
    if bytes == magic {
        file.read_to_end(&mut bytes).map_err(wrap)?;
    }
    Ok(bytes)
}

/// Bytes of a file; `None` where it is not there.
pub(super) fn length(path: &Path) -> Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found.len())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("read", path, e)),
    }
}

/// An index file in the making: lies under a temporary name until [`keep`](Draft::keep), and is gone when dropped.
pub(super) struct Draft {
    // `None` once kept.
    file: Option<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// Starts the file that will have this path.
    pub(super) fn new(path: PathBuf) -> Result<Self> {
        let temporary = path.with_extension(TEMPORARY);
        let file = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&temporary)
            .map_err(|e| Error::io("make", &temporary, e))?;
        Ok(Self { file: Some(BufWriter::with_capacity(1 << 18, file)), temporary, path })
    }

    /// Makes the content durable and gives the file its name. The name itself is durable after [`sync_folder`].
    pub(super) fn keep(mut self) -> Result<()> {
        let mut writer = self.file.take().ok_or_else(|| Error::io("write", &self.temporary, gone()))?;
        let done = writer
            .flush()
            .and_then(|()| writer.get_ref().sync_all())
            .and_then(|()| fs::rename(&self.temporary, &self.path));
        if let Err(e) = done {
            remove(&self.temporary);
            return Err(Error::io("write", &self.path, e));
        }
        Ok(())
    }

    fn writer(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(gone)
    }
}

fn gone() -> io::Error {
    io::Error::other("the file was finished before")
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(test)]
        super::tests::disk::take(bytes.len())?;
        self.writer()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer()?.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.writer()?.seek(to)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(writer) = self.file.take() {
            // `into_parts` drops the buffer unwritten, and closes the file: some systems do not remove open ones.
            drop(writer.into_parts());
            remove(&self.temporary);
        }
    }
}
