//! Texts on which a scan could take much longer than on others of their length: everything is found all the same, or the
//! report names what was not looked at. Counts what is found, no time: `nagalm-bench reach --only hostile` measures that.

use nagalm::report::OffsetUnit;
use nagalm::{Output, Registry, Report, Scanner, Settings, Work};
use nagalm_tests::invariants::violations;

fn scan(works: Vec<Work>, text: &str, settings: Settings) -> Report {
    let scanner = Scanner::new(Registry::from_works(works.clone()).expect("works that fit"), settings);
    let report = scanner.scan(&Output { text: text.into(), ..Output::default() }).expect("a scan in memory");
    let found = violations(&report, text, &works);
    assert!(found.is_empty(), "{}", found.join("\n"));
    report
}

/// Whatever shares a seed.
fn eager() -> Settings {
    let mut settings = Settings::default();
    settings.max_evalue = f64::INFINITY;
    settings
}

fn work(id: impl ToString, text: String) -> Work {
    Work { work_id: id.to_string(), text, ..Work::default() }
}

/// Word `k` of a text; texts have no word in common.
fn word(text: usize, k: usize) -> String {
    // Two numbers, so that no word looks like its neighbours.
    format!("{}{:x}{:04x}", ["a", "o", "u", "e"][text % 4], text, k * 40_503 % 65_536)
}

fn words(text: usize, range: std::ops::Range<usize>) -> String {
    range.map(|k| word(text, k)).collect::<Vec<_>>().join(" ")
}

#[test]
fn many_short_passages_of_one_long_work() {
    let count = 600;
    let text: Vec<String> = (0..count)
        .map(|k| format!("{} {}", words(0, 48 * k..48 * k + 10), words(1, 20_000 + 38 * k..20_038 + 38 * k)))
        .collect();
    let report = scan(vec![work(0, words(0, 0..48 * count))], &text.join(" "), Settings::default());
    assert!(report.complete, "not searched: {:?}", report.not_searched);
    assert_eq!(report.matches.len(), count);
}

#[test]
fn a_passage_of_each_of_many_works() {
    let count = 1500;
    let works = (0..count).map(|k| work(k, words(k, 0..60))).collect();
    let text: Vec<String> = (0..count).map(|k| words(k, 20..30)).collect();
    let report = scan(works, &text.join(" "), Settings::default());
    assert!(report.complete, "not searched: {:?}", report.not_searched);
    // Tokens of a few words are those of others, so that some passages are not worth enough.
    assert!(report.works.len() * 10 > count * 9, "{} works", report.works.len());
}

#[test]
fn ten_thousand_works_that_are_nearly_the_same() {
    let version = |k: usize| {
        let mut version: Vec<String> = (0..60).map(|at| word(0, at)).collect();
        version[k % 60] = word(1, k);
        version.join(" ")
    };
    let works: Vec<Work> = (0..10_000).map(|k| work(k, version(k))).collect();
    let text: Vec<String> = (0..200).map(|k| version(31 * k)).collect();
    // No word of such a registry is rare, so that by default nothing is reported.
    let report = scan(works, &text.join(" "), eager());
    assert!(report.complete, "not searched: {:?}", report.not_searched);
    // One version or another, but all of it.
    assert!(report.coverage.matched * 100 > report.coverage.total * 97, "{:?}", report.coverage);
}

#[test]
fn works_that_are_nothing_but_a_refrain() {
    let line = words(0, 0..9) + " ";
    let works = (0..50).map(|k| work(k, line.repeat(100 + k))).collect();
    let report = scan(works, &line.repeat(1000), eager());
    assert!(report.complete, "not searched: {:?}", report.not_searched);
    assert!(report.coverage.matched * 100 > report.coverage.total * 97, "{:?}", report.coverage);
}

/// Positions are the same whatever order they are asked for in, and however long the texts are.
#[test]
fn positions_of_long_texts_in_every_unit() {
    let source: Vec<String> =
        (0..4000).map(|k| if k % 3 == 0 { format!("é{}𝄞", word(0, k)) } else { word(0, k) }).collect();
    let text: Vec<String> = (0..90)
        .map(|k| {
            let from = (k * 1931) % 3900;
            format!(
                "{} — 𝄞 {}",
                source[from..from + 20].join(" "),
                words(1, 20_000 + 30 * k..20_030 + 30 * k)
            )
        })
        .collect();
    let (source, text) = (source.join(" "), text.join(" "));
    let of = |unit| {
        let mut settings = Settings::default();
        settings.offset_unit = unit;
        settings.quote = true;
        let registry = Registry::from_works([work(0, source.clone())]).expect("works that fit");
        let output = Output { text: text.clone(), ..Output::default() };
        Scanner::new(registry, settings).scan(&output).expect("a scan in memory")
    };
    let bytes = of(OffsetUnit::Byte);
    assert_eq!(bytes.matches.len(), 90);
    for unit in [OffsetUnit::CodePoint, OffsetUnit::Utf16] {
        let other = of(unit);
        for (in_bytes, in_unit) in bytes.matches.iter().zip(&other.matches) {
            let there = nagalm_tests::invariants::in_unit(&text, in_bytes.output, unit);
            assert_eq!(in_unit.output, there);
            assert_eq!(in_unit.source, nagalm_tests::invariants::in_unit(&source, in_bytes.source, unit));
            for (edit, other) in in_bytes.edits.iter().zip(&in_unit.edits) {
                assert_eq!(other.output, nagalm_tests::invariants::in_unit(&text, edit.output, unit));
                assert_eq!(other.source, nagalm_tests::invariants::in_unit(&source, edit.source, unit));
            }
        }
    }
}
