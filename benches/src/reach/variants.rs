//! Two printings of one poem: one is registered, the other is scanned, in both directions. And, for the German
//! poems, how often a poem is reported against somebody else's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use nagalm::Settings;
use serde::Deserialize;

use super::Bench;
use crate::data::Poem;
use crate::lists::List;
use crate::scan::{Registered, names, output, work};
use crate::table::{Table, percent, share};

/// Pairs of variants that hold less than this in common are not asked for.
const LEAST_CONTAINMENT: f64 = 0.2;

#[derive(Deserialize)]
struct Pair {
    a: String,
    b: String,
    #[serde(default)]
    containment4: Option<f64>,
    #[serde(default)]
    c3: Option<f64>,
    #[serde(default)]
    author_a: String,
    #[serde(default)]
    author_b: String,
}

impl Pair {
    fn containment(&self) -> f64 {
        self.containment4.or(self.c3).unwrap_or(0.0)
    }
}

pub(super) fn measure_german_poems(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    const SET: &str = "german_poems";
    let poems = bench.data.german_poems()?;
    let pairs: Vec<Pair> = bench.data.json("german_poems/variant_pairs.json")?;
    let (asked, rest): (Vec<_>, Vec<_>) = pairs.iter().partition(|p| p.containment() >= LEAST_CONTAINMENT);
    find_each_other(bench, table, SET, &poems, &asked, Some(97.0), "variants with containment >= 0.2")?;
    find_each_other(bench, table, SET, &poems, &rest, None, "variants with less in common")?;
    report_others(bench, table, SET, &poems, &pairs)
}

pub(super) fn measure_dutch_songs(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    const SET: &str = "dutch_songs";
    let songs = bench.data.dutch_songs()?;
    let pairs: Vec<Pair> = bench.data.json("dutch_songs/variant_pairs.json")?;
    let pairs: Vec<&Pair> = pairs.iter().collect();
    find_each_other(bench, table, SET, &songs, &pairs, Some(90.0), "variants")
}

/// Scans one side of each pair against all poems but itself, the other side among them. A poem that is scanned must
/// not be registered, and its partner must be: the poems are coloured so that partners differ in colour, and each
/// colour is scanned against a registry of all others.
fn find_each_other(
    bench: &Bench,
    table: &mut Table,
    set: &'static str,
    poems: &[Poem],
    pairs: &[&Pair],
    asked_percent: Option<f64>,
    what: &str,
) -> anyhow::Result<()> {
    let by_id: HashMap<&str, &Poem> = poems.iter().map(|p| (p.id.as_str(), p)).collect();
    let mut partners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    // The list holds poems that are said to be variants of themselves.
    for pair in pairs.iter().filter(|p| p.a != p.b) {
        partners.entry(&pair.a).or_default().insert(&pair.b);
        partners.entry(&pair.b).or_default().insert(&pair.a);
    }
    let containment: HashMap<(&str, &str), f64> = pairs
        .iter()
        .flat_map(|p| [((p.a.as_str(), p.b.as_str()), p), ((p.b.as_str(), p.a.as_str()), p)])
        .map(|(key, p)| (key, p.containment()))
        .collect();
    let (mut trials, mut found, mut wrong, mut scanned_poems) = (0, 0, 0, 0);
    let mut either: BTreeSet<(String, String)> = BTreeSet::new();
    let mut missed = List::new(&format!("{set}, {what}: not found one from the other"));
    for queried in colours(&partners) {
        let members: BTreeSet<&str> = queried.iter().copied().collect();
        let works = poems.iter().filter(|p| !members.contains(p.id.as_str()));
        let registered = Registered::new(works.map(|p| work(&p.id, &p.text)).collect())?;
        let outputs: Vec<_> =
            queried.iter().filter_map(|id| by_id.get(id)).map(|p| output(&p.id, &p.text)).collect();
        let scanned = registered.scan(&Settings::default(), &outputs)?;
        wrong += scanned.wrong;
        scanned_poems += outputs.len();
        for (output, report) in outputs.iter().zip(&scanned.reports) {
            for &partner in &partners[output.id.as_str()] {
                trials += 1;
                if report.matches.iter().any(|m| names(m, partner)) {
                    found += 1;
                    let (one, other) = (partner.min(&output.id), partner.max(&output.id));
                    either.insert((one.to_owned(), other.to_owned()));
                } else {
                    let reported: Vec<_> = report.matches.iter().map(|m| m.work_id.as_str()).collect();
                    let why = format!(
                        "containment {:.2}; reported: {}",
                        containment[&(output.id.as_str(), partner)],
                        if reported.is_empty() { "nothing".into() } else { reported.join(", ") },
                    );
                    let text = registered.text(partner).unwrap_or_default();
                    missed.missed(&output.id, partner, &why, &[("scanned", &output.text), ("work", text)]);
                }
            }
        }
    }
    let measure = format!("{what}, one found from the other");
    match asked_percent {
        Some(least) => {
            let asked = format!(">= {least}%");
            table.floor(set, &measure, &asked, percent(found, trials), share(found, trials) >= least);
        }
        None => table.tell(set, &measure, percent(found, trials)),
    }
    table.tell(set, "  found in one direction at least", percent(either.len(), trials / 2));
    table.answers(set, scanned_poems, wrong);
    let kind = if asked_percent.is_some() { "asked" } else { "rest" };
    bench.lists.write(&format!("{set}-missed-{kind}.md"), missed.text())
}

