//! Search by meaning, through the library: vectors beside a registry that changes, and what a scan says of them. The model is one of
//! words alone, which knows that some of them mean the same.

use std::path::Path;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nagalm::{Embedder, Model, Output, Registry, Result, Scanner, Settings, Work, Writer};

/// Words that mean the same, as far as the model knows.
const SAME: [[&str; 2]; 8] = [
    ["ship", "vessel"],
    ["sank", "foundered"],
    ["cold", "icy"],
    ["sea", "ocean"],
    ["sailors", "mariners"],
    ["prayed", "pleaded"],
    ["captain", "skipper"],
    ["storm", "tempest"],
];

/// Words of up to three letters say nothing to it.
struct Words {
    model: Model,
    /// Passages that were embedded.
    embedded: AtomicUsize,
}

impl Words {
    fn new(hash: &str) -> Self {
        let model = Model {
            name: "words".into(),
            hash: hash.into(),
            dimensions: 64,
            pooling: "sum".into(),
            window: 1000,
            paraphrases: None,
        };
        Self { model, embedded: AtomicUsize::new(0) }
    }
}

impl Embedder for Words {
    fn model(&self) -> &Model {
        &self.model
    }

    fn embed(&self, passages: &[&str]) -> Result<Vec<Vec<f32>>> {
        self.embedded.fetch_add(passages.len(), Ordering::Relaxed);
        Ok(passages.iter().map(|passage| vector(passage)).collect())
    }
}

fn vector(passage: &str) -> Vec<f32> {
    let mut sum = vec![0.0_f32; 64];
    for word in passage.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3) {
        let word = word.to_lowercase();
        let word = SAME.iter().find(|[_, other]| *other == word).map_or(word.as_str(), |[first, _]| first);
        let mut seed =
            word.bytes().fold(7_u64, |hash, byte| hash.wrapping_mul(1099511628211) ^ u64::from(byte));
        for number in &mut sum {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            *number += (seed >> 40) as f32 / (1 << 23) as f32 - 1.0;
        }
    }
    let length = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
    sum.iter().map(|x| x / length).collect()
}

const SHIP: &str = "The ship sank in the cold sea, the sailors prayed, the captain cursed the storm.";
/// None of its passages of eight words stands there.
const RETOLD: &str =
    "A vessel foundered in an icy ocean while mariners pleaded and its skipper cursed a tempest.";

fn work(number: usize) -> Work {
    let text = match number {
        0 => SHIP.to_owned(),
        _ => (0..24).map(|k| format!("w{number}x{} ", (number * 31 + k * k) % 997)).collect(),
    };
    Work { work_id: format!("w{number:03}"), title: Some(format!("Work {number}")), text, ..Work::default() }
}

fn add(path: &Path, numbers: impl IntoIterator<Item = usize>) {
    let mut writer = Writer::open(path).unwrap();
    for number in numbers {
        writer.add(work(number)).unwrap();
    }
    writer.commit().unwrap();
}

fn scanner(registry: Registry, embedder: Arc<Words>) -> Scanner {
    let meaning = registry.meaning().unwrap();
    Scanner::by_meaning(registry, Settings::default(), meaning, embedder).unwrap()
}

fn found(scanner: &Scanner, text: &str) -> Vec<String> {
    let report = scanner.scan_text(text).unwrap();
    report.meaning.unwrap().matches.into_iter().map(|found| found.work_id).collect()
}

