//! A work in the form in which it is kept and hashed: the same in memory and on disk, so that both have the same
//! content hash.

use serde_json::Value;

use super::{Warning, Work, identifiers};
use crate::error::{Error, Result};
use crate::text::Folded;

/// The fewest words of a text that is sure to be found when it comes out whole.
const SURE_WORDS: usize = 8;

/// Bytes of text and metadata of one work. SQLite takes 10^9 in a row; a book has about 10^6.
const MAX_BYTES: usize = 900_000_000;

/// The fields of [`Work`] that have a name of their own: none of them may stand in `extra`.
const FIELDS: [&str; 14] = [
    "work_id",
    "title",
    "other_titles",
    "language",
    "creators",
    "iswc",
    "isbn",
    "isrc",
    "iscc",
    "society",
    "rights_holder",
    "licences",
    "reservations",
    "text",
];

/// Counts the words of `text` as the index does; any number from `SURE_WORDS` on says only that there are enough.
fn count_words(text: &str) -> Result<usize> {
    // Most texts begin with plain words, and need not be folded to be counted.
    let plain = |word: &str| word.bytes().all(|b| b.is_ascii_alphabetic());
    match text
        .split_ascii_whitespace()
        .take(4 * SURE_WORDS)
        .filter(|word| plain(word))
        .take(SURE_WORDS)
        .count()
    {
        enough @ SURE_WORDS.. => Ok(enough),
        _ => Ok(Folded::new(text)?.len()),
    }
}

/// A checked work, ready to be kept.
#[cfg_attr(not(feature = "store"), allow(dead_code))] // A registry in memory needs less of it.
pub(crate) struct Record {
    pub(crate) work_id: String,
    pub(crate) title: Option<String>,
    pub(crate) language: Option<String>,
    /// All of the work but its text: JSON without white space, keys sorted by their bytes.
    pub(crate) metadata: String,
    pub(crate) text: String,
    /// BLAKE3 of the text.
    pub(crate) text_hash: [u8; 32],
    /// BLAKE3 of the metadata, a line feed, and the text's hash.
    pub(crate) hash: [u8; 32],
    /// What is odd about the work taken alone.
    pub(crate) warnings: Vec<Warning>,
}

impl Record {
    /// Takes a work as it is: nothing is trimmed or put right.
    pub(crate) fn new(mut work: Work) -> Result<Self> {
        if work.work_id.is_empty() {
            return Err(Error::input("a work needs a work_id, and this one is empty"));
        }
        let id = work.work_id.clone();
        if id.contains('\0') {
            return Err(Error::input(format!("work_id {id:?} has a NUL character in it")));
        }
        if let Some(field) = FIELDS.iter().find(|field| work.extra.contains_key(**field)) {
            return Err(Error::input(format!(
                "work {id:?} has {field:?} among its extra fields, which is a field of its own"
            )));
        }
        let text = std::mem::take(&mut work.text);
        let words = count_words(&text)?;
        if words == 0 {
            return Err(Error::input(format!("work {id:?} has no words in its text")));
        }
        let mut warnings = identifiers::warnings(&work);
        if words < SURE_WORDS {
            warnings.push(Warning::Short { words });
        }
        let metadata = metadata(&work)?;
        if metadata.len() + text.len() > MAX_BYTES {
            return Err(Error::limit(format!(
                "work {id:?} has {} bytes; a registry takes up to {MAX_BYTES} a work",
                metadata.len() + text.len()
            )));
        }
        let text_hash = *blake3::hash(text.as_bytes()).as_bytes();
        let hash = record_hash(&metadata, &text_hash);
        Ok(Self {
            work_id: id,
            title: work.title,
            language: work.language,
            metadata,
            text,
            text_hash,
            hash,
            warnings,
        })
    }
}

/// The hash of a work from its kept form.
pub(crate) fn record_hash(metadata: &str, text_hash: &[u8; 32]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(metadata.as_bytes()).update(b"\n").update(text_hash);
    *hasher.finalize().as_bytes()
}

/// The work again, from its kept form.
pub(crate) fn restore(metadata: &str, text: String) -> Result<Work> {
    let work: Work = serde_json::from_str(metadata)
        .map_err(|e| Error::corrupt(format!("the metadata of a work is not what was written: {e}")))?;
    Ok(Work { text, ..work })
}

/// Hash over all works: BLAKE3 of a heading and the records' hashes in ascending order, so that the order in which
/// works came does not matter.
pub(crate) struct ContentHash(blake3::Hasher);

impl ContentHash {
    pub(crate) fn new() -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"nagalm.registry/1\n");
        Self(hasher)
    }

    /// Takes the next record's hash; they come in ascending order.
    pub(crate) fn add(&mut self, record_hash: &[u8]) {
        self.0.update(record_hash);
    }

    pub(crate) fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// All of a work but its text, as JSON. Most works have a title and little else, so that each field is written by itself.
fn metadata(work: &Work) -> Result<String> {
    let mut fields = Fields { work_id: &work.work_id, written: Vec::with_capacity(8) };
    fields.text("work_id", Some(&work.work_id));
    fields.text("title", work.title.as_ref());
    fields.list("other_titles", &work.other_titles)?;
    fields.text("language", work.language.as_ref());
    fields.list("creators", &work.creators)?;
    fields.text("iswc", work.iswc.as_ref());
    fields.text("isbn", work.isbn.as_ref());
    fields.text("isrc", work.isrc.as_ref());
    fields.text("iscc", work.iscc.as_ref());
    fields.text("society", work.society.as_ref());
    fields.text("rights_holder", work.rights_holder.as_ref());
    fields.list("licences", &work.licences)?;
    fields.list("reservations", &work.reservations)?;
    work.extra.iter().for_each(|(key, value)| fields.value(key, value));
    Ok(fields.join())
}

