//! Making a sealed registry.

use super::key::{self, parts};
use super::layout::{COMMITMENT, Header, trailer};
use super::{GRAM, MOST_WORKS, Metadata, Profile, SealKey, choose::choose};
use crate::error::{Error, Result};
use crate::registry::{Registry, View};
use crate::text::Folded;

/// How a registry is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealOptions {
    /// How much is found, and given away.
    pub profile: Profile,
    /// What is said of works.
    pub metadata: Metadata,
    /// Whom the file is for: each recipient gets hashes of its own, so that a file that turns up tells where it came from,
    /// and no two can be compared.
    pub recipient: String,
    /// Which release it is: a date, a number.
    pub release: String,
    /// Whether the file is signed. Recipients refuse one that is not, unless they say otherwise.
    pub signed: bool,
}

impl SealOptions {
    /// For a recipient and a release: works are named by their identifiers, and the file is signed.
    pub fn new(profile: Profile, recipient: impl Into<String>, release: impl Into<String>) -> Self {
        Self {
            profile,
            metadata: Metadata::default(),
            recipient: recipient.into(),
            release: release.into(),
            signed: true,
        }
    }
}

/// A sealed registry, to be written to a file.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedFile {
    /// All of the file.
    pub bytes: Vec<u8>,
    /// Works that are in it.
    pub works: usize,
    /// Identifiers of works that are too short for the profile, and not in it; sorted.
    pub too_short: Vec<String>,
}

impl std::fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bytes, works, too_short } = self;
        f.debug_struct("SealedFile")
            .field("bytes", &bytes.len())
            .field("works", works)
            .field("too_short", too_short)
            .finish()
    }
}

/// A work as it is sealed.
struct Work {
    commitment: [u8; COMMITMENT],
    work_id: String,
    title: String,
    /// Hashes of the grams that are stored, each once.
    hashes: Vec<u64>,
}

/// What the works of a file are sealed with.
struct Sealer<'a> {
    key: &'a SealKey,
    options: &'a SealOptions,
    choice: [u8; 32],
    grams: [u8; 32],
    salts: [u8; 32],
}

/// What grams are hashed with: the recipient has it, too.
const GRAMS: &str = "nagalm 1 hashes of grams";
/// What salts are made from.
const SALTS: &str = "nagalm 1 salts of commitments";
/// What padding is made from.
const PADDING: &str = "nagalm 1 padding";

impl Registry {
    /// Makes a sealed registry of the works as they stand. Same registry, key and options: the same bytes. Linear in
    /// the works' text, which is read once; on all cores with the feature `parallel`.
    ///
    /// # Errors
    /// `is_input`: a registry that is sealed already or has no work long enough, and a recipient or release that is no
    /// name. Where a text cannot be read.
    pub fn seal(&self, key: &SealKey, options: &SealOptions) -> Result<SealedFile> {
        if self.seal_info().is_some() {
            return Err(Error::input("this registry is sealed already: seal the one that holds the works"));
        }
        key::name("recipient", &options.recipient)?;
        key::name("release", &options.release)?;
        let sealer = Sealer::new(key, options);
        let (mut works, mut too_short) = (Vec::new(), Vec::new());
        for view in self.views() {
            sealer.view(view, &mut works, &mut too_short)?;
        }
        too_short.sort_unstable();
        if works.is_empty() {
            return Err(Error::input(format!(
                "no work of this registry has the {} words that this profile needs",
                options.profile.fewest_words()
            )));
        }
        // An order that says nothing of the registry's.
        works.sort_unstable_by_key(|work| work.commitment);
        let count = works.len();
        Ok(SealedFile { bytes: sealer.file(works)?, works: count, too_short })
    }
}

impl<'a> Sealer<'a> {
    fn new(key: &'a SealKey, options: &'a SealOptions) -> Self {
        let of_release = |purpose| key.of_release(purpose, &options.recipient, &options.release);
        Self { key, options, choice: key.choice(), grams: of_release(GRAMS), salts: of_release(SALTS) }
    }

    /// Seals the works of a segment.
    fn view(&self, view: &View, works: &mut Vec<Work>, too_short: &mut Vec<String>) -> Result<()> {
        let slots = |slot: &u32| view.withdrawn.binary_search(slot).is_err();
        let slots: Vec<u32> = (0..view.segment.works()).filter(slots).collect();
        let one = |&slot: &u32| -> Result<std::result::Result<Work, String>> {
            let work_id = view.segment.work_id(slot);
            let folded = Folded::new(&view.segment.text(slot)?)?;
            if folded.len() < self.options.profile.fewest_words() {
                return Ok(Err(work_id.to_owned()));
            }
            let chosen = choose(self.options.profile, &self.choice, folded.tokens());
            let mut hashes: Vec<u64> =
                chosen.iter().map(|gram| self.options.profile.hash(&self.grams, gram)).collect();
            hashes.sort_unstable();
            hashes.dedup();
            Ok(Ok(Work {
                commitment: commitment(&salt(&self.salts, work_id), work_id, &folded),
                work_id: work_id.to_owned(),
                title: view.segment.title(slot).unwrap_or_default().to_owned(),
                hashes,
            }))
        };
        #[cfg(feature = "parallel")]
        let sealed: Vec<_> = {
            use rayon::prelude::*;
            slots.par_iter().map(one).collect::<Result<_>>()?
        };
        #[cfg(not(feature = "parallel"))]
        let sealed: Vec<_> = slots.iter().map(one).collect::<Result<_>>()?;
        for work in sealed {
            match work {
                Ok(work) => works.push(work),
                Err(work_id) => too_short.push(work_id),
            }
        }
        Ok(())
    }

