//! The sealed file: how its bytes lie, how they are checked, and how a gram is looked up. `FORMAT.md` has the tables.
//!
//! The file comes from strangers. Its length follows from its header alone and must be the file's; only then is
//! anything reserved, never more than a small multiple of it.

use std::ops::Range;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::key::{self, LONGEST_NAME, hexadecimal};
use super::{GRAM, Metadata, Profile};
use crate::error::{Error, Result};
use crate::text::{Token, UNICODE_VERSION};

/// First bytes of every sealed file.
pub(in crate::registry) const MAGIC: [u8; 8] = *b"NGSEALED";
/// The version of this format.
pub(super) const FORMAT: u32 = 1;
/// The version of the words' coarse spellings, of which grams are made.
pub(super) const SPELLING: u8 = 1;
/// Bytes of the header.
pub(super) const HEADER: usize = 128;
/// Bytes of a commitment.
pub(super) const COMMITMENT: usize = 32;
/// Bytes at the end: checksum and signature.
pub(super) const TRAILER: usize = 32 + 64;
/// Entries with one hash at the most. A writer stores no gram for more than [`MOST_WORKS`](super::MOST_WORKS); the others
/// are padding that agrees by chance.
pub(super) const MOST_ALIKE: usize = 64;
/// What a signature says beside the checksum: it is for nothing else.
const SIGNED: &[u8] = b"nagalm sealed registry 1\0";

/// Which sealed registries are taken. By default those whose signature fits the key that they name; whose key that is,
/// only the society can tell.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    keys: Vec<String>,
    anything: bool,
}

impl Trust {
    /// Takes only what was signed by one of these public keys (hexadecimal), as they came from the societies themselves.
    ///
    /// # Errors
    /// `is_input`: one that is no key.
    pub fn only(keys: impl IntoIterator<Item = impl Into<String>>) -> Result<Self> {
        let keys: Vec<String> = keys.into_iter().map(|key| key.into().to_ascii_lowercase()).collect();
        match keys.iter().find(|key| blake3::Hash::from_hex(key).is_err()) {
            Some(key) => {
                Err(Error::input(format!("{key:?} is no public key: one has 64 hexadecimal digits")))
            }
            None => Ok(Self { keys, anything: false }),
        }
    }

    /// Takes what is not signed, or wrongly, or by somebody else, too; reports say so.
    #[must_use]
    pub fn or_anything(mut self) -> Self {
        self.anything = true;
        self
    }
}

/// What is to be said of a sealed registry's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Signature {
    /// It fits the key, which is among those that the caller named.
    Trusted,
    /// It fits the key that the file names; the caller named none.
    Valid,
    /// It fits the key that the file names, which is none of those that the caller named.
    Foreign,
    /// It does not fit.
    Wrong,
    /// There is none.
    Missing,
}

/// What a sealed registry says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SealInfo {
    /// How much it finds, and how much it gives away.
    pub profile: Profile,
    /// Whom it was made for.
    pub recipient: String,
    /// Which release it is.
    pub release: String,
    /// Who says to have made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// The public key that it names, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_key: Option<String>,
    /// What is to be said of the signature.
    pub signature: Signature,
}

/// What a file begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) profile: Profile,
    pub(super) metadata: Metadata,
    pub(super) works: u32,
    pub(super) entries: u64,
    pub(super) names: u64,
    pub(super) recipient: String,
    pub(super) release: String,
    /// Who signs, and with which key.
    pub(super) signer: Option<(String, [u8; 32])>,
    /// What grams are hashed with.
    pub(super) key: [u8; 32],
}

