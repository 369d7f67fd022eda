//! What sealing needs and gives.

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::errors::{self, raised};

/// A society's secret for sealing: it signs, and decides which grams are stored. Keep it, and use it for every release; whoever
/// has it can sign in your name.
#[pyclass(frozen, module = "nagalm")]
pub struct SealKey(pub(crate) nagalm::SealKey);

#[pymethods]
impl SealKey {
    /// A key out of the operating system's randomness, for a signer of this name. Raises InputError where that is none.
    #[staticmethod]
    fn generate(py: Python<'_>, signer: &str) -> PyResult<Self> {
        let secret: [u8; 32] = py.import("os")?.getattr("urandom")?.call1((32,))?.extract()?;
        nagalm::SealKey::new(secret, signer).map(Self).map_err(raised)
    }

    /// The key again from `to_json`, or from the command line's `society.key`. Raises InputError.
    #[staticmethod]
    fn from_json(json: &str) -> PyResult<Self> {
        nagalm::SealKey::from_json(json.trim()).map(Self).map_err(raised)
    }

    /// The key as one line of JSON, secret and all: for a file that nobody else may read.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// Whose key it is.
    #[getter]
    fn signer(&self) -> &str {
        self.0.signer()
    }

    /// The public half of the signature, in hexadecimal: recipients give it as `trust`.
    #[getter]
    fn public_key(&self) -> String {
        self.0.public_key()
    }

    fn __repr__(&self) -> String {
        format!("<nagalm.SealKey of {:?}, public key {}>", self.0.signer(), self.0.public_key())
    }
}

/// A sealed registry, to be written to a file: its `data`, how many `works` are in it, and which were `too_short` for its profile.
#[pyclass(frozen, get_all, module = "nagalm")]
pub struct SealedFile {
    data: Py<PyBytes>,
    works: usize,
    too_short: Vec<String>,
}

impl SealedFile {
    pub(crate) fn of(sealed: nagalm::SealedFile) -> Self {
        let nagalm::SealedFile { bytes, works, too_short } = sealed;
        Self { data: Python::attach(|py| PyBytes::new(py, &bytes).unbind()), works, too_short }
    }
}

#[pymethods]
impl SealedFile {
    fn __repr__(&self) -> String {
        format!("<nagalm.SealedFile {} works, {} too short>", self.works, self.too_short.len())
    }
}

/// One of the library's names for a choice.
pub(crate) fn named<T: DeserializeOwned>(what: &str, name: &str) -> PyResult<T> {
    serde_json::from_value(Value::from(name)).map_err(|e| errors::input(format!("{what}: {e}")))
}