/// Splits the vertices of a graph into groups without an edge inside: each goes to the first group that has none of
/// its partners.
fn colours<'a>(partners: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let mut order: Vec<&str> = partners.keys().copied().collect();
    order.sort_by_key(|id| std::cmp::Reverse(partners[id].len()));
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for id in order {
        let free = groups.iter_mut().find(|g| !g.iter().any(|other| partners[id].contains(other)));
        match free {
            Some(group) => group.push(id),
            None => groups.push(vec![id]),
        }
    }
    groups
}

/// Poems by authors none of whose poems is a marked variant, each against all poems by others.
fn report_others(
    bench: &Bench,
    table: &mut Table,
    set: &'static str,
    poems: &[Poem],
    pairs: &[Pair],
) -> anyhow::Result<()> {
    let marked: BTreeSet<&str> =
        pairs.iter().flat_map(|p| [p.author_a.as_str(), p.author_b.as_str()]).collect();
    let mut by_author: BTreeMap<&str, Vec<&Poem>> = BTreeMap::new();
    for poem in poems.iter().filter(|p| !marked.contains(p.author.as_str())) {
        by_author.entry(&poem.author).or_default().push(poem);
    }
    let title: HashMap<&str, &Poem> = poems.iter().map(|p| (p.id.as_str(), p)).collect();
    let name = |id: &str| {
        title.get(id).map_or(id.to_owned(), |p| {
            format!("{id} {}: {}", p.author, p.title.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    };
    let (mut scanned_poems, mut reported, mut wrong) = (0, 0, 0);
    let mut list = List::new("German poems reported against another author's poem");
    for (author, own) in by_author {
        let works = poems.iter().filter(|p| p.author != author);
        let registered = Registered::new(works.map(|p| work(&p.id, &p.text)).collect())?;
        let outputs: Vec<_> = own.iter().map(|p| output(&p.id, &p.text)).collect();
        let scanned = registered.scan(&Settings::default(), &outputs)?;
        wrong += scanned.wrong;
        scanned_poems += outputs.len();
        for report in &scanned.reports {
            reported += usize::from(!report.matches.is_empty());
            for found in &report.matches {
                let mut found = found.clone();
                found.work_id = name(&found.work_id);
                list.matched(&name(&report.id), &found);
            }
        }
    }
    table.floor(
        set,
        "poems reported against another author's (to be read)",
        "<= 2%",
        percent(reported, scanned_poems),
        share(reported, scanned_poems) <= 2.0,
    );
    table.answers(set, scanned_poems, wrong);
    bench.lists.write("german_poems-other-authors.md", list.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partners_never_share_a_colour() {
        let mut partners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (a, b) in [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")] {
            partners.entry(a).or_default().insert(b);
            partners.entry(b).or_default().insert(a);
        }
        let groups = colours(&partners);
        assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 4);
        for group in groups {
            assert!(group.iter().all(|x| group.iter().all(|y| !partners[x].contains(y))));
        }
    }
}