/// Where the parts of a file lie.
struct Parts {
    commitments: Range<usize>,
    name_ends: Range<usize>,
    names: Range<usize>,
    entries: Range<usize>,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let (signer, signer_key) = match &self.signer {
            Some((name, key)) => (name.as_str(), *key),
            None => ("", [0; 32]),
        };
        let metadata = match self.metadata {
            Metadata::None => 0,
            Metadata::Ids => 1,
            Metadata::Titles => 2,
        };
        let profile = match self.profile {
            Profile::Public => 1,
            Profile::Contract => 2,
        };
        let (major, minor, update) = UNICODE_VERSION;
        let strings = [self.recipient.as_str(), &self.release, signer];
        let mut bytes = Vec::with_capacity(HEADER + strings.map(str::len).iter().sum::<usize>());
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend([profile, metadata, u8::from(self.signer.is_some()), SPELLING, major, minor, update, 0]);
        bytes.extend(self.works.to_le_bytes());
        bytes.extend(self.entries.to_le_bytes());
        bytes.extend(self.names.to_le_bytes());
        // None is longer than 255 bytes.
        bytes.extend(strings.map(|string| string.len() as u8));
        bytes.resize(64, 0);
        bytes.extend(self.key);
        bytes.extend(signer_key);
        strings.iter().for_each(|string| bytes.extend(string.as_bytes()));
        bytes
    }

    /// Reads a header and where the parts lie behind it; these are all of the file.
    fn parse(file: &[u8]) -> Result<(Self, Parts)> {
        let cut = || wrong("it is cut off or longer than it says");
        let head: &[u8; HEADER] = file.first_chunk().ok_or_else(cut)?;
        let u64_at = |at: usize| u64::from_le_bytes(*number(head, at));
        let profile = match head[12] {
            1 => Profile::Public,
            2 => Profile::Contract,
            _ => return Err(wrong("its profile is unknown")),
        };
        let metadata = match head[13] {
            0 => Metadata::None,
            1 => Metadata::Ids,
            2 => Metadata::Titles,
            _ => return Err(wrong("what it says of works is unknown")),
        };
        let is_signed = match head[14] {
            0 => false,
            1 => true,
            _ => return Err(wrong("it does not say whether it is signed")),
        };
        if head[15] != SPELLING {
            return Err(Error::version(format!(
                "the sealed registry's words are spelled by rules {}, this build knows rules {SPELLING}: ask for a new \
                 one, or update nagalm",
                head[15]
            )));
        }
        if head[19] != 0 || head[43..64].iter().any(|&byte| byte != 0) {
            return Err(wrong("what should be zero is not"));
        }
        let works = u32::from_le_bytes(*number(head, 20));
        let (entries, names) = (u64_at(24), u64_at(32));
        let key = *number(head, 64);
        let signer_key: [u8; 32] = *number(head, 96);
        let mut at = HEADER;
        let mut next = |length: u64| -> Result<Range<usize>> {
            let length = usize::try_from(length).map_err(|_| cut())?;
            let end = at.checked_add(length).filter(|&end| end <= file.len()).ok_or_else(cut)?;
            Ok(std::mem::replace(&mut at, end)..end)
        };
        let strings = [next(head[40].into())?, next(head[41].into())?, next(head[42].into())?];
        let [recipient, release, signer] = strings.map(|range| std::str::from_utf8(&file[range]));
        let text = |string: std::result::Result<&str, _>| {
            string.map(str::to_owned).map_err(|_: std::str::Utf8Error| wrong("a name in it is not UTF-8"))
        };
        let (recipient, release, signer) = (text(recipient)?, text(release)?, text(signer)?);
        for (what, name) in [("recipient", &recipient), ("release", &release)] {
            key::name(what, name).map_err(|e| wrong(&e.to_string()))?;
        }
        let signer = match is_signed {
            true => {
                key::name("signer", &signer).map_err(|e| wrong(&e.to_string()))?;
                Some((signer, signer_key))
            }
            false if signer.is_empty() && signer_key == [0; 32] => None,
            false => return Err(wrong("it names a signer, and says that it is not signed")),
        };
        let per_work = match metadata {
            Metadata::None => 0,
            Metadata::Ids => 1,
            Metadata::Titles => 2,
        };
        let entry = (profile.hash_bytes() + 4) as u64;
        let parts = Parts {
            commitments: next(u64::from(works) * COMMITMENT as u64)?,
            name_ends: next(u64::from(works) * per_work * 4)?,
            names: next(names)?,
            entries: next(entries.checked_mul(entry).ok_or_else(cut)?)?,
        };
        if file.len() - at != TRAILER {
            return Err(cut());
        }
        Ok((Self { profile, metadata, works, entries, names, recipient, release, signer, key }, parts))
    }
}

