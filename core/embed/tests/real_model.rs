//! With the real all-MiniLM-L6-v2, which `corpora/minilm` makes: `tests/run meaning` says where it is. Elsewhere these are skipped, and
//! say so.

use std::path::PathBuf;
use std::sync::Arc;

use nagalm::{Embedder, Registry, Scanner, Settings, Work};
use nagalm_embed::{Source, load};

fn model(variable: &str, name: &str) -> Option<Arc<dyn Embedder>> {
    let Some(folder) = std::env::var_os(variable) else {
        eprintln!("SKIPPED: {variable} does not say where the model is (tests/run meaning)");
        return None;
    };
    let source = Source { name: name.into(), folder: Some(PathBuf::from(folder)), runtime: None };
    Some(load(&source).unwrap())
}

fn cosine(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

const LIKE: [[&str; 2]; 2] = [
    ["The cat sat down on the mat and fell asleep.", "On the rug a cat lay down to sleep."],
    ["He sold his house to pay what he owed.", "To settle his debts the man gave up his home for money."],
];

#[test]
fn what_means_the_like_has_like_vectors() {
    for (variable, name) in [("NAGALM_MINILM", "all-minilm-l6-v2"), ("NAGALM_STATIC", "static")] {
        let Some(embedder) = model(variable, name) else { continue };
        let vectors = embedder.embed(&LIKE.concat()).unwrap();
        for vector in &vectors {
            assert_eq!(vector.len(), embedder.model().dimensions);
            assert!((cosine(vector, vector) - 1.0).abs() < 1e-4);
        }
        for (same, other) in [(0, 2), (2, 0)] {
            let like = cosine(&vectors[same], &vectors[same + 1]);
            let unlike = cosine(&vectors[same], &vectors[other + 1]);
            assert!(like > unlike + 0.2, "{name}: {like} and {unlike}");
        }
        // Each by itself is the same as among others.
        for (text, vector) in LIKE.concat().iter().zip(&vectors) {
            assert_eq!(embedder.embed(&[text]).unwrap()[0], *vector);
        }
    }
}

#[test]
fn a_scan_finds_a_verse_in_other_words() {
    let Some(embedder) = model("NAGALM_MINILM", "all-minilm-l6-v2") else { return };
    assert_eq!(embedder.model().dimensions, 384);
    assert!(embedder.model().paraphrases.is_some());
    let texts = [
        "The old fisherman mended his nets by the harbour wall while the gulls cried over the boats.",
        "Snow had covered the mountain road, and the postman turned back before he reached the village.",
        "She kept the letters of her brother in a tin box under the floor of the kitchen.",
        "At the fair the children rode painted horses until the lamps were lit.",
    ];
    let works = texts.iter().zip('a'..).map(|(text, id)| Work {
        work_id: id.into(),
        text: (*text).into(),
        ..Work::default()
    });
    let registry = Registry::from_works(works).unwrap();
    let meaning = registry.embed(embedder.as_ref()).unwrap();
    let scanner = Scanner::by_meaning(registry, Settings::default(), meaning, embedder).unwrap();
    let retold = "The mailman gave up and went home, because deep snow lay on the way up to the hamlet.";
    let report = scanner.scan_text(retold).unwrap();
    assert!(report.matches.is_empty());
    assert_eq!(scanner.neighbours(retold, 1).unwrap()[0].1[0].work_id, "b");
}

#[test]
fn hostile_passages_are_embedded_or_refused() {
    let Some(embedder) = model("NAGALM_MINILM", "all-minilm-l6-v2") else { return };
    for passage in ["", " ", "\u{0}\u{0}", "\u{202e}\u{feff}", &"word ".repeat(10_000), &"ä".repeat(100_000)]
    {
        if let Ok(vectors) = embedder.embed(&[passage]) {
            assert!(vectors[0].iter().all(|number| number.is_finite()));
        }
    }
}