/// The fields of a JSON object, written.
struct Fields<'a> {
    work_id: &'a str,
    written: Vec<(&'a str, String)>,
}

impl<'a> Fields<'a> {
    fn text(&mut self, key: &'a str, text: Option<&String>) {
        if let Some(text) = text {
            self.written.push((key, quoted(text)));
        }
    }

    fn list(&mut self, key: &'a str, list: &[impl serde::Serialize]) -> Result<()> {
        if !list.is_empty() {
            let value = serde_json::to_value(list).map_err(|e| {
                Error::input(format!("work {:?} cannot be written as JSON: {e}", self.work_id))
            })?;
            self.value(key, &value);
        }
        Ok(())
    }

    fn value(&mut self, key: &'a str, value: &Value) {
        let mut written = String::new();
        canonical(value, &mut written);
        self.written.push((key, written));
    }

    /// The object, its keys sorted by their bytes.
    fn join(mut self) -> String {
        self.written.sort_unstable_by_key(|&(key, _)| key);
        let mut out =
            String::with_capacity(self.written.iter().map(|(key, value)| key.len() + value.len() + 8).sum());
        for (index, (key, value)) in self.written.iter().enumerate() {
            out.push(if index > 0 { ',' } else { '{' });
            out.push_str(&quoted(key));
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        out
    }
}

/// A JSON string. Nearly all need no escape.
fn quoted(text: &str) -> String {
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        let mut out = String::with_capacity(text.len() + 2);
        out.push('"');
        out.push_str(text);
        out.push('"');
        return out;
    }
    Value::from(text).to_string()
}

/// Writes JSON with sorted keys. `serde_json` sorts by itself unless another crate of the build turns its
/// `preserve_order` on; hashes must not depend on that. RFC 8785 is not used because it rounds integers to doubles.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (index, (key, item)) in fields.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&quoted(key));
                out.push(':');
                canonical(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::{Creator, Licence, Reservation};

    fn full() -> Work {
        let some = || Some("x".to_string());
        let mut extra = serde_json::Map::new();
        extra.insert("zebra".into(), serde_json::json!({"b": [1, 2.5, null], "a": u64::MAX}));
        extra.insert("ark".into(), true.into());
        Work {
            work_id: "w".into(),
            title: some(),
            other_titles: vec!["y".into()],
            language: Some("nl".into()),
            creators: vec![Creator { name: "n".into(), role: some(), ipi: some(), isni: some() }],
            iswc: some(),
            isbn: some(),
            isrc: some(),
            iscc: some(),
            society: some(),
            rights_holder: some(),
            licences: vec![Licence { licensee: "l".into(), purpose: some(), until: some() }],
            reservations: vec![Reservation {
                scheme: "RSL".into(),
                value: "v".into(),
                source: some(),
                date: some(),
            }],
            extra,
            text: "een twee drie vier vijf zes".into(),
        }
    }

    #[test]
    fn the_list_of_fields_is_complete() {
        let Value::Object(fields) =
            serde_json::to_value(Work { extra: serde_json::Map::new(), ..full() }).unwrap()
        else {
            panic!("a work is an object");
        };
        let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let mut listed = FIELDS.to_vec();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }

    #[test]
    fn metadata_is_all_but_the_text() {
        let odd = Work { work_id: "a\"b\\c\nd\u{1}é\u{7f}".into(), text: "x".into(), ..Work::default() };
        for work in [full(), odd] {
            let mut value = serde_json::to_value(&work).unwrap();
            value.as_object_mut().unwrap().remove("text");
            let mut expected = String::new();
            canonical(&value, &mut expected);
            assert_eq!(metadata(&work).unwrap(), expected);
        }
    }

    #[test]
    fn a_work_comes_back_whole() {
        let record = Record::new(full()).unwrap();
        assert_eq!(restore(&record.metadata, record.text).unwrap(), full());
        let (ark, zebra) = (record.metadata.find("\"ark\""), record.metadata.find("\"zebra\""));
        assert!(ark.is_some() && ark < zebra, "keys are sorted: {}", record.metadata);
        assert!(record.metadata.contains(r#""zebra":{"a":18446744073709551615,"b":[1,2.5,null]}"#));
    }

    #[test]
    fn every_part_counts_in_the_hash() {
        let hash = |change: fn(&mut Work)| {
            let mut work = full();
            change(&mut work);
            Record::new(work).unwrap().hash
        };
        let mut hashes = vec![
            hash(|_| ()),
            hash(|w| w.text.push(' ')),
            hash(|w| w.title = None),
            hash(|w| w.work_id.push('2')),
            hash(|w| w.licences.clear()),
            hash(|w| drop(w.extra.remove("ark"))),
        ];
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 6);
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let refused = |change: fn(&mut Work)| {
            let mut work = full();
            change(&mut work);
            let error = Record::new(work).err().expect("refused");
            assert!(error.is_input(), "{error:?}");
        };
        refused(|w| w.work_id.clear());
        refused(|w| w.work_id = "a\0b".into());
        refused(|w| w.text.clear());
        refused(|w| w.text = " \n\t — … !".into());
        refused(|w| drop(w.extra.insert("work_id".into(), "other".into())));
    }

    #[test]
    fn short_texts_are_told() {
        let words = |text: &str| Record::new(Work { text: text.into(), ..full() }).unwrap().warnings;
        let seven = "een twee drie vier vijf zes zeven";
        assert!(words(seven).contains(&Warning::Short { words: 7 }));
        assert!(!words(&format!("{seven} acht")).iter().any(|w| matches!(w, Warning::Short { .. })));
    }
}
