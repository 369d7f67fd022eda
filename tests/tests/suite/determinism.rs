//! The same answer, however the question is put.

use nagalm::report::{OffsetUnit, Report};
use nagalm::{InstructionSet, Registry, Scanner, Settings};
use nagalm_tests::invariants::in_unit;

use crate::worlds::{self, World};

#[test]
fn a_batch_is_its_scans() {
    let world = worlds::samples();
    let scanner = world.scanner();
    // Enough outputs for all cores to have several.
    let outputs: Vec<_> = std::iter::repeat_n(&world.outputs, 4).flatten().cloned().collect();
    let batch = scanner.scan_batch(&outputs);
    assert_eq!(batch.len(), outputs.len());
    for (output, report) in outputs.iter().zip(batch) {
        assert_eq!(
            json(&report.expect("a scan in memory")),
            json(&scanner.scan(output).expect("a scan in memory"))
        );
    }
}

#[test]
fn the_order_of_works_changes_nothing() {
    for mut world in worlds::all() {
        let expected = reports(&world);
        world.works.reverse();
        assert_same(&reports(&world), &expected, &format!("{:?} with its works reversed", world.name));
        let middle = world.works.len() / 2;
        world.works.rotate_left(middle);
        assert_same(&reports(&world), &expected, &format!("{:?} with its works rotated", world.name));
    }
}

#[test]
fn a_work_that_comes_twice_changes_nothing() {
    let mut world = worlds::samples();
    let expected = reports(&world);
    let mut first = world.works[0].clone();
    first.text = "an earlier text, replaced by the later one".into();
    world.works.insert(0, first);
    assert_same(&reports(&world), &expected, "a work that was replaced");
}

#[test]
fn another_scan_in_between_changes_nothing() {
    let world = worlds::samples();
    let scanner = world.scanner();
    let first: Vec<_> =
        world.outputs.iter().map(|o| json(&scanner.scan(o).expect("a scan in memory"))).collect();
    let again: Vec<_> =
        world.outputs.iter().rev().map(|o| json(&scanner.scan(o).expect("a scan in memory"))).collect();
    assert!(first.iter().eq(again.iter().rev()));
}

/// Offsets in code points and UTF-16 units are the bytes' offsets, counted otherwise; nothing else differs.
#[test]
fn the_unit_changes_offsets_only() {
    for world in worlds::all() {
        for unit in [OffsetUnit::CodePoint, OffsetUnit::Utf16] {
            let mut settings = Settings::default();
            settings.offset_unit = unit;
            let scanner = Scanner::new(world.registry(), settings);
            for (output, in_bytes) in world.outputs.iter().zip(parsed(&world)) {
                let found = scanner.scan(output).expect("a scan in memory");
                assert_eq!(
                    found,
                    convert(in_bytes, &output.text, &world, unit),
                    "{:?} in {unit:?}",
                    world.name
                );
            }
        }
    }
}

fn convert(mut report: Report, output: &str, world: &World, unit: OffsetUnit) -> Report {
    report.offset_unit = unit;
    report.coverage.total = in_unit(output, nagalm::report::Span { start: 0, end: output.len() }, unit).end;
    report.not_searched.iter_mut().for_each(|span| *span = in_unit(output, *span, unit));
    for m in &mut report.matches {
        let work =
            world.works.iter().rev().find(|w| w.work_id == m.work_id).expect("a work of this registry");
        m.output = in_unit(output, m.output, unit);
        m.source = in_unit(&work.text, m.source, unit);
        for edit in &mut m.edits {
            edit.output = in_unit(output, edit.output, unit);
            edit.source = in_unit(&work.text, edit.source, unit);
        }
    }
    report.coverage.matched = report.matches.iter().map(|m| m.output.len()).sum();
    report
}

/// Registries are built and outputs scanned with each of the processor's instruction sets: what lies in a registry is
/// folded with them, too.
#[test]
fn the_instruction_set_changes_nothing() {
    /// Other tests of this process may go on with the best again, whatever happens here.
    struct Lift;
    impl Drop for Lift {
        fn drop(&mut self) {
            InstructionSet::Avx512.limit();
        }
    }
    let _lift = Lift;
    let best = InstructionSet::used();
    let worlds = worlds::all();
    let expected: Vec<_> = worlds.iter().map(reports).collect();
    for set in InstructionSet::ALL {
        set.limit();
        assert_eq!(
            InstructionSet::used(),
            set.min(best),
            "the limit holds, and asks for nothing that is not there"
        );
        for (world, expected) in worlds.iter().zip(&expected) {
            assert_same(&reports(world), expected, &format!("{:?} with {set:?}", world.name));
        }
    }
}

#[test]
fn public_types_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Registry>();
    crosses::<Scanner>();
    crosses::<Settings>();
    crosses::<Report>();
    crosses::<nagalm::Output>();
    crosses::<nagalm::Work>();
    crosses::<nagalm::Error>();
}

/// Equal, or a message with the place where they part.
#[track_caller]
fn assert_same(found: &[String], expected: &[String], what: &str) {
    for (found, expected) in found.iter().zip(expected) {
        let same = found.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count();
        let near = |text: &String| text.chars().skip(same.saturating_sub(100)).take(250).collect::<String>();
        assert!(
            found == expected,
            "{what}:\n  found    … {} …\n  expected … {} …",
            near(found),
            near(expected)
        );
    }
}

fn parsed(world: &World) -> Vec<Report> {
    let scanner = world.scanner();
    world.outputs.iter().map(|output| scanner.scan(output).expect("a scan in memory")).collect()
}

fn reports(world: &World) -> Vec<String> {
    parsed(world).iter().map(json).collect()
}

fn json(report: &Report) -> String {
    serde_json::to_string(report).expect("a report is plain data")
}
