//! The same registry, outputs of one language each: German and Dutch must not be much slower than English.

use nagalm::{Output, Registry, Scanner, Settings};

use super::scans::matches;
use super::{SET, megabytes};
use crate::clock::best_of;
use crate::table::Table;

/// More than elsewhere: a round is short, since of some languages there are few outputs.
const ROUNDS: usize = 15;
const AGAINST: &str = "en";

pub(super) fn measure(
    table: &mut Table,
    registry: &Registry,
    languages: &[(&str, Vec<&Output>)],
) -> anyhow::Result<()> {
    let scanner = &Scanner::new(registry.clone(), Settings::default());
    let mut jobs: Vec<_> = languages
        .iter()
        .map(|(_, outputs)| move || matches(scanner, outputs.iter().copied()).map(drop))
        .collect();
    let mut jobs: Vec<&mut dyn FnMut() -> anyhow::Result<()>> =
        jobs.iter_mut().map(|job| job as &mut dyn FnMut() -> anyhow::Result<()>).collect();
    let took = best_of(ROUNDS, &mut jobs)?;
    let speed = |wanted: &str| {
        let at = languages.iter().position(|(language, _)| *language == wanted)?;
        let (_, outputs) = &languages[at];
        Some((megabytes(outputs.iter().copied()) / took[at].processor, outputs.len()))
    };
    for language in ["de", "nl"] {
        let measure = format!("outputs in `{language}` alone, against `{AGAINST}`, best of {ROUNDS}");
        match speed(language).zip(speed(AGAINST)) {
            Some(((own, outputs), (english, _))) => {
                let times = own / english;
                let told =
                    format!("{times:.2} times ({own:.1} to {english:.1} MB/s, {outputs} outputs each)");
                table.floor(SET, &measure, ">= 0.8 times", told, times >= 0.8);
            }
            None => table.skip(SET, &format!("{measure}: too few outputs")),
        }
    }
    Ok(())
}
