//! Registries whose index is mapped: the same answers, and no panic on whatever is in the pages.

use std::fs;

use super::super::super::{Registry, Work};
use super::super::{check, files};
use super::{folder, register, searched, segment_files, work};
use crate::fingerprint::mix;
use crate::report::Report;
use crate::scanner::{Output, Scanner, Settings};

/// Works out of few words, so that they share much; the longest takes some thousand words.
fn works() -> Vec<Work> {
    let word = |seed: u64| format!("w{:x}", mix(seed) % (10 + mix(seed + 1) % 400));
    let text = |n: u64| (0..40 + 60 * (n % 50)).map(|k| word(n << 20 | k)).collect::<Vec<_>>().join(" ");
    (0..100).map(|n| work(&n.to_string(), &text(n))).collect()
}

fn outputs(works: &[Work]) -> Vec<Output> {
    let output = |work: &Work| {
        let text = format!("and then {} was what it said", &work.text[..work.text.len().min(900)]);
        Output { text, ..Output::default() }
    };
    works.iter().step_by(7).map(output).collect()
}

fn reports(registry: Registry, outputs: &[Output]) -> Vec<Option<Report>> {
    let scanner = Scanner::new(registry, Settings::default());
    // A damaged text is an error.
    outputs.iter().map(|output| scanner.scan(output).ok()).collect()
}

#[test]
fn a_mapped_registry_gives_the_same_reports() {
    let home = folder();
    let works = works();
    register(home.path(), works.clone());
    let outputs = outputs(&works);
    let mapped = Registry::options().mapped(true).open(home.path()).unwrap();
    let read = Registry::open(home.path()).unwrap();
    assert_eq!(searched(&mapped), searched(&read));
    assert_eq!(mapped.info(), read.info());
    let expected = reports(read, &outputs);
    assert!(expected.iter().all(|report| report.as_ref().is_some_and(|report| !report.matches.is_empty())));
    assert_eq!(reports(mapped, &outputs), expected);
    assert_eq!(reports(Registry::from_works(works).unwrap(), &outputs).len(), expected.len());
}

#[test]
fn damaged_pages_are_no_panic() {
    let home = folder();
    let works = works();
    register(home.path(), works.clone());
    let outputs = &outputs(&works)[..3];
    let path = files::segments(home.path()).join(&segment_files(home.path())[0]);
    let sound = fs::read(&path).unwrap();
    let (mut opened, mut refused) = (0, 0);
    for round in 0..600 {
        let mut damaged = sound.clone();
        // A stretch of nonsense, of zeros or of ones somewhere; more often where the small sections are.
        let len = 1 << (mix(round) % 13);
        let at = match round % 3 {
            0 => mix(round + 1) as usize % sound.len(),
            1 => sound.len() - 1 - mix(round + 1) as usize % 20_000.min(sound.len()),
            _ => {
                let texts = works.iter().map(|work| work.text.len()).sum::<usize>();
                (texts + mix(round + 1) as usize % 8000).min(sound.len() - 1)
            }
        };
        let end = (at + len).min(sound.len());
        for (k, byte) in damaged[at..end].iter_mut().enumerate() {
            *byte = match round % 4 {
                0 => 0,
                1 => 0xff,
                _ => mix(round << 20 | k as u64) as u8,
            };
        }
        // As another file: what is mapped elsewhere stays.
        fs::remove_file(&path).unwrap();
        fs::write(&path, &damaged).unwrap();
        match Registry::options().mapped(true).open(home.path()) {
            Ok(registry) => {
                opened += 1;
                for view in registry.views() {
                    for slot in 0..view.segment.works() {
                        let _ = (
                            view.segment.text(slot),
                            view.segment.title(slot),
                            view.segment.word_range(slot),
                        );
                    }
                }
                let _ = reports(registry, outputs);
            }
            Err(e) => {
                assert!(e.is_corrupt() || e.is_version(), "{e:?}");
                refused += 1;
            }
        }
        if damaged != sound && at >= 16 {
            let found = check(home.path(), |_, _| ()).unwrap();
            assert!(!found.is_empty(), "round {round}: {len} bytes at {at} of {}", sound.len());
        }
    }
    assert!(opened > 100 && refused > 20, "{opened} opened, {refused} refused");
}
