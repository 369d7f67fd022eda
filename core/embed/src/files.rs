//! A model's files, and the hash that stands for them.

use std::path::Path;

use nagalm::Result;

use crate::failed;

/// Reads files one after the other, and hashes what it read.
#[derive(Default)]
pub(crate) struct Files {
    hasher: blake3::Hasher,
}

impl Files {
    pub(crate) fn read(&mut self, path: &Path) -> Result<Vec<u8>> {
        let bytes = std::fs::read(path).map_err(|e| failed(path, e))?;
        // Their lengths, so that bytes cannot move from one to the next unseen.
        self.hasher.update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
        Ok(bytes)
    }

    /// BLAKE3 in hexadecimal over all that was read.
    pub(crate) fn hash(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}
