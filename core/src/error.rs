//! One opaque error for the whole library: what went wrong, where, and what to do about it.
//!
//! Callers ask what kind of trouble it was with the `is_*` predicates; the kinds themselves stay private,
//! so that a new one breaks nobody.

use std::fmt;
use std::path::Path;

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why an operation could not be done. `Display` gives a whole sentence for people; `source()` gives the cause.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Input,
    NotFound,
    Exists,
    Corrupt,
    Version,
    Untrusted,
    Locked,
    Limit,
    Model,
    Io,
}

impl Error {
    /// The caller's input is wrong (an empty identifier, a text that is too long); nothing was changed.
    #[must_use]
    pub fn is_input(&self) -> bool {
        self.0.kind == Kind::Input
    }

    /// The registry, work or file does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == Kind::NotFound
    }

    /// There is already something where a new registry should be made.
    #[must_use]
    pub fn is_exists(&self) -> bool {
        self.0.kind == Kind::Exists
    }

    /// A file of the registry is damaged: a checksum, a size or a cross-reference does not hold.
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        self.0.kind == Kind::Corrupt
    }

    /// The file was written by a version of the format that this build does not read.
    #[must_use]
    pub fn is_version(&self) -> bool {
        self.0.kind == Kind::Version
    }

    /// A sealed registry's signature is missing, wrong or not of whom the caller trusts.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        self.0.kind == Kind::Untrusted
    }

    /// Another writer holds the registry.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0.kind == Kind::Locked
    }

    /// A documented limit was reached (a text of 1 GiB or more, more works than a segment holds).
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.0.kind == Kind::Limit
    }

    /// A language model could not be loaded or run.
    #[must_use]
    pub fn is_model(&self) -> bool {
        self.0.kind == Kind::Model
    }

    /// An error of a language model, for whoever implements [`Embedder`](crate::Embedder): a whole sentence that says what was
    /// wrong, where, and what to do.
    #[must_use]
    pub fn model(message: impl Into<String>) -> Self {
        Self::new(Kind::Model, message.into())
    }

    /// The operating system refused: disk full, permission, a vanished file.
    #[must_use]
    pub fn is_io(&self) -> bool {
        self.0.kind == Kind::Io
    }

    fn new(kind: Kind, message: String) -> Self {
        Self(Box::new(Inner { kind, message, source: None }))
    }

    fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same of a file.
    #[cfg(feature = "store")]
    pub(crate) fn at(mut self, path: &Path) -> Self {
        self.0.message = format!("{}: {}", path.display(), self.0.message);
        self
    }

    /// The same of vectors, which can be made anew.
    #[cfg(feature = "store")]
    pub(crate) fn or_again(mut self) -> Self {
        self.0.message.push_str("; make the vectors anew with `nagalm embed --again`");
        self
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message.into())
    }

    #[cfg_attr(not(feature = "store"), allow(dead_code))]
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message.into())
    }

    #[cfg_attr(not(feature = "store"), allow(dead_code))]
    pub(crate) fn exists(message: impl Into<String>) -> Self {
        Self::new(Kind::Exists, message.into())
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::new(Kind::Corrupt, message.into())
    }

    pub(crate) fn untrusted(message: impl Into<String>) -> Self {
        Self::new(Kind::Untrusted, message.into())
    }

    pub(crate) fn version(message: impl Into<String>) -> Self {
        Self::new(Kind::Version, message.into())
    }

    #[cfg_attr(not(feature = "store"), allow(dead_code))]
    pub(crate) fn locked(message: impl Into<String>) -> Self {
        Self::new(Kind::Locked, message.into())
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(Kind::Limit, message.into())
    }

    /// `doing` completes "could not …": `Error::io("write", path, e)`.
    #[cfg_attr(not(feature = "store"), allow(dead_code))]
    pub(crate) fn io(doing: &str, path: &Path, source: std::io::Error) -> Self {
        let hint = match source.kind() {
            std::io::ErrorKind::StorageFull => " (the disk is full; nothing was changed)",
            std::io::ErrorKind::PermissionDenied => " (no permission)",
            std::io::ErrorKind::ReadOnlyFilesystem => " (the file system is read-only)",
            _ => "",
        };
        Self::new(Kind::Io, format!("could not {doing} {}: {source}{hint}", path.display())).caused_by(source)
    }

    #[cfg(feature = "store")]
    pub(crate) fn database(doing: &str, path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let (kind, hint) = match source.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => (Kind::Corrupt, ""),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                (Kind::Locked, " (another program holds the database; try again)")
            }
            Some(ErrorCode::DiskFull) => (Kind::Io, " (the disk is full; nothing was changed)"),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                (Kind::Io, " (no permission, no room on the disk, or not there)")
            }
            // Our statements fit our tables, and what is in them: unless these were changed.
            Some(ErrorCode::Unknown | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => {
                (Kind::Corrupt, " (the database is damaged)")
            }
            Some(_) => (Kind::Io, ""),
            // Not SQLite's own complaint: a value was read that is not what its column holds.
            None => (Kind::Corrupt, ""),
        };
        Self::new(kind, format!("could not {doing} {}: {source}{hint}", path.display())).caused_by(source)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}
