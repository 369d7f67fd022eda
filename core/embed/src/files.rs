//! The hash that stands for a model's files.

/// Hashes files one after the other.
#[derive(Default)]
pub(crate) struct FilesHash(blake3::Hasher);

impl FilesHash {
    pub(crate) fn add(&mut self, file: &[u8]) {
        // Their lengths, so that bytes cannot move from one to the next unseen.
        self.0.update(&(file.len() as u64).to_le_bytes()).update(file);
    }

    /// BLAKE3 in hexadecimal over all of them.
    pub(crate) fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}
