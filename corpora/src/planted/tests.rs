//! Properties of whole workloads.

use super::*;

const NAMES: [&str; 2] = ["aa", "bb"];

/// Texts of made words that tell which text they come from.
fn text(mark: char, words: usize) -> String {
    (0..words)
        .map(|word| {
            format!("{mark}{}{mark}é{}{}", word * 7 % 101, word, if word % 12 == 11 { ".\n" } else { " " })
        })
        .collect()
}

fn settings() -> Settings {
    Settings { works: 100, outputs: 400, extra_planted: 200, output_characters: 1_500, ..Settings::default() }
}

fn with_workload(check: impl FnOnce(&Planted<'_>)) {
    let texts = [text('r', 20_000), text('s', 20_000), text('x', 60_000), text('y', 60_000)];
    let source = |at: usize, language| Source { name: NAMES[at % 2], language, text: &texts[at] };
    let workload =
        Planted::build(&[source(0, "nl"), source(1, "de")], &[source(2, "nl"), source(3, "de")], &settings());
    check(&workload);
}

#[test]
fn the_workload_has_the_wanted_numbers() {
    with_workload(|workload| {
        assert_eq!(workload.works.len(), 100);
        assert_eq!(workload.outputs.len(), 600);
        let planted =
            |extra| workload.outputs.iter().filter(|o| o.extra == extra && o.plant.is_some()).count();
        assert_eq!(planted(false), 20);
        assert_eq!(planted(true), 200);
        assert!(workload.works.iter().all(|work| (900..=1_000).contains(&work.text.chars().count())));
    });
}

#[test]
fn every_length_and_share_of_edits_is_equally_frequent() {
    with_workload(|workload| {
        let mut counts = HashMap::new();
        for plant in workload.outputs.iter().filter_map(|output| output.plant.as_ref()) {
            *counts.entry((plant.length_class, (plant.edited * 100.0) as u32)).or_insert(0) += 1;
            let length = workload.works[plant.work].text[plant.source.clone()].chars().count();
            let (least, most) = LENGTHS[plant.length_class];
            // Whole words: up to one word (here of at most twelve characters) shorter.
            assert!((least - 13..=most).contains(&length), "{length} in {least} to {most}");
        }
        assert_eq!(counts.len(), LENGTHS.len() * EDITED.len());
        assert!(counts.values().all(|&count| count == 11), "{counts:?}");
    });
}

#[test]
fn spans_are_exact_on_both_sides() {
    with_workload(|workload| {
        let mut unedited = 0;
        for output in &workload.outputs {
            let Some(plant) = &output.plant else {
                assert!(output.text.starts_with(['x', 'y']));
                continue;
            };
            let source = &workload.works[plant.work].text[plant.source.clone()];
            let planted = &output.text[plant.output.clone()];
            assert_eq!(planted.trim(), planted);
            assert_eq!(workload.works[plant.work].language, output.language);
            // Every word around the plant is of the background, whose words have marks of their own.
            let around = [&output.text[..plant.output.start], &output.text[plant.output.end..]];
            assert!(
                around.concat().split_whitespace().all(|word| word.starts_with(['x', 'y'])),
                "{around:?}"
            );
            if plant.edited == 0.0 {
                unedited += 1;
                assert_eq!(source.split_whitespace().count(), planted.split_whitespace().count());
            } else {
                assert!(!planted.is_empty());
            }
        }
        assert_eq!(unedited, 44);
    });
}

#[test]
fn outputs_keep_their_length() {
    with_workload(|workload| {
        for output in &workload.outputs {
            // Edits and disguise may lengthen (decomposition most: every word here has an accent); the last passage of
            // a source may have half the length.
            let length = output.text.chars().count();
            assert!((700..2_200).contains(&length), "{length}");
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_workload() {
    let (one, two) = (text('r', 4_000), text('x', 9_000));
    let build = |seed| {
        let settings = Settings { seed, ..settings() };
        let source = |text| Source { name: "n", language: "nl", text };
        let workload = Planted::build(&[source(one.as_str())], &[source(two.as_str())], &settings);
        format!("{workload:?}")
    };
    assert!(build(1) == build(1));
    assert!(build(1) != build(2));
}

#[test]
fn a_registry_without_works_plants_nothing() {
    let text = text('x', 9_000);
    let source = Source { name: "n", language: "nl", text: &text };
    let workload = Planted::build(&[], &[source], &settings());
    assert!(workload.outputs.iter().all(|output| output.plant.is_none()));
    assert!(Planted::build(&[source], &[], &settings()).outputs.is_empty());
}
