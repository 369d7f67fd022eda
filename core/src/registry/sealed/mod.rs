//! Sealed registries: what a society hands to those who must not get the works.
//!
//! A sealed registry is one file that scans without the works' texts. `FORMAT.md` in this folder has its bytes, and what
//! they give away.
//!
//! ```text
//! society   registry + key --seal--> sealed file --------> recipient: scans, sees which works
//!              |                         |
//!              +-- prove --> proof ------+--> expert, with the text: verify_proof
//! ```
//!
//! Of each work some grams of eight words are stored, as keyed hashes (BLAKE3): which ones, only the society's key tells.
//! No positions, and as many entries a work as the next power of two.

mod choose;
mod key;
mod layout;
mod proof;
mod seal;

use serde::{Deserialize, Serialize};

pub use key::SealKey;
#[cfg(feature = "store")]
pub(in crate::registry) use layout::MAGIC;
pub(crate) use layout::Sealed;
pub use layout::{SealInfo, Signature, Trust};
pub use proof::{Proof, Verification};
pub use seal::{SealOptions, SealedFile};

use crate::text::Token;

/// Words of a gram.
pub(crate) const GRAM: usize = 8;
/// Works that are told for one gram, at the most.
const MOST_WORKS: usize = 16;

/// How much a sealed registry finds, and how much it gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// For anybody: one gram of every 24 is stored at least, as 40 bits, so that guesses are confirmed wrongly, too.
    Public,
    /// For a recipient who keeps it confidential: one gram of every 16, as 64 bits.
    Contract,
}

impl Profile {
    /// Grams in a row of which one is stored at least.
    #[must_use]
    pub const fn window(self) -> usize {
        match self {
            Self::Public => 24,
            Self::Contract => 16,
        }
    }

    /// Words in a row, equal in an output and a work, that hold a stored gram for sure: what leads to the work. Twice
    /// [`window`](Self::window) and seven words hold two: a match.
    #[must_use]
    pub const fn guarantee(self) -> usize {
        self.window() + GRAM - 1
    }

    /// Bytes of a stored hash.
    const fn hash_bytes(self) -> usize {
        match self {
            Self::Public => 5,
            Self::Contract => 8,
        }
    }

    /// Bits of a stored hash.
    #[must_use]
    pub const fn hash_bits(self) -> u32 {
        8 * self.hash_bytes() as u32
    }

    /// Words that a work must have to be sealed: in public twice what is sure to be found, since of a shorter work one
    /// gram would be too large a part; else those of a gram.
    #[must_use]
    pub const fn fewest_words(self) -> usize {
        match self {
            Self::Public => 2 * self.guarantee(),
            Self::Contract => GRAM,
        }
    }

    /// The stored hash of a gram.
    fn hash(self, key: &[u8; 32], gram: &[Token; GRAM]) -> u64 {
        let hash = blake3::keyed_hash(key, &bytes(gram));
        self.shortened(hash.as_bytes())
    }

    /// As many bytes of a longer hash as are stored.
    fn shortened(self, hash: &[u8; 32]) -> u64 {
        let mut number = [0; 8];
        number[..self.hash_bytes()].copy_from_slice(&hash[..self.hash_bytes()]);
        u64::from_le_bytes(number)
    }
}

/// What a sealed registry says of works beside their grams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Metadata {
    /// Nothing: works are numbers.
    None,
    /// Their identifiers.
    #[default]
    Ids,
    /// Their identifiers and main titles.
    Titles,
}

/// What a sealed registry says of a work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedWork {
    /// Its number in this file. The society can say which work it is.
    pub work: u32,
    /// Its identifier, where the file says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_id: Option<String>,
    /// Its title, where the file says it and it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A gram as bytes: its tokens, little-endian.
fn bytes(gram: &[Token; GRAM]) -> [u8; 2 * GRAM] {
    let mut bytes = [0; 2 * GRAM];
    for (to, token) in bytes.chunks_exact_mut(2).zip(gram) {
        to.copy_from_slice(&token.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
