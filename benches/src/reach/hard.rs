//! Outputs that come from the same packages as the works: other passages, but of the same subject, the same hand, and with
//! the same conventions. Much of what is reported there is said twice; a reader has to say what is.

use nagalm::report::Match;
use nagalm::{Output, Settings, Work};
use nagalm_corpora::planted::{Planted, Rng, Source, passages};

use super::Bench;
use super::recall::Strength;
use crate::judged::{Judged, key};
use crate::lists::List;
use crate::scan::{Registered, output, work};
use crate::table::{Table, Verdict, percent, share};
use crate::text_source::{Package, packages, split};
use crate::workload::{OUTPUT_SHARE, lyrics};

const SET: &str = "hard";
const OUTPUTS: usize = 1_500;
/// Matches to be read.
const LISTED: usize = 200;
/// The share of these in percent that should be real reuse.
const LEAST_REAL: f64 = 95.0;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let (works, outputs) = same_packages(bench)?;
    let registered = Registered::new(works)?;
    eprintln!("  scanning");
    let scanned = registered.scan(&Settings::default(), &outputs)?;
    let reported = scanned.reports.iter().filter(|report| !report.matches.is_empty()).count();
    let measure = "outputs from the works' own packages, other passages: reported";
    table.tell(SET, measure, percent(reported, outputs.len()));

    // A sample that stays what it is when other matches come and go: those with the smallest keys, which are hashes.
    let mut sample: Vec<(String, &str, &Match)> = scanned
        .reports
        .iter()
        .flat_map(|report| report.matches.iter().map(|found| (report.id.as_str(), found)))
        .map(|(id, found)| (key(found).unwrap_or_default(), id, found))
        .collect();
    sample.sort_by(|(key, id, found), (other_key, other_id, other)| {
        (key, id, found.output.start).cmp(&(other_key, other_id, other.output.start))
    });
    // Whatever was judged counts, in this sample or in an earlier one: the more, the surer.
    let judged = Judged::load(SET)?;
    let answers = sample.iter().filter_map(|(key, ..)| judged.of(key));
    let (real, not): (Vec<bool>, Vec<bool>) = answers.partition(|&real| real);
    let (real, not) = (real.len(), not.len());
    sample.truncate(LISTED);
    let open = sample.iter().filter(|(key, ..)| judged.of(key).is_none()).count();
    sample.sort_by(|(.., one), (.., other)| Strength::of(one).order(&Strength::of(other)));
    let mut list = List::new("Reported in outputs from the works' own packages, the strongest first");
    for (key, id, found) in sample {
        list.matched(id, found);
        list.question(&key, judged.of(&key));
    }
    let asked = format!(">= {LEAST_REAL}%");
    let told = match real + not {
        0 => format!("{open} NOT JUDGED YET"),
        judged => format!("{} of those judged; {open} NOT JUDGED YET", percent(real, judged)),
    };
    let measure = "reports of these that a reader calls real reuse";
    table.decided(SET, measure, &asked, told, verdict(real, not, open));
    table.answers(SET, outputs.len(), scanned.wrong);
    bench.lists.write("hard.md", list.text())
}

/// Ok or not as soon as it cannot change any more, whatever those say that are not judged.
fn verdict(real: usize, not: usize, open: usize) -> Verdict {
    let all = real + not + open;
    if all > 0 && share(real, all) >= LEAST_REAL {
        Verdict::Ok
    } else if all > 0 && share(real + open, all) < LEAST_REAL {
        Verdict::Below
    } else {
        Verdict::Open
    }
}

/// Works as those of the planted workload, and outputs from the same packages that were taken out before works were cut.
fn same_packages(bench: &Bench) -> anyhow::Result<(Vec<Work>, Vec<Output>)> {
    let settings = lyrics(&bench.sources)?.settings();
    let (mut packages, _) = split(packages(&bench.sources.text)?, OUTPUT_SHARE);
    let mut places: Vec<_> = packages
        .iter()
        .enumerate()
        .flat_map(|(n, package)| {
            passages(&package.text, settings.output_characters).map(move |span| (n, span))
        })
        .collect();
    Rng::new(settings.seed).shuffle(&mut places);
    places.truncate(OUTPUTS);
    let outputs = places
        .iter()
        .map(|(n, span)| {
            let Package { name, text } = &packages[*n];
            output(format!("{name}-at-{}", span.start), &text[span.clone()])
        })
        .collect();
    // From behind, so that earlier places stay where they are.
    places.sort_unstable_by_key(|(_, span)| std::cmp::Reverse(span.start));
    for (n, span) in places {
        packages[n].text.replace_range(span, "\n\n");
    }
    let sources: Vec<Source<'_>> = packages.iter().map(Package::source).collect();
    let planted = Planted::build(&sources, &[], &settings);
    Ok((planted.works.iter().map(|w| work(&w.id, w.text)).collect(), outputs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_judged_decides_nothing() {
        assert_eq!(verdict(0, 0, 200), Verdict::Open);
        assert_eq!(verdict(189, 0, 11), Verdict::Open);
        assert_eq!(verdict(190, 0, 10), Verdict::Ok);
        assert_eq!(verdict(100, 10, 90), Verdict::Open);
        assert_eq!(verdict(100, 11, 89), Verdict::Below);
        assert_eq!(verdict(0, 0, 0), Verdict::Open);
    }
}