#[test]
fn what_is_retold_in_other_words_is_found_and_kept_apart() {
    let words = Arc::new(Words::new("1"));
    let registry = Registry::from_works((0..200).map(work)).unwrap();
    let meaning = registry.embed(words.as_ref()).unwrap();
    let scanner = Scanner::by_meaning(registry, Settings::default(), meaning, words).unwrap();
    let report = scanner.scan(&Output { id: "o".into(), text: RETOLD.into(), ..Output::default() }).unwrap();
    assert!(report.matches.is_empty() && report.match_count() == 0 && report.coverage.matched == 0);
    let meaning = report.meaning.as_ref().unwrap();
    assert_eq!(meaning.compared, 1);
    let [found] = &meaning.matches[..] else { panic!("{meaning:?}") };
    assert_eq!((found.work_id.as_str(), found.title.as_deref()), ("w000", Some("Work 0")));
    assert_eq!(&RETOLD[found.output.start..found.output.end], found.quote.as_ref().unwrap().output);
    assert_eq!(&SHIP[found.source.start..found.source.end], found.quote.as_ref().unwrap().source);
    assert!(found.evalue <= 0.01 && found.similarity > 0.7, "{found:?}");
    // The report is read back as it was written.
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<nagalm::Report>(&json).unwrap(), report);
    // What has nothing to do with it has none; the nearest are told all the same, if asked for.
    let other = "Nobody here speaks of water or of anything that floats upon it, only of bread and butter.";
    assert!(scanner.scan_text(other).unwrap().meaning.unwrap().matches.is_empty());
    assert_eq!(scanner.neighbours(other, 3).unwrap()[0].1.len(), 3);
}

#[test]
fn works_can_be_left_out() {
    let words = Arc::new(Words::new("1"));
    let registry = Registry::from_works((0..200).map(work)).unwrap();
    let meaning = registry.embed(words.as_ref()).unwrap();
    for (number, nearest) in [(0, "w000"), (7, "w007")] {
        let only = meaning.only(|work_id| work_id == nearest);
        let scanner =
            Scanner::by_meaning(registry.clone(), Settings::default(), only, words.clone()).unwrap();
        for text in [work(0).text, work(7).text, work(9).text] {
            let near = scanner.neighbours(&text, 5).unwrap();
            let found: Vec<_> =
                near.iter().flat_map(|(_, near)| near).map(|near| near.work_id.as_str()).collect();
            assert!(!found.is_empty() && found.iter().all(|id| *id == nearest), "{number}: {found:?}");
        }
    }
    assert!(meaning.only(|_| false).nearest(&[&vector(SHIP)], 3).unwrap()[0].is_empty());
}

#[test]
fn copied_words_are_explained_by_copying() {
    let words = Arc::new(Words::new("1"));
    let registry = Registry::from_works((0..200).map(work)).unwrap();
    let meaning = registry.embed(words.as_ref()).unwrap();
    let scanner = Scanner::by_meaning(registry, Settings::default(), meaning, words).unwrap();
    let report = scanner.scan_text(SHIP).unwrap();
    assert_eq!(report.matches.len(), 1);
    let meaning = report.meaning.unwrap();
    assert_eq!((meaning.compared, meaning.matches.len()), (0, 0));
}

#[test]
fn vectors_follow_the_works_that_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("works");
    let words = Arc::new(Words::new("1"));
    let embedded = || words.embedded.swap(0, Ordering::Relaxed);
    let embed = |again| nagalm::embed(&path, words.as_ref(), again, &mut |_, _| ()).unwrap();

    add(&path, 0..60);
    assert!(Registry::open(&path).unwrap().meaning().err().unwrap().is_not_found());
    assert_eq!(embed(false).made, 60);
    assert_eq!(embedded(), 60);
    assert_eq!(found(&scanner(Registry::open(&path).unwrap(), words.clone()), RETOLD), ["w000"]);
    embedded();

    // Only what is new is embedded.
    add(&path, 60..70);
    let registry = Registry::open(&path).unwrap();
    assert_eq!(registry.meaning().unwrap().missing(), 10);
    let done = embed(false);
    assert_eq!((done.before, done.made, done.removed, embedded()), (60, 10, 0, 10));
    assert_eq!(registry.meaning().unwrap().missing(), 0);

    // A withdrawn work is gone at once, and its vectors the next time.
    let mut writer = Writer::open(&path).unwrap();
    assert!(writer.withdraw("w000").unwrap());
    writer.commit().unwrap();
    let registry = Registry::open(&path).unwrap();
    assert_eq!(registry.meaning().unwrap().passages(), 70);
    assert_eq!(found(&scanner(registry, words.clone()), RETOLD), [""; 0]);
    embedded();
    let done = embed(false);
    assert_eq!((done.before, done.made, done.removed, embedded()), (69, 0, 1, 0));
    assert_eq!(Registry::open(&path).unwrap().meaning().unwrap().passages(), 69);

    // Another model is refused, both ways, unless all is made anew.
    let other = Words::new("2");
    let refused = nagalm::embed(&path, &other, false, &mut |_, _| ()).unwrap_err();
    assert!(refused.is_input() && refused.to_string().contains("words"), "{refused}");
    let registry = Registry::open(&path).unwrap();
    let meaning = registry.meaning().unwrap();
    assert!(Scanner::by_meaning(registry, Settings::default(), meaning, Arc::new(other)).is_err());
    assert_eq!(nagalm::embed(&path, &Words::new("2"), true, &mut |_, _| ()).unwrap().made, 69);
    let meaning = Registry::open(&path).unwrap().meaning().unwrap();
    assert_eq!((meaning.model().hash.as_str(), meaning.passages()), ("2", 69));
}

