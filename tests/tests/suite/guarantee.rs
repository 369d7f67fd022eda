//! The promise: a run of words that stands unaltered in a work is found, against a matcher too simple to be wrong.
//!
//! A world is made of word numbers, so that the twin compares numbers and knows nothing of folding; only then is each
//! number spelled, in one of several ways that fold to the same word.
//!
//! A million cases, half of each kind of world:
//!
//! ```text
//! NAGALM_CASES=500000 cargo test --release -p nagalm-tests --no-default-features --test suite guarantee
//! ```

use nagalm::report::{EditKind, MatchKind, Span};
use nagalm::{Output, Registry, Report, Scanner, Settings, Work};
use nagalm_tests::invariants::violations;
use nagalm_tests::number_of_cases;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// Words that a match must have, and the shortest run that is promised: of three words in a row one begins a seed of up
/// to six words, so that eight in a row hold a whole one wherever they begin.
const RUN: usize = 8;

/// Words with letters of several scripts; the others are made from syllables.
const SPECIAL: &[&str] = &[
    "grün",
    "straße",
    "über",
    "hinauß",
    "hinaus",
    "zoo",
    "zo",
    "tun",
    "thun",
    "coöperatie",
    "ijsvrij",
    "wêr",
    "l'été",
    "ёлка",
    "ночь",
    "φάρος",
    "βυθός",
    "שלום",
    "قمر",
    "雨",
    "猫",
    "の",
    "を",
    "橋",
    "夜",
    "첫눈",
    "바다",
    "1953",
    "47",
];

fn word(number: usize) -> String {
    if let Some(special) = SPECIAL.get(number) {
        return (*special).to_owned();
    }
    const ONSETS: [&str; 10] = ["b", "d", "fl", "g", "kr", "m", "p", "sch", "t", "w"];
    const REST: [&str; 6] = ["alm", "eren", "ost", "ink", "ulp", "erst"];
    let number = number - SPECIAL.len();
    let first = ONSETS[number % 10].to_owned() + REST[number / 10 % 6];
    // No word may be two others written together: by letters these are equal, and the twin does not know it.
    if number < 60 {
        first
    } else {
        "ge".to_owned() + &first + ONSETS[number / 60 % 10] + REST[number / 600 % 6]
    }
}

/// One number for words whose letters are nearly the same: `hinauß` and `hinaus`, `zoo` and `zo`, `tun` and `thun`.
fn nearly(number: usize) -> usize {
    match number {
        4 | 6 | 8 => number - 1,
        _ => number,
    }
}

fn is_ideographic(word: &str) -> bool {
    word.chars().all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}

/// A text with the place of each of its words.
struct Spelled {
    numbers: Vec<usize>,
    text: String,
    places: Vec<Span>,
}

/// Spells `numbers`; `style` (taken round and round) says how each word is written and what stands before it.
fn spell(numbers: &[usize], style: &[u8]) -> Spelled {
    let mut spelled = Spelled { numbers: numbers.to_vec(), text: String::new(), places: Vec::new() };
    let mut glue = false;
    for (at, &number) in numbers.iter().enumerate() {
        let style = style[at % style.len()];
        let word = word(number);
        let ideographic = is_ideographic(&word);
        if at > 0 && !((ideographic || glue) && style & 4 == 0) {
            spelled
                .text
                .push_str([" ", "\n", ", ", " — ", " «", ". ", "; ", "\u{a0}"][usize::from(style >> 4 & 7)]);
        }
        glue = ideographic;
        let start = spelled.text.len();
        match style & 3 {
            0 => spelled.text.push_str(&word),
            1 => spelled.text.push_str(&word.to_uppercase()),
            2 => spelled.text.extend(word.nfd()),
            _ => spelled.text.push_str(&word.replace('\'', "’")),
        }
        spelled.places.push(Span { start, end: spelled.text.len() });
    }
    spelled
}

/// A run of equal words: where in the output, and in which work.
#[derive(Debug)]
struct Run {
    output: std::ops::Range<usize>,
    work: usize,
}

/// The twin: every longest run of at least `least` equal words, found by comparing everything with everything.
fn naive_runs(output: &[usize], works: &[Vec<usize>], least: usize) -> Vec<Run> {
    let mut runs = Vec::new();
    for (work, words) in works.iter().enumerate() {
        for at in 0..output.len() {
            for from in 0..words.len() {
                let begins = at == 0 || from == 0 || output[at - 1] != words[from - 1];
                let length = output[at..].iter().zip(&words[from..]).take_while(|(a, b)| a == b).count();
                if begins && length >= least {
                    runs.push(Run { output: at..at + length, work });
                }
            }
        }
    }
    runs
}

#[derive(Debug)]
struct World {
    works: Vec<Vec<usize>>,
    output: Vec<usize>,
    style: Vec<u8>,
}

