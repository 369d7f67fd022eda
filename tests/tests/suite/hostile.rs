//! Texts that were made to break programs: no panic, no cut character, no silence.

use nagalm::{Output, Registry, Scanner, Settings, Work};
use nagalm_tests::invariants::violations;
use nagalm_tests::shared_data;
use proptest::prelude::*;

/// Finds as much as it can: every passage that some seed proposes is aligned and reported.
fn eager() -> Settings {
    let mut settings = Settings::default();
    settings.max_evalue = f64::INFINITY;
    settings.min_words = 1;
    settings
}

fn registry_of(texts: &[String]) -> (Vec<Work>, Scanner) {
    registry_with(texts, eager())
}

fn registry_with(texts: &[String], settings: Settings) -> (Vec<Work>, Scanner) {
    let works: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| Work { work_id: format!("{i}"), text: text.clone(), ..Work::default() })
        .map(with_a_word)
        .collect();
    let registry = Registry::from_works(works.clone()).expect("works that fit");
    (works, Scanner::new(registry, settings))
}

/// A work without any word is refused; this one gets a word behind what it has.
fn with_a_word(mut work: Work) -> Work {
    if !work.text.contains(|c: char| c.is_ascii_alphanumeric())
        && Registry::from_works([work.clone()]).is_err_and(|e| e.is_input())
    {
        work.text.push_str(" word");
    }
    work
}

#[track_caller]
fn assert_sound(scanner: &Scanner, works: &[Work], text: &str) {
    let output = Output { id: "hostile".into(), text: text.to_owned(), ..Output::default() };
    let report = scanner.scan(&output).expect("a scan in memory");
    let found = violations(&report, text, works);
    assert!(found.is_empty(), "{}\nin {text:?}", found.join("\n"));
}

/// `text` up to each of its characters.
fn prefixes(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(at, _)| &text[..at]).chain([text])
}

/// What our own imagination holds; the files of others know more.
fn weird() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "\0\0 a \0 b",
        "\u{feff}\u{200b}\u{200d}\u{2060}",
        "e\u{301}\u{301}\u{301}\u{301} \u{301} \u{301}\u{301}e",
        "ﷺ ﷽ ﷺ ﷽ ﷺ ﷽ ﷺ ﷽",
        "ΐ ΰ ﬃ ﬀ ŉ ǰ ẖ ẗ ẘ ẙ ẚ ß ẞ ſ İ ı K Å Ω",
        "🏳️‍🌈👨‍👩‍👧‍👦🇳🇱🇩🇪👍🏽 👨‍👩‍👧‍👦 🇳🇱",
        "\u{1d400}\u{1d401} \u{10ffff} \u{e000} \u{fffd}\u{fffe} \u{f0000}",
        "가각갂 \u{1100}\u{1161}\u{11a8} \u{1100}\u{1100} ㄱㅏ",
        "\u{202e}txet desrever\u{202c} \u{2066}isolated\u{2069}",
        "x̵̧̛͚̱̩̲̟̜̂̀͛͗ y̷̢̡̛̻̞̱͙͉͋̑̆",
        "<script>alert(1)</script> \\u0000 %00 ${jndi} ' OR 1=1; --",
        "１２３ ⅷ ½ ² ₂ ① ㊀ ㍿ ㌀ ㎏",
        "ｶﾞｷﾞｸﾞ ガギグ か\u{3099}き\u{3099}",
        "a-b--c---d - -- --- a\u{ad}b a\u{2010}b a\u{2011}b",
        "''' ’’’ `` ´´ ʼʼ 's ’t 'n' rock'n'roll",
    ]
    .map(str::to_owned)
    .into();
    texts.push("a".repeat(70_000));
    texts.push("\u{301}".repeat(5_000));
    texts.push(format!("e{}", "\u{323}\u{301}".repeat(2_000)));
    texts.push("ab ".repeat(3_000));
    texts
}

#[test]
fn weird_texts_and_their_prefixes() {
    let texts = weird();
    let (works, scanner) = registry_of(&texts);
    for text in &texts {
        assert_sound(&scanner, &works, text);
        assert_sound(&scanner, &works, &format!("before {text} after"));
        for prefix in prefixes(text).take(200) {
            assert_sound(&scanner, &works, prefix);
        }
    }
}

