//! The registries and outputs that several modules use.

use nagalm::{Output, Registry, Scanner, Settings, Work};
use nagalm_tests::cases;
use nagalm_tests::invariants::violations;

/// A registry with the outputs that are scanned against it.
pub(crate) struct World {
    pub(crate) name: String,
    pub(crate) works: Vec<Work>,
    pub(crate) outputs: Vec<Output>,
}

impl World {
    pub(crate) fn registry(&self) -> Registry {
        Registry::from_works(self.works.clone()).expect("works that fit")
    }

    pub(crate) fn scanner(&self) -> Scanner {
        Scanner::new(self.registry(), Settings::default())
    }
}

/// The project's sample works and outputs.
pub(crate) fn samples() -> World {
    World {
        name: "samples".into(),
        works: lines(nagalm_corpora::sample::works_jsonl()),
        outputs: lines(nagalm_corpora::sample::outputs_jsonl()),
    }
}

/// The samples, and a world for each case.
pub(crate) fn all() -> Vec<World> {
    let of_case = |case: cases::Case| World {
        works: case.registered(),
        outputs: vec![case.scanned()],
        name: case.name,
    };
    std::iter::once(samples()).chain(cases::all().into_iter().map(of_case)).collect()
}

fn lines<T: serde::de::DeserializeOwned>(jsonl: &str) -> Vec<T> {
    jsonl.lines().map(|line| serde_json::from_str(line).expect("a sample is JSON")).collect()
}

#[test]
fn every_report_keeps_the_invariants() {
    let mut reports = 0;
    for world in all() {
        let scanner = world.scanner();
        for output in &world.outputs {
            let report = scanner.scan(output).expect("a scan in memory");
            let found = violations(&report, &output.text, &world.works);
            assert!(found.is_empty(), "{:?}, output {:?}:\n{}", world.name, output.id, found.join("\n"));
            reports += usize::from(!report.matches.is_empty());
        }
    }
    assert!(reports > 50, "only {reports} reports with matches: this test tests little");
}