/// Works of `vocabulary` words and an output that holds a run of one of them between other words.
fn world(vocabulary: usize) -> impl Strategy<Value = World> {
    let words = move |length| proptest::collection::vec(0..vocabulary, length);
    let style = proptest::collection::vec(any::<u8>(), 1..40);
    (proptest::collection::vec(words(RUN..60), 1..8), words(0..30), words(0..30), any::<[usize; 3]>(), style)
        .prop_map(|(works, before, after, [work, start, length], style)| {
            let source = &works[work % works.len()];
            let start = start % (source.len() - RUN + 1);
            let length = RUN + length % (source.len() - start - RUN + 1);
            let output = [&before, &source[start..start + length], &after].concat();
            World { works, output, style }
        })
}

fn scan(world: &World) -> (Spelled, Vec<Spelled>, Vec<Work>, Report) {
    let output = spell(&world.output, &world.style);
    // Works are spelled otherwise than the output: their style begins elsewhere.
    let mut style = world.style.clone();
    let spelled: Vec<_> = world
        .works
        .iter()
        .map(|numbers| {
            style.rotate_left(1);
            spell(numbers, &style)
        })
        .collect();
    let works: Vec<_> = spelled
        .iter()
        .enumerate()
        .map(|(i, work)| Work { work_id: i.to_string(), text: work.text.clone(), ..Work::default() })
        .collect();
    let mut settings = Settings::default();
    settings.max_evalue = f64::INFINITY;
    settings.min_words = RUN;
    let scanner = Scanner::new(Registry::from_works(works.clone()).expect("works that fit"), settings);
    let scanned = Output { id: "world".into(), text: output.text.clone(), ..Output::default() };
    let report = scanner.scan(&scanned).expect("a scan in memory");
    (output, spelled, works, report)
}

/// The words of `text` that lie in `span`, which must begin where a word begins and end where one ends.
fn words_in(text: &Spelled, span: Span) -> Option<&[usize]> {
    let first = text.places.iter().position(|place| place.start == span.start)?;
    let last = text.places.iter().position(|place| place.end == span.end)?;
    text.numbers.get(first..=last)
}

/// What a reader needs to see of a failure.
fn describe(output: &Spelled, works: &[Spelled], report: &Report) -> String {
    use std::fmt::Write as _;
    let mut shown = format!("output {:?}", output.text);
    for (id, work) in works.iter().enumerate() {
        let _ = write!(shown, "\nwork {id} {:?}", work.text);
    }
    for m in &report.matches {
        let passage = &output.text[m.output.start..m.output.end];
        let _ = write!(
            shown,
            "\nmatch {} {:?} {:?}, {} bits, also in {:?}",
            m.work_id, m.kind, passage, m.bits, m.also_in
        );
    }
    shown
}

