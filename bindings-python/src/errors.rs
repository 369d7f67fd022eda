//! The one table of errors: what kind of trouble the library has, and which exception says so.

use pyo3::prelude::*;

macro_rules! exceptions {
    ($($name:ident),*) => { $(pyo3::import_exception!(nagalm.errors, $name);)* };
}

exceptions!(
    Error,
    InputError,
    NotFoundError,
    ExistsError,
    CorruptError,
    VersionError,
    UntrustedError,
    LockedError,
    LimitError,
    IoError,
    ChangedError
);

/// Whether an error of the library is of a kind, and the exception for that kind.
type Row = (fn(&nagalm::Error) -> bool, fn(String) -> PyErr);

const TABLE: [Row; 9] = [
    (nagalm::Error::is_input, InputError::new_err),
    (nagalm::Error::is_not_found, NotFoundError::new_err),
    (nagalm::Error::is_exists, ExistsError::new_err),
    (nagalm::Error::is_corrupt, CorruptError::new_err),
    (nagalm::Error::is_version, VersionError::new_err),
    (nagalm::Error::is_untrusted, UntrustedError::new_err),
    (nagalm::Error::is_locked, LockedError::new_err),
    (nagalm::Error::is_limit, LimitError::new_err),
    (nagalm::Error::is_io, IoError::new_err),
];

/// The exception for an error of the library, with its message.
pub(crate) fn raised(error: nagalm::Error) -> PyErr {
    let message = error.to_string();
    match TABLE.iter().find(|(is, _)| is(&error)) {
        Some((_, exception)) => exception(message),
        None => Error::new_err(message),
    }
}

/// The caller's input is wrong.
pub(crate) fn input(message: impl Into<String>) -> PyErr {
    InputError::new_err(message.into())
}

/// Anything else.
pub(crate) fn other(message: impl Into<String>) -> PyErr {
    Error::new_err(message.into())
}

/// A registry is not the one that was pickled.
pub(crate) fn changed(message: impl Into<String>) -> PyErr {
    ChangedError::new_err(message.into())
}
