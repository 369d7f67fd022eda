//! Any text as an output, any texts as works.

use std::sync::LazyLock;

use nagalm::{Output, Registry, Scanner, Settings, Work};

use super::recipe;
use crate::invariants::violations;

/// Bytes that the texts of one input have in all: enough for what goes on from one block to the next, and quick.
const MOST: usize = 4096;

/// Works that are always there: the sample's, and some that only a hostile registry has.
struct World {
    works: Vec<Work>,
    scanners: Vec<Scanner>,
    /// The works' words, each with what stands behind it.
    pool: Vec<&'static str>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let sample: &'static Vec<Work> = Box::leak(Box::new(
        nagalm_corpora::sample::works_jsonl()
            .lines()
            .map(|line| serde_json::from_str(line).expect("the sample's works are works"))
            .collect(),
    ));
    let hostile = [
        "la ".repeat(300),
        "na na na hey ".repeat(40),
        "Weih -- nachts -- baum, o Tan -- nen -- baum, wie grün sind dei -- ne Blät -- ter".to_owned(),
        "春眠不覚暁処処聞啼鳥夜来風雨声花落知多少".to_owned(),
        "e\u{301}\u{301} \u{301}o\u{308}\u{323}u x̵̧̛͚y̷̢̡̛ ".repeat(20),
        "unterdessenhinaufgegangenwordenseiendenfalls".repeat(4),
        "I 1 l | O 0 о ο а ɑ е ҽ с ϲ".to_owned(),
    ];
    let hostile = hostile.into_iter().enumerate().map(|(number, text)| work(number, text));
    let works: Vec<Work> = sample.iter().cloned().chain(hostile).collect();
    let registry = Registry::from_works(works.clone()).expect("works that fit");
    let scanners = settings().map(|settings| Scanner::new(registry.clone(), settings)).into();
    let pool = sample.iter().flat_map(|work| work.text.split_inclusive(char::is_whitespace)).collect();
    World { works, scanners, pool }
});

/// As users have it; whatever shares a seed; the same, only what is equal.
fn settings() -> [Settings; 3] {
    let mut eager = Settings::default();
    eager.max_evalue = f64::INFINITY;
    eager.min_words = 1;
    let mut verbatim = eager.clone();
    verbatim.verbatim_only = true;
    [Settings::default(), eager, verbatim]
}

fn work(number: usize, text: String) -> Work {
    Work { work_id: format!("{number}"), text, ..Work::default() }
}

/// An output against a small registry that stays the same. The first byte chooses the settings.
///
/// # Panics
/// Where something does not hold of the report.
pub fn fold_and_scan(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let world = &*WORLD;
    let scanner = &world.scanners[usize::from(first) % world.scanners.len()];
    for text in recipe::texts(bytes, &world.pool, MOST) {
        check(scanner, &world.works, text);
    }
}

/// The last text is the output, those before it are works, and so is a part of it. The first byte chooses the settings.
///
/// # Panics
/// Where the works are refused for another reason than that one has no words, where something does not hold of the report, and
/// where what only is to be equal is not found equal.
pub fn register(bytes: &[u8]) {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    let mut texts = recipe::texts(bytes, &WORLD.pool, MOST);
    let output = texts.pop().unwrap_or_default();
    let works: Vec<Work> = texts.into_iter().enumerate().map(|(number, text)| work(number, text)).collect();
    let works: Vec<Work> = works
        .into_iter()
        .filter(|work| match Registry::from_works([work.clone()]) {
            Ok(_) => true,
            Err(error) => {
                assert!(error.is_input(), "{error}");
                false
            }
        })
        .collect();
    let registry = Registry::from_works(works.clone()).expect("each was taken by itself");
    let [default, eager, verbatim] = settings();
    let settings = [default, eager, verbatim][usize::from(first) % 3].clone();
    check(&Scanner::new(registry, settings), &works, output);
}

fn check(scanner: &Scanner, works: &[Work], text: String) {
    let output = Output { id: "fuzz".into(), text, ..Output::default() };
    let report = scanner.scan(&output).expect("a scan in memory");
    let found = violations(&report, &output.text, works);
    assert!(found.is_empty(), "{}\nin {:?}\nof {:?}", found.join("\n"), output.text, works);
    // What one scan leaves in its buffers changes nothing of the next.
    let again = scanner.scan(&output).expect("a scan in memory");
    assert!(report == again, "two scans of one text differ: {report:?}\n{again:?}");
}
