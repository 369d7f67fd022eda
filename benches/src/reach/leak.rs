//! What sealed registries give away: the walk of `nagalm_corpora::walk`, through both profiles and through hashes of every
//! gram, over real prose. The attacker's language model is made from other packages than the works.

use anyhow::Context as _;
use nagalm::{Output, Profile, Registry, Scanner, SealKey, SealOptions, Settings, Trust};
use nagalm_corpora::walk::{Guesser, Walk, walk};
use rayon::prelude::*;

use super::Bench;
use crate::table::Table;
use crate::workload::Workload;

const SET: &str = "leak";
/// Works that are walked through, and words of each.
const WALKED: usize = 60;
const MOST: usize = 120;
/// Those of them that are walked through by a model that knows them: it gets far, and takes long.
const BY_HEART: usize = 30;
/// Works in the registry.
const WORKS: usize = 20_000;
/// Guesses from one confirmed word to the next.
const GUESSES: usize = 200_000;
/// Words that the attacker knows of each text: its beginning.
const KNOWN: usize = 8;
/// Words of a gram.
const GRAM: usize = 8;
/// What the documents admit: the most words of a hundred that are recovered.
const ADMITTED: [(Profile, f64); 2] = [(Profile::Public, 2.0), (Profile::Contract, 3.0)];

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let workload = Workload::load(&bench.sources)?;
    let english = |language: &str| language == "en";
    let works: Vec<_> = workload
        .works
        .iter()
        .zip(&workload.languages)
        .filter(|(_, language)| english(language))
        .map(|(work, _)| work.clone())
        .take(WORKS)
        .collect();
    let unrelated =
        workload.outputs[..workload.base].iter().zip(&workload.output_languages).zip(&workload.plants);
    let unrelated: Vec<&Output> = unrelated
        .filter(|((_, language), plant)| english(language) && plant.is_none())
        .map(|((output, _), _)| output)
        .collect();
    let words = unrelated.iter().map(|output| plain(&output.text)).collect::<Vec<_>>();
    let model = Guesser::train(words.iter().map(|words| words.iter().map(String::as_str).collect()));
    table.tell(SET, "guesses by a trigram model of other packages", {
        let count: usize = words.iter().map(Vec::len).sum();
        format!("{:.1} bits a word, from {count} words; {GUESSES} guesses a step", model.bits_per_word())
    });
    let step = works.len() / WALKED;
    let texts: Vec<Vec<String>> = works.iter().step_by(step.max(1)).map(|work| plain(&work.text)).collect();
    let texts: Vec<&[String]> = texts
        .iter()
        .filter(|text| text.len() > 2 * KNOWN)
        .map(|text| &text[..text.len().min(MOST)])
        .collect();

    eprintln!("  walking through hashes of every gram");
    let share = recovered(&model, &texts, 1, |text| {
        let grams: std::collections::HashSet<String> =
            text.windows(GRAM).map(|gram| gram.join(" ")).collect();
        move |gram: &[&str]| grams.contains(&gram.join(" "))
    });
    table.tell(SET, "words recovered where every gram is stored", percent(&share));

    let registry = Registry::from_works(works.clone()).context("making the registry")?;
    let key = SealKey::new([42; 32], "nagalm-bench")?;
    // A model that has the texts by heart is the strongest attacker that there can be: it needs the file only to know which
    // of the texts that it has are registered.
    let known: Vec<Vec<String>> = works.iter().map(|work| plain(&work.text)).collect();
    let by_heart =
        Guesser::train(known.iter().chain(&words).map(|words| words.iter().map(String::as_str).collect()));
    for (profile, admitted) in ADMITTED {
        eprintln!("  walking through the profile {profile:?}");
        let sealed = registry.seal(&key, &SealOptions::new(profile, "attacker", "1"))?;
        let sealed = Registry::from_sealed(sealed.bytes, &Trust::default())?;
        let scanner = Scanner::new(sealed, Settings::default());
        let confirms = |_: &[String]| {
            let mut output = Output::default();
            let scanner = scanner.clone();
            move |gram: &[&str]| {
                output.text.clear();
                gram.iter().for_each(|word| output.text.extend([*word, " "]));
                let report = scanner.scan(&output);
                report.is_ok_and(|report| report.sealed.is_some_and(|found| !found.leads.is_empty()))
            }
        };
        let share = recovered(&model, &texts, profile.window(), confirms);
        let measure = format!("words recovered, profile {profile:?}");
        table.floor(SET, &measure, &format!("<= {admitted}%"), percent(&share), share.mean <= admitted);
        let some = &texts[..texts.len().min(BY_HEART)];
        let share = recovered(&by_heart, some, profile.window(), confirms);
        let measure = format!("words recovered, profile {profile:?}, by a model that has all works by heart");
        table.tell(SET, &measure, percent(&share));
    }
    Ok(())
}

/// Words of a hundred that the attacker did not know and has in the end, over all texts; and of the text that gave away most.
struct Share {
    mean: f64,
    most: f64,
}

fn percent(share: &Share) -> String {
    format!("{:.1}%, of one text at most {:.0}%", share.mean, share.most)
}

fn recovered<C: FnMut(&[&str]) -> bool>(
    model: &Guesser,
    texts: &[&[String]],
    window: usize,
    confirms: impl Fn(&[String]) -> C + Sync,
) -> Share {
    let of = |text: &&[String]| -> (usize, usize) {
        let known: Vec<&str> = text[..KNOWN].iter().map(String::as_str).collect();
        let how = Walk { gram: GRAM, window, guesses: GUESSES, most: text.len() };
        let found = walk(model, &known, how, confirms(text));
        let right = found.iter().zip(&text[KNOWN..]).take_while(|(found, word)| found == word).count();
        (right, text.len() - KNOWN)
    };
    let of_texts: Vec<(usize, usize)> = texts.par_iter().map(of).collect();
    let (right, all) = of_texts.iter().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
    let share = |right: usize, all: usize| 100.0 * right as f64 / all.max(1) as f64;
    let most = of_texts.iter().map(|&(right, all)| share(right, all)).fold(0.0, f64::max);
    Share { mean: share(right, all), most }
}

/// The words of a text without case and punctuation.
fn plain(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
    let bare = |word: &str| word.replace(['\'', '’'], "").to_lowercase();
    words.map(bare).filter(|word| !word.is_empty()).collect()
}