fn number<const N: usize>(head: &[u8; HEADER], at: usize) -> &[u8; N] {
    head[at..].first_chunk().unwrap_or(&[0; N])
}

fn wrong(what: &str) -> Error {
    Error::corrupt(format!("the sealed registry is damaged: {what}"))
}

/// The checksum and the signature of a file without them.
pub(super) fn trailer(file: &[u8], signer: Option<&super::SealKey>) -> [u8; TRAILER] {
    use ed25519_dalek::Signer;
    let checksum = *blake3::hash(file).as_bytes();
    let signature = signer.map_or([0; 64], |key| key.signing().sign(&message(&checksum)).to_bytes());
    let mut trailer = [0; TRAILER];
    trailer[..32].copy_from_slice(&checksum);
    trailer[32..].copy_from_slice(&signature);
    trailer
}

fn message(checksum: &[u8; 32]) -> Vec<u8> {
    [SIGNED, checksum].concat()
}

/// A sealed registry, checked.
pub(crate) struct Sealed {
    file: Vec<u8>,
    header: Header,
    parts: Parts,
    signature: Signature,
    checksum: [u8; 32],
    /// Of each work, how many entries it has.
    counts: Vec<u32>,
    /// The first entry whose hash begins with these bits, for each that they can be, and the number of entries.
    starts: Vec<u32>,
    /// How many bits of a hash lie behind these.
    shift: u32,
}

impl Sealed {
    /// Reads and checks a sealed file. Linear in its length; takes an eighth more than that in memory, or little more.
    ///
    /// # Errors
    /// `is_corrupt`, `is_version`, and `is_untrusted` for a signature that `trust` does not take.
    pub(crate) fn new(file: Vec<u8>, trust: &Trust) -> Result<Self> {
        if !file.starts_with(&MAGIC) {
            return Err(Error::corrupt("this is no sealed registry: its first bytes are others"));
        }
        let version =
            file.get(8..12).and_then(|bytes| bytes.first_chunk()).map(|bytes| u32::from_le_bytes(*bytes));
        match version {
            Some(FORMAT) => {}
            Some(version @ 1..) => {
                return Err(Error::version(format!(
                    "the sealed registry has format {version}, this build reads up to {FORMAT}: update nagalm"
                )));
            }
            _ => return Err(wrong("it does not say its format")),
        }
        let (body, trailer) = file
            .len()
            .checked_sub(TRAILER)
            .map(|length| file.split_at(length))
            .ok_or_else(|| wrong("it is cut off"))?;
        let checksum = *blake3::hash(body).as_bytes();
        if trailer[..32] != checksum {
            return Err(wrong("its checksum is another"));
        }
        let (header, parts) = Header::parse(&file)?;
        let signature = judged(&header, &checksum, &trailer[32..], trust)?;
        let mut sealed = Self {
            header,
            parts,
            signature,
            checksum,
            counts: Vec::new(),
            starts: Vec::new(),
            shift: 0,
            file,
        };
        sealed.check_works()?;
        sealed.index()?;
        Ok(sealed)
    }

    /// Commitments ascend, names are names.
    fn check_works(&self) -> Result<()> {
        if !self.commitments().is_sorted_by(|a, b| a < b) {
            return Err(wrong("its commitments do not ascend"));
        }
        let names = std::str::from_utf8(&self.file[self.parts.names.clone()])
            .map_err(|_| wrong("a name in it is not UTF-8"))?;
        let mut last = 0;
        for end in self.name_ends() {
            if end < last || !names.is_char_boundary(end) {
                return Err(wrong("its names do not follow one another"));
            }
            last = end;
        }
        if last != names.len() {
            return Err(wrong("its names do not follow one another"));
        }
        let ids = (0..self.header.works).map(|work| self.work_id(work));
        match ids.flatten().any(|id| id.is_empty() || id.contains('\0')) {
            true => Err(wrong("a work in it has no identifier")),
            false => Ok(()),
        }
    }

