//! The society's secret, and all that is derived from it.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A society's secret for sealing: it signs, it decides which grams are stored, and it salts the commitments. Whoever has
/// it can choose as the society does and sign in its name.
///
/// Keep it, and use the same for every release: with another key other grams are chosen, and who has two files has both.
#[derive(Clone)]
pub struct SealKey {
    secret: [u8; 32],
    signer: String,
}

/// Its form on disk.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: String,
    signer: String,
    secret: String,
}

const SCHEMA: &str = "nagalm.key/1";

/// Bytes of a name at the most: of a signer, a recipient, a release.
pub(super) const LONGEST_NAME: usize = 255;

/// Refuses what is no name: the empty, the endless, and what has control characters in it.
pub(super) fn name(what: &str, name: &str) -> Result<()> {
    if name.trim().is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Error::input(format!(
            "the {what} {name:?} is no name: give 1 to {LONGEST_NAME} bytes without control characters"
        )));
    }
    Ok(())
}

impl SealKey {
    /// A key out of 32 bytes of good randomness (the operating system's), for a signer of this name.
    ///
    /// # Errors
    /// `is_input`: a name that is empty, has control characters or is longer than 255 bytes.
    pub fn new(secret: [u8; 32], signer: impl Into<String>) -> Result<Self> {
        let signer = signer.into();
        name("signer", &signer)?;
        Ok(Self { secret, signer })
    }

    /// The key as one line of JSON, secret and all: for a file that nobody else may read.
    #[must_use]
    pub fn to_json(&self) -> String {
        let secret = blake3::Hash::from_bytes(self.secret).to_hex().to_string();
        serde_json::json!({ "schema": SCHEMA, "signer": self.signer, "secret": secret }).to_string()
    }

    /// The key again from [`to_json`](Self::to_json).
    ///
    /// # Errors
    /// `is_input`: something else.
    pub fn from_json(json: &str) -> Result<Self> {
        // The parser's own words could quote the secret.
        let wrong = || {
            Error::input("this is no key for sealing: one is a line of JSON with schema, signer and secret")
        };
        let stored: Stored = serde_json::from_str(json).map_err(|_| wrong())?;
        if stored.schema != SCHEMA {
            return Err(wrong());
        }
        let secret = blake3::Hash::from_hex(&stored.secret).map_err(|_| wrong())?;
        Self::new(*secret.as_bytes(), stored.signer)
    }

    /// Whose key it is.
    #[must_use]
    pub fn signer(&self) -> &str {
        &self.signer
    }

    /// The public half of the signature, in hexadecimal: recipients compare it with what they got from the society.
    #[must_use]
    pub fn public_key(&self) -> String {
        hexadecimal(self.signing().verifying_key().as_bytes())
    }

    /// Signs, and checks signatures (Ed25519, RFC 8032).
    pub(super) fn signing(&self) -> SigningKey {
        SigningKey::from_bytes(&blake3::derive_key("nagalm 1 signature of sealed registries", &self.secret))
    }

    /// By what grams are chosen: the same in all releases, for all recipients.
    pub(super) fn choice(&self) -> [u8; 32] {
        blake3::derive_key("nagalm 1 choice of the grams that are stored", &self.secret)
    }

    /// What `purpose` needs for one recipient and release.
    pub(super) fn of_release(&self, purpose: &'static str, recipient: &str, release: &str) -> [u8; 32] {
        let key = blake3::derive_key(purpose, &self.secret);
        let mut hasher = blake3::Hasher::new_keyed(&key);
        parts(&mut hasher, &[recipient.as_bytes(), release.as_bytes()]);
        *hasher.finalize().as_bytes()
    }
}

/// Hashes parts so that no two lists of parts are one.
pub(super) fn parts(hasher: &mut blake3::Hasher, parts: &[&[u8]]) {
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
}

/// Thirty-two bytes in hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}

impl std::fmt::Debug for SealKey {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealKey")
            .field("signer", &self.signer)
            .field("public_key", &self.public_key())
            .finish()
    }
}