#[test]
fn damage_is_told_and_made_good() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("works");
    let words = Words::new("1");
    add(&path, 0..20);
    nagalm::embed(&path, &words, false, &mut |_, _| ()).unwrap();
    let files: Vec<_> =
        std::fs::read_dir(path.join("vectors")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for file in files.iter().filter(|file| !file.ends_with("writer.lock")) {
        let whole = std::fs::read(file).unwrap();
        let mut hurt = whole.clone();
        hurt[100] ^= 4;
        // A mapped file is not written to: another takes its place.
        std::fs::remove_file(file).unwrap();
        std::fs::write(file, &hurt).unwrap();
        let error = Registry::open(&path).unwrap().meaning().err().unwrap();
        assert!(error.is_corrupt() && error.to_string().contains("--again"), "{error}");
        let findings = nagalm::check(&path, |_, _| ()).unwrap();
        assert!(findings.len() == 1 && findings[0].place.starts_with("vectors/"), "{findings:?}");
        std::fs::remove_file(file).unwrap();
        std::fs::write(file, &whole).unwrap();
    }
    Registry::open(&path).unwrap().meaning().unwrap();
    assert!(nagalm::check(&path, |_, _| ()).unwrap().is_empty());
    assert_eq!(nagalm::embed(&path, &words, true, &mut |_, _| ()).unwrap().made, 20);
}

#[test]
fn parts_that_were_put_together_and_not_removed_are_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("works");
    let words = Arc::new(Words::new("1"));
    add(&path, 0..60);
    nagalm::embed(&path, words.as_ref(), false, &mut |_, _| ()).unwrap();
    for file in ["passages", "vectors"] {
        let name = |number: u64| path.join(format!("vectors/{number:010}.{file}"));
        std::fs::copy(name(1), name(2)).unwrap();
    }
    let registry = Registry::open(&path).unwrap();
    let near = scanner(registry.clone(), words.clone()).neighbours(RETOLD, 3).unwrap();
    let mut ids: Vec<_> = near[0].1.iter().map(|near| near.work_id.clone()).collect();
    ids.dedup();
    assert_eq!((ids.len(), ids[0].as_str()), (3, "w000"));
    assert_eq!(nagalm::embed(&path, words.as_ref(), false, &mut |_, _| ()).unwrap().made, 0);
    assert_eq!(registry.meaning().unwrap().passages(), 60);
}

#[test]
fn the_same_works_give_the_same_bytes() {
    let bytes = |name: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        add(&path, 0..300);
        nagalm::embed(&path, &Words::new("1"), false, &mut |_, _| ()).unwrap();
        let mut files: Vec<_> =
            std::fs::read_dir(path.join("vectors")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(bytes("one"), bytes("two"));
}

#[test]
fn sealed_registries_hold_no_vectors() {
    let error = Registry::from_works([work(0)]).unwrap().meaning().err().unwrap();
    assert!(error.is_input(), "{error}");
}