    /// Checks the entries, counts them for each work, and notes where hashes begin.
    fn index(&mut self) -> Result<()> {
        let count = u32::try_from(self.header.entries).ok().filter(|&count| count < u32::MAX);
        let count = count.ok_or_else(|| Error::limit("a sealed registry of more than 4 billion entries"))?;
        let bits = self.header.profile.hash_bits();
        // A start for every four entries or so; two at least.
        let leading = (count / 4).max(2).ilog2();
        self.shift = bits - leading;
        let mut counts = vec![0_u32; self.header.works as usize];
        let mut starts = Vec::with_capacity((1 << leading) + 1);
        let mut before = None;
        let mut alike = 0;
        for index in 0..count {
            let (hash, work) = self.entry(index);
            let of_work = counts.get_mut(work as usize).ok_or_else(|| wrong("an entry names no work"))?;
            *of_work += 1;
            match before {
                Some(before) if before >= (hash, work) => return Err(wrong("its entries do not ascend")),
                Some((last, _)) if last == hash => alike += 1,
                _ => alike = 1,
            }
            if alike > MOST_ALIKE {
                return Err(wrong("too many entries have one hash"));
            }
            before = Some((hash, work));
            let leads = (hash >> self.shift) as usize;
            if starts.len() <= leads {
                starts.resize(leads + 1, index);
            }
        }
        starts.resize((1 << leading) + 1, count);
        if counts.iter().any(|of_work| !of_work.is_power_of_two()) {
            return Err(wrong("a work's entries are not padded"));
        }
        (self.counts, self.starts) = (counts, starts);
        Ok(())
    }

