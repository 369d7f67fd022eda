//! Lists of phrases that many texts share: text that looks copied everywhere and was copied nowhere.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use nagalm_corpora::planted::Rng;

use crate::text_source::Package;

/// Words of a phrase.
const WORDS: usize = 5;
/// Packages of one language that a phrase stands in, at least, to be nobody's.
const PACKAGES: usize = 3;

/// For each language a text of its common phrases, one a line, in random order, over and over until there are
/// `characters` of them. Holds sixteen bytes for each phrase of the packages.
pub(crate) fn common_phrases(packages: &[Package], characters: usize, rng: &mut Rng) -> Vec<Package> {
    let mut by_language: Vec<(&str, Vec<&Package>)> = Vec::new();
    for package in packages {
        match by_language.iter_mut().find(|(language, _)| *language == package.language()) {
            Some((_, of_language)) => of_language.push(package),
            None => by_language.push((package.language(), vec![package])),
        }
    }
    let mut lists = Vec::new();
    for (language, packages) in by_language {
        let mut phrases = shared(&packages);
        if phrases.is_empty() {
            continue;
        }
        let mut text = String::new();
        while text.len() < characters {
            rng.shuffle(&mut phrases);
            for phrase in &phrases {
                text.push_str(phrase);
                text.push('\n');
            }
        }
        lists.push(Package { name: format!("{language}-phrases"), text });
    }
    lists
}

/// The phrases that stand in several packages, each once, in the order of the alphabet.
fn shared(packages: &[&Package]) -> Vec<String> {
    // In how many packages, and the last of them.
    let mut seen: HashMap<u64, (usize, usize)> = HashMap::new();
    let mut shared = Vec::new();
    for (number, package) in packages.iter().enumerate() {
        each_phrase(&package.text, |phrase| {
            let (count, last) = seen.entry(hash(phrase)).or_insert((0, usize::MAX));
            if *last != number {
                (*count, *last) = (*count + 1, number);
                if *count == PACKAGES {
                    shared.push(phrase.join(" "));
                }
            }
        });
    }
    shared.sort_unstable();
    shared
}

fn each_phrase(text: &str, mut each: impl FnMut(&[&str])) {
    // A full stop or comma ends a phrase, and what is not a plain word is in none.
    for clause in text.split(|c: char| !c.is_alphabetic() && !c.is_whitespace()) {
        let words: Vec<&str> = clause.split_whitespace().collect();
        words.windows(WORDS).for_each(&mut each);
    }
}

fn hash(phrase: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    phrase.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_phrases_of_several_packages_are_listed() {
        let package = |name: &str, text: &str| Package { name: name.into(), text: text.into() };
        let packages = [
            package("en-a", "see the manual for more details, see the manual for more details"),
            package("en-b", "Please see the manual for more about it"),
            package("en-c", "we see the manual for more"),
            package("en-d", "about it and nothing but it, about it and nothing but it"),
            package("de-a", "see the manual for more"),
        ];
        let lists = common_phrases(&packages, 40, &mut Rng::new(1));
        assert_eq!(lists.len(), 1);
        assert_eq!(lists[0].language(), "en");
        assert_eq!(lists[0].text, "see the manual for more\n".repeat(2));
    }
}