#[test]
fn every_character_there_is() {
    // All assigned planes, and the borders of the empty ones.
    let is_far =
        |c: char| ('\u{33000}'..='\u{10f000}').contains(&c) && !('\u{e0000}'..='\u{e0fff}').contains(&c);
    let characters: Vec<char> = ('\0'..=char::MAX).filter(|&c| !is_far(c)).collect();
    for chunk in characters.chunks(997) {
        // As they come, as words of three, and as marks on a letter.
        let glued: String = chunk.iter().collect();
        let words: String = chunk.chunks(3).flat_map(|word| word.iter().chain([&' '])).collect();
        let marks: String = chunk.iter().flat_map(|&c| ['a', c]).collect();
        let texts = [glued, words, marks];
        let (works, scanner) = registry_of(&texts);
        texts.iter().for_each(|text| assert_sound(&scanner, &works, text));
    }
}

/// A text that repeats itself, against works that do: quadratic ways to look at this do not end in a lifetime.
#[test]
fn a_stuck_model() {
    let works = ["la ".repeat(20_000), "la di da ".repeat(5_000), "na na na hey ".repeat(5_000)];
    let (works, scanner) = registry_with(&works, Settings::default());
    for line in ["la ", "la di da ", "na na na hey ", "hey la di na "] {
        let text = line.repeat(500_000 / line.len());
        assert_sound(&scanner, &works, &text);
    }
}

#[test]
fn naughty_strings() {
    let Some(folder) = shared_data("hostile") else { return };
    let json = std::fs::read_to_string(folder.join("blns.json")).expect("the file is there");
    let texts: Vec<String> = serde_json::from_str(&json).expect("a list of strings");
    let (works, scanner) = registry_of(&texts);
    for text in &texts {
        for prefix in prefixes(text) {
            assert_sound(&scanner, &works, prefix);
        }
    }
    assert_sound(&scanner, &works, &texts.join(" "));
    assert_sound(&scanner, &works, &texts.concat());
}

#[test]
fn confusable_characters() {
    let Some(folder) = shared_data("hostile") else { return };
    let json = std::fs::read_to_string(folder.join("confusables.json")).expect("the file is there");
    let table: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).expect("an object");
    let confusable: Vec<(&str, &str)> = table
        .iter()
        .flat_map(|(key, list)| list.as_array().into_iter().flatten().map(move |entry| (key, entry)))
        .filter_map(|(key, entry)| Some((key.as_str(), entry["c"].as_str()?)))
        .collect();
    assert!(confusable.len() > 5_000, "the table has another form: {} pairs", confusable.len());
    // Words of five characters, and the same words with each character confused.
    let texts: Vec<String> =
        confusable.chunks(400).map(|part| words_of(part.iter().map(|pair| pair.0))).collect();
    let (works, scanner) = registry_of(&texts);
    for (part, text) in confusable.chunks(400).zip(&texts) {
        assert_sound(&scanner, &works, text);
        assert_sound(&scanner, &works, &words_of(part.iter().map(|pair| pair.1)));
    }
}

fn words_of<'a>(characters: impl Iterator<Item = &'a str>) -> String {
    characters.enumerate().fold(String::new(), |text, (i, c)| text + c + if i % 5 == 4 { " " } else { "" })
}

#[test]
fn broken_utf_8_read_with_replacements() {
    let Some(folder) = shared_data("hostile") else { return };
    let bytes = std::fs::read(folder.join("utf8tests.txt")).expect("the file is there");
    let texts: Vec<String> =
        bytes.split(|&b| b == b'\n').map(|line| String::from_utf8_lossy(line).into()).collect();
    let (works, scanner) = registry_of(&texts);
    for text in &texts {
        prefixes(text).for_each(|prefix| assert_sound(&scanner, &works, prefix));
    }
    assert_sound(&scanner, &works, &String::from_utf8_lossy(&bytes));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text as a work, and an output that holds a part of it.
    #[test]
    fn any_text(
        work in proptest::collection::vec(any::<char>(), 0..200),
        other in proptest::collection::vec(any::<char>(), 0..50),
        cut in (0_usize..200, 0_usize..200),
    ) {
        let part: String = work.iter().skip(cut.0).take(cut.1).collect();
        let other: String = other.into_iter().collect();
        let texts = [work.iter().collect::<String>(), other.clone()];
        let (works, scanner) = registry_of(&texts);
        for text in [part.clone(), format!("{part}{other}"), format!("{other} {part} {other}")] {
            let output = Output { id: "any".into(), text: text.clone(), ..Output::default() };
            let found = violations(&scanner.scan(&output).expect("a scan in memory"), &text, &works);
            prop_assert!(found.is_empty(), "{}\nin {text:?}", found.join("\n"));
        }
    }
}
