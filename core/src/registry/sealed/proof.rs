//! Showing an expert that a text was in a sealed registry.

use serde::{Deserialize, Serialize};

use super::GRAM;
use super::key::{SealKey, hexadecimal};
use super::layout::Sealed;
use super::seal::{commitment, salt_of};
use crate::error::{Error, Result};
use crate::registry::Registry;
use crate::text::Folded;

/// What an expert needs, beside the sealed file and the text, to see that this text was in the file when it was made.
/// It opens the commitment to one work, and says nothing of others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The form of this object: `nagalm.proof/1`.
    pub schema: String,
    /// The sealed registry that it is for: its checksum, as reports name it.
    pub registry: String,
    /// The work's identifier.
    pub work_id: String,
    /// The salt of its commitment, in hexadecimal.
    pub salt: String,
}

const SCHEMA: &str = "nagalm.proof/1";

/// What a proof shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The work's number in the sealed registry, as reports name it.
    pub work: u32,
    /// Grams of the text that are stored for the work: what a scan of the text finds.
    pub grams: usize,
    /// Entries of the work; those that are no grams of the text are padding.
    pub entries: usize,
}

impl Registry {
    /// A proof that a work, with the text that it has in this registry, is in the registry `sealed`.
    ///
    /// # Errors
    /// `is_input`: `sealed` is none, or was not made with this key. `is_not_found`: there is no such work, here or there,
    /// or it had another text when the file was made.
    pub fn prove(&self, key: &SealKey, sealed: &Registry, work_id: &str) -> Result<Proof> {
        let sealed = sealed.sealed().ok_or_else(not_sealed)?;
        let work = self
            .work(work_id)?
            .ok_or_else(|| Error::not_found(format!("there is no work {work_id:?} in the registry")))?;
        let salt = salt_of(key, sealed.header(), work_id);
        let text = Folded::new(&work.text)?;
        if sealed.work_of(&commitment(&salt, work_id, &text)).is_none() {
            return Err(Error::not_found(format!(
                "the sealed registry does not hold work {work_id:?} with this text: it was made with another key, before \
                 the work was registered or changed, or the work is too short for its profile"
            )));
        }
        Ok(Proof {
            schema: SCHEMA.into(),
            registry: sealed.checksum(),
            work_id: work_id.into(),
            salt: hexadecimal(&salt),
        })
    }

    /// Whether a proof shows that `text` was in this sealed registry, as the work that the proof names. Case, accents,
    /// punctuation and layout of the text do not count.
    ///
    /// # Errors
    /// `is_input`: this registry is not sealed, or the proof is for another or is none. `is_not_found`: it does not hold:
    /// this text is not in the registry under this name, as far as this proof goes.
    pub fn verify_proof(&self, proof: &Proof, text: &str) -> Result<Verification> {
        let sealed = self.sealed().ok_or_else(not_sealed)?;
        if proof.schema != SCHEMA {
            return Err(Error::input(format!("this proof has the form {:?}, not {SCHEMA:?}", proof.schema)));
        }
        if proof.registry != sealed.checksum() {
            return Err(Error::input(format!(
                "this proof is for another sealed registry: {}, not {}",
                proof.registry,
                sealed.checksum()
            )));
        }
        let salt = blake3::Hash::from_hex(&proof.salt)
            .map_err(|_| Error::input("the proof's salt is not one: it has 64 hexadecimal digits"))?;
        let text = Folded::new(text)?;
        let work = sealed.work_of(&commitment(salt.as_bytes(), &proof.work_id, &text)).ok_or_else(|| {
            Error::not_found(format!(
                "the proof does not hold: this text is not committed to as work {:?} in this sealed registry",
                proof.work_id
            ))
        })?;
        Ok(Verification {
            work,
            grams: stored(sealed, work, &text),
            entries: sealed.entries_of(work) as usize,
        })
    }
}

fn not_sealed() -> Error {
    Error::input("this is no sealed registry")
}

/// Different grams of a text that are stored for a work.
fn stored(sealed: &Sealed, work: u32, text: &Folded) -> usize {
    let mut hashes: Vec<u64> = text.tokens().array_windows::<GRAM>().map(|gram| sealed.hash(gram)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.into_iter().filter(|&hash| sealed.holds(work, hash)).count()
}
