//! The attack on sealed registries, as it runs anywhere: a language made for it, which is easier to guess than any that
//! people write, and an attacker who has learned it. `nagalm-bench reach --only leak` runs the same on real prose.

use std::collections::HashSet;

use nagalm::{Output, Profile, Registry, Scanner, SealKey, SealOptions, Settings, Trust, Work};
use nagalm_corpora::planted::Rng;
use nagalm_corpora::walk::{Guesser, Walk, walk};

/// Words of a gram.
const GRAM: usize = 8;
/// Words of each text, and those of them that the attacker knows.
const WORDS: usize = 100;
const KNOWN: usize = 8;
/// Words of the language.
const VOCABULARY: usize = 150;
/// What the documents admit (`core/src/registry/sealed/FORMAT.md`), in words of a hundred.
const ADMITTED: [(Profile, f64); 2] = [(Profile::Public, 2.0), (Profile::Contract, 3.0)];

fn word(number: usize) -> String {
    const ONSETS: [&str; 10] = ["b", "d", "f", "g", "k", "l", "m", "n", "r", "s"];
    const NUCLEI: [&str; 5] = ["a", "e", "i", "o", "u"];
    let syllable = |number: usize| ONSETS[number % 10].to_owned() + NUCLEI[number / 10 % 5] + "x";
    syllable(number % 50) + &syllable(number / 50)
}

/// A text in which only a few words may follow any two, the first of them half of the time: some two bits a word, where prose
/// has eight.
fn text(rng: &mut Rng, words: usize) -> Vec<String> {
    let mut numbers = vec![rng.below(VOCABULARY), rng.below(VOCABULARY)];
    while numbers.len() < words {
        let choice = (0..7).find(|_| rng.chance(0.5)).unwrap_or(7);
        let before = &numbers[numbers.len() - 2..];
        let mixed = Rng::new((before[0] * VOCABULARY + before[1]) as u64 * 8 + choice).next_u64();
        numbers.push((mixed % VOCABULARY as u64) as usize);
    }
    numbers.into_iter().map(word).collect()
}

/// Words of a hundred that were recovered behind those that were known.
fn recovered<C: FnMut(&[&str]) -> bool>(
    model: &Guesser,
    texts: &[Vec<String>],
    window: usize,
    confirms: impl Fn(&[String]) -> C,
) -> f64 {
    let right = |text: &Vec<String>| {
        let known: Vec<&str> = text[..KNOWN].iter().map(String::as_str).collect();
        let how = Walk { gram: GRAM, window, guesses: 5_000, most: WORDS };
        let found = walk(model, &known, how, confirms(text));
        found.iter().zip(&text[KNOWN..]).take_while(|(found, word)| found == word).count()
    };
    let right: usize = texts.iter().map(right).sum();
    100.0 * right as f64 / (texts.len() * (WORDS - KNOWN)) as f64
}

#[test]
fn no_more_is_recovered_than_the_documents_admit() {
    let mut rng = Rng::new(1);
    let learned: Vec<Vec<String>> = (0..400).map(|_| text(&mut rng, 1000)).collect();
    let model = Guesser::train(learned.iter().map(|text| text.iter().map(String::as_str).collect()));
    let texts: Vec<Vec<String>> = (0..30).map(|_| text(&mut rng, WORDS)).collect();

    // Without what protects: every gram, each by itself.
    let all = recovered(&model, &texts, 1, |text| {
        let grams: HashSet<String> = text.windows(GRAM).map(|gram| gram.join(" ")).collect();
        move |gram: &[&str]| grams.contains(&gram.join(" "))
    });

    let works = texts.iter().enumerate().map(|(n, text)| Work {
        work_id: n.to_string(),
        text: text.join(" "),
        ..Work::default()
    });
    let registry = Registry::from_works(works).unwrap();
    let key = SealKey::new([9; 32], "tests").unwrap();
    let through = ADMITTED.map(|(profile, admitted)| {
        let file = registry.seal(&key, &SealOptions::new(profile, "attacker", "1")).unwrap();
        let sealed = Registry::from_sealed(file.bytes, &Trust::default()).unwrap();
        let scanner = Scanner::new(sealed, Settings::default());
        let share = recovered(&model, &texts, profile.window(), |_| {
            |gram: &[&str]| {
                let output = Output { text: gram.join(" "), ..Output::default() };
                scanner.scan(&output).unwrap().sealed.is_some_and(|found| !found.leads.is_empty())
            }
        });
        assert!(share <= admitted, "{profile:?}: {share:.1}% recovered, the documents admit {admitted}%");
        share
    });
    println!(
        "{:.1} bits a word; every gram {all:.1}%, public and contract {through:.1?}%",
        model.bits_per_word()
    );
    // The attack is one: what has no protection falls to it.
    assert!(all > 50.0, "{all:.1}% recovered of what is not protected: the attack proves nothing");
}