    fn file(&self, works: Vec<Work>) -> Result<Vec<u8>> {
        let SealOptions { profile, metadata, recipient, release, signed } = self.options;
        let count = u32::try_from(works.len()).map_err(|_| Error::limit("more works than 2^32"))?;
        let mut names: Vec<u8> = Vec::new();
        let mut name_ends: Vec<u8> = Vec::new();
        let mut name = |name: &str| -> Result<()> {
            names.extend(name.as_bytes());
            let end = u32::try_from(names.len()).map_err(|_| Error::limit("names of more than 4 GiB"))?;
            name_ends.extend(end.to_le_bytes());
            Ok(())
        };
        for work in &works {
            if *metadata != Metadata::None {
                name(&work.work_id)?;
            }
            if *metadata == Metadata::Titles {
                name(&work.title)?;
            }
        }
        let entries = self.entries(&works);
        let header = Header {
            profile: *profile,
            metadata: *metadata,
            works: count,
            entries: entries.len() as u64,
            names: names.len() as u64,
            recipient: recipient.clone(),
            release: release.clone(),
            signer: signed
                .then(|| (self.key.signer().to_owned(), *self.key.signing().verifying_key().as_bytes())),
            key: self.grams,
        };
        let mut file = header.encode();
        works.iter().for_each(|work| file.extend(work.commitment));
        file.extend(name_ends);
        file.extend(names);
        for (hash, work) in entries {
            file.extend(&hash.to_le_bytes()[..profile.hash_bytes()]);
            file.extend(work.to_le_bytes());
        }
        let trailer = trailer(&file, signed.then_some(self.key));
        file.extend(trailer);
        Ok(file)
    }

    /// What is stored: of each hash and work one entry, of each work as many as the next power of two, all in the order
    /// of their hashes.
    fn entries(&self, works: &[Work]) -> Vec<(u64, u32)> {
        let mut entries: Vec<(u64, u32)> = Vec::new();
        for (number, work) in (0..).zip(works) {
            entries.extend(work.hashes.iter().map(|&hash| (hash, number)));
        }
        entries.sort_unstable();
        // Of a gram that very many works hold, a few say as much. Works come in the order of their commitments, so that
        // these are any.
        let mut kept: Vec<(u64, u32)> = Vec::with_capacity(2 * entries.len());
        for alike in entries.chunk_by(|a, b| a.0 == b.0) {
            kept.extend(&alike[..alike.len().min(MOST_WORKS)]);
        }
        let mut of_work = vec![0_usize; works.len()];
        kept.iter().for_each(|&(_, work)| of_work[work as usize] += 1);
        let padding = self.key.of_release(PADDING, &self.options.recipient, &self.options.release);
        let real = kept.len();
        for (number, (&count, work)) in (0..).zip(of_work.iter().zip(works)) {
            let first = kept.len();
            let missing = count.next_power_of_two() - count;
            let mut tries = 0_u64;
            while kept.len() < first + missing {
                let mut hasher = blake3::Hasher::new_keyed(&padding);
                parts(&mut hasher, &[&work.commitment, &tries.to_le_bytes()]);
                tries += 1;
                let hash = self.options.profile.shortened(hasher.finalize().as_bytes());
                let entry = (hash, number);
                if kept[..real].binary_search(&entry).is_err() && !kept[first..].contains(&entry) {
                    kept.push(entry);
                }
            }
        }
        kept.sort_unstable();
        kept
    }
}

/// The salt of a work's commitment: nobody without the key can try texts against a commitment.
fn salt(salts: &[u8; 32], work_id: &str) -> [u8; 32] {
    *blake3::keyed_hash(salts, work_id.as_bytes()).as_bytes()
}

/// The salt of a work in a file, for who has the key.
pub(super) fn salt_of(key: &SealKey, header: &Header, work_id: &str) -> [u8; 32] {
    salt(&key.of_release(SALTS, &header.recipient, &header.release), work_id)
}

/// What binds a file to a work and its text: BLAKE3, keyed with the salt, of the identifier and the folded words.
pub(super) fn commitment(salt: &[u8; 32], work_id: &str, text: &Folded) -> [u8; COMMITMENT] {
    let mut hasher = blake3::Hasher::new_keyed(salt);
    parts(&mut hasher, &[b"nagalm commitment 1", work_id.as_bytes()]);
    for word in 0..text.len() {
        hasher.update(text.word_letters(word)).update(b" ");
    }
    *hasher.finalize().as_bytes()
}

const _: () = assert!(GRAM <= Profile::Contract.fewest_words());