/// `whole`: a run that no other touches is covered by one match that names its work. In a world of few words some
/// longer, altered passage of another work explains the place better, and rightly claims it.
fn check(world: &World, whole: bool) -> Result<(), TestCaseError> {
    let (output, spelled, works, report) = scan(world);
    let shown = describe(&output, &spelled, &report);
    let found = violations(&report, &output.text, &works);
    prop_assert!(found.is_empty(), "{}\n{shown}", found.join("\n"));

    for m in &report.matches {
        let source = &spelled[m.work_id.parse::<usize>().expect("identifiers are numbers")];
        for edit in m.edits.iter().filter(|edit| edit.op == EditKind::Equal) {
            let (left, right) = (words_in(&output, edit.output), words_in(source, edit.source));
            prop_assert!(left.is_some() && left == right, "{edit:?}: {left:?} and {right:?}\n{shown}");
        }
        if m.kind == MatchKind::Verbatim {
            prop_assert!(words_in(&output, m.output) == words_in(source, m.source), "{shown}");
        }
    }

    let runs = naive_runs(&world.output, &world.works, RUN);
    prop_assert!(!runs.is_empty(), "a run was planted");
    // Shorter runs, too, may draw an alignment that claims a place, and runs with words that are nearly the same.
    let alike = |numbers: &Vec<usize>| numbers.iter().map(|&number| nearly(number)).collect::<Vec<_>>();
    let works_alike: Vec<Vec<usize>> = world.works.iter().map(alike).collect();
    let rivals = naive_runs(&alike(&world.output), &works_alike, 3);
    for run in &runs {
        let place =
            Span { start: output.places[run.output.start].start, end: output.places[run.output.end - 1].end };
        let touching: Vec<_> = report
            .matches
            .iter()
            .filter(|m| m.output.start < place.end && place.start < m.output.end)
            .collect();
        prop_assert!(!touching.is_empty(), "missed: {place:?}\n{shown}");
        // Where no other run touches it (works that hold the same run aside), the run is found whole and its work is
        // named. A run within it, of a work that repeats itself, may weigh more or as much: then that one has the place.
        let overlaps =
            |rival: &&Run| rival.output.start < run.output.end && run.output.start < rival.output.end;
        if whole && rivals.iter().filter(overlaps).all(|rival| rival.output == run.output) {
            let id = run.work.to_string();
            let found = touching.iter().any(|m| {
                m.output.start <= place.start
                    && place.end <= m.output.end
                    && (m.work_id == id || m.also_in.contains(&id))
            });
            prop_assert!(found, "not whole: {place:?} of work {id}\n{shown}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: number_of_cases(400), failure_persistence: None, ..ProptestConfig::default() })]

    /// Few words, so that everything repeats and overlaps.
    #[test]
    fn small_worlds(world in world(12)) { check(&world, false)?; }

    /// Words enough for a run to be one by design and not by chance.
    #[test]
    fn wide_worlds(world in world(500)) { check(&world, true)?; }
}

/// The vocabulary's words are different words: numbers that fold alike would make the twin wrong.
#[test]
fn the_vocabulary_is_one() {
    let mut words: Vec<_> = (0..500).map(word).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), 500);
}

/// Worlds that were once missed.
#[test]
fn worlds_that_were_missed_are_not() {
    let worlds = [
        World {
            works: vec![
                vec![0, 0, 0, 0, 0, 0, 0, 0],
                vec![0, 0, 0, 0, 0, 0, 0, 0],
                vec![0, 0, 0, 0, 0, 0, 0, 0],
                vec![5, 7, 10, 7, 3, 5, 7, 3, 5, 5, 3, 6, 10, 9, 5, 10, 0, 3, 7, 0, 0, 0, 0],
                vec![0, 0, 0, 0, 0, 0, 0, 0],
                vec![0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 9, 0, 9, 0, 3, 5, 0, 7, 10, 4, 5, 7, 5, 0, 0],
                vec![3, 0, 3, 3, 3, 3, 3, 3, 9],
            ],
            output: vec![7, 3, 5, 3, 5, 5, 3, 0, 0, 7, 5, 9, 6, 6, 7, 10, 4, 5, 7, 5, 0, 0],
            style: vec![0],
        },
        World {
            works: vec![
                vec![89, 156, 89, 313, 211, 259, 137, 313, 89],
                vec![
                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                    0, 0, 0, 0, 0, 0, 0, 0, 89, 156, 279, 17, 0, 1, 31, 0, 0, 7, 0, 0,
                ],
            ],
            output: vec![
                0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0,
                0, 0, 100, 313, 89, 0, 0, 0, 311,
            ],
            style: vec![0],
        },
        // Here it is a rival that has one word of the run.
        World {
            works: vec![
                vec![0; 8],
                vec![
                    0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 1, 0, 0, 140, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 4, 0, 0,
                    4, 0, 0, 4, 0, 0, 4, 0, 0, 4, 0, 1, 139, 3, 128, 0, 1,
                ],
                vec![0, 0, 4, 0, 0, 4, 0, 0],
                vec![0, 0, 4, 0, 0, 4, 0, 0],
            ],
            output: vec![139, 4, 128, 0, 0, 1, 0, 0, 140, 0],
            style: vec![0],
        },
        World {
            works: vec![
                vec![0; 8],
                vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 89, 25, 104, 15, 55, 92, 443, 2, 489],
                vec![0; 8],
                vec![0; 8],
                vec![89, 89, 143, 89, 133, 25, 326, 259],
                vec![0; 8],
                vec![89, 25, 203, 79, 149, 119, 156, 0],
            ],
            output: vec![89, 89, 139, 141, 89, 89, 143, 89, 133, 25, 326, 259, 35, 28, 178, 89, 156],
            style: vec![0],
        },
        World {
            works: vec![
                vec![3, 9, 3, 3, 7, 3, 3, 3],
                vec![
                    0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 2, 0, 5, 7, 2, 0, 3, 9, 0, 7, 3,
                    9, 7, 3, 3, 3, 0, 2, 0, 9, 0, 0, 0, 0, 7, 3, 5, 7, 7, 4, 9, 0,
                ],
                vec![
                    2, 2, 2, 2, 0, 2, 2, 2, 2, 0, 3, 5, 7, 9, 2, 0, 9, 3, 3, 9, 3, 2, 3, 3, 2, 9, 0, 2, 3, 2,
                    2, 3, 9, 2, 7, 7, 9, 9, 3, 3, 3, 5, 7,
                ],
                vec![2, 2, 0, 0, 2, 9, 2, 2, 2, 2, 9, 9, 3, 9, 3, 2, 7, 3, 5, 3],
                vec![
                    0, 0, 0, 0, 0, 0, 1, 3, 5, 0, 0, 2, 5, 8, 3, 7, 5, 0, 0, 3, 5, 3, 6, 8, 8, 3, 9, 9, 2, 2,
                    2, 8, 1, 2, 3, 3, 0, 5, 7,
                ],
                vec![
                    1, 0, 2, 1, 0, 5, 7, 3, 2, 3, 9, 3, 7, 3, 7, 9, 2, 2, 2, 2, 7, 2, 2, 0, 2, 2, 3, 5, 0, 3,
                    3, 3, 3, 2,
                ],
            ],
            output: vec![7, 7, 3, 5, 7, 7, 4, 9, 0, 9, 2, 0, 0, 0, 2, 3],
            style: vec![0],
        },
    ];
    for (world, whole) in worlds.iter().zip([false, true, true, true, false]) {
        check(world, whole).expect("nothing is missed");
    }
}