    pub(super) fn entry(&self, index: u32) -> (u64, u32) {
        let hash_bytes = self.header.profile.hash_bytes();
        let size = hash_bytes + 4;
        let entry = &self.file[self.parts.entries.clone()][index as usize * size..][..size];
        let mut hash = [0; 8];
        hash[..hash_bytes].copy_from_slice(&entry[..hash_bytes]);
        let work = entry[hash_bytes..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        (u64::from_le_bytes(hash), work)
    }

    /// The hash of a gram by which it may be stored.
    pub(crate) fn hash(&self, gram: &[Token; GRAM]) -> u64 {
        self.header.profile.hash(&self.header.key, gram)
    }

    /// The works that a hash is stored for, at most [`MOST_ALIKE`]. Constant time on average, logarithmic whatever the file.
    pub(crate) fn works_with(&self, hash: u64) -> impl Iterator<Item = u32> {
        let leads = (hash >> self.shift) as usize;
        let (start, end) = match self.starts.get(leads..leads + 2) {
            Some(&[start, end]) => (start, end),
            _ => (0, 0),
        };
        let (mut first, mut behind) = (start, end);
        while first < behind {
            let middle = first + (behind - first) / 2;
            match self.entry(middle).0 < hash {
                true => first = middle + 1,
                false => behind = middle,
            }
        }
        let alike = (first..end).map(|index| self.entry(index)).take_while(move |entry| entry.0 == hash);
        alike.map(|entry| entry.1)
    }

    /// How many works must be expected to have at least so many of an output's grams if hashes agree by chance alone,
    /// where each has as many entries as `work`.
    pub(crate) fn by_chance(&self, work: u32, found: usize, looked_up: usize) -> f64 {
        let entries = f64::from(self.counts.get(work as usize).copied().unwrap_or(0));
        let mean = looked_up as f64 * entries / 2_f64.powi(self.header.profile.hash_bits() as i32);
        let mut expected = f64::from(self.header.works);
        for k in 1..=found {
            expected *= mean / k as f64;
        }
        expected
    }

    /// How many works there are.
    pub(crate) fn works(&self) -> u32 {
        self.header.works
    }

    /// Of a work, how many entries it has.
    pub(super) fn entries_of(&self, work: u32) -> u32 {
        self.counts.get(work as usize).copied().unwrap_or(0)
    }

    /// Whether a hash is stored for a work.
    pub(super) fn holds(&self, work: u32, hash: u64) -> bool {
        self.works_with(hash).any(|found| found == work)
    }

    fn commitments(&self) -> &[[u8; COMMITMENT]] {
        self.file[self.parts.commitments.clone()].as_chunks().0
    }

    /// The work with a commitment. Logarithmic time.
    pub(super) fn work_of(&self, commitment: &[u8; COMMITMENT]) -> Option<u32> {
        self.commitments().binary_search(commitment).ok().map(|at| at as u32)
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    fn name_ends(&self) -> impl Iterator<Item = usize> {
        let ends: &[[u8; 4]] = self.file[self.parts.name_ends.clone()].as_chunks().0;
        ends.iter().map(|end| u32::from_le_bytes(*end) as usize)
    }

    fn name(&self, index: usize) -> Option<&str> {
        let ends: &[[u8; 4]] = self.file[self.parts.name_ends.clone()].as_chunks().0;
        let end = |at: usize| ends.get(at).map(|end| u32::from_le_bytes(*end) as usize);
        let start = if index == 0 { 0 } else { end(index - 1)? };
        std::str::from_utf8(self.file[self.parts.names.clone()].get(start..end(index)?)?).ok()
    }

    /// The work's identifier, if the file says it.
    pub(crate) fn work_id(&self, work: u32) -> Option<&str> {
        match self.header.metadata {
            Metadata::None => None,
            Metadata::Ids => self.name(work as usize),
            Metadata::Titles => self.name(2 * work as usize),
        }
    }

    /// The work's title, if the file says it and it has one.
    pub(crate) fn title(&self, work: u32) -> Option<&str> {
        match self.header.metadata {
            Metadata::Titles => self.name(2 * work as usize + 1).filter(|title| !title.is_empty()),
            _ => None,
        }
    }

    /// The hash that stands for all of the file.
    pub(crate) fn checksum(&self) -> String {
        hexadecimal(&self.checksum)
    }

    /// Bytes of the file.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.len() as u64
    }

    /// The version of its format.
    pub(crate) fn format(&self) -> u32 {
        FORMAT
    }

    /// The version of the Unicode tables that folded the texts.
    pub(crate) fn unicode(&self) -> String {
        format!("{}.{}.{}", self.file[16], self.file[17], self.file[18])
    }

    pub(crate) fn info(&self) -> SealInfo {
        let header = &self.header;
        let signer = header.signer.as_ref();
        SealInfo {
            profile: header.profile,
            recipient: header.recipient.clone(),
            release: header.release.clone(),
            signer: signer.map(|(name, _)| name.clone()),
            signer_key: signer.map(|(_, key)| hexadecimal(key)),
            signature: self.signature,
        }
    }
}

/// What is to be said of a signature; an error where it is not to be taken.
fn judged(header: &Header, checksum: &[u8; 32], signature: &[u8], trust: &Trust) -> Result<Signature> {
    let signature: &[u8; 64] = signature.first_chunk().ok_or_else(|| wrong("it is cut off"))?;
    let judged = match &header.signer {
        None if *signature == [0; 64] => Signature::Missing,
        None => return Err(wrong("it has a signature, and says that it is not signed")),
        Some((_, key)) => {
            let signature = ed25519_dalek::Signature::from_bytes(signature);
            let fits = VerifyingKey::from_bytes(key)
                .is_ok_and(|key| key.verify_strict(&message(checksum), &signature).is_ok());
            match fits {
                false => Signature::Wrong,
                true if trust.keys.contains(&hexadecimal(key)) => Signature::Trusted,
                true if trust.keys.is_empty() => Signature::Valid,
                true => Signature::Foreign,
            }
        }
    };
    let refusal = match judged {
        Signature::Trusted | Signature::Valid => return Ok(judged),
        _ if trust.anything => return Ok(judged),
        Signature::Missing => "is not signed".to_owned(),
        Signature::Wrong => "has a signature that does not fit".to_owned(),
        Signature::Foreign => {
            let (name, key) = header.signer.clone().unwrap_or_default();
            format!("was signed as {name:?} with the key {}, which is none of yours", hexadecimal(&key))
        }
    };
    Err(Error::untrusted(format!(
        "the sealed registry {refusal}: get it from the society again, or say that it may be used all the same"
    )))
}

const _: () = assert!(LONGEST_NAME <= u8::MAX as usize);
