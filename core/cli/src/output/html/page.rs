//! The page's markup. `maud` escapes whatever is spliced in.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use nagalm::Report;
use nagalm::report::{Match, MatchKind, Paraphrase, SealedMatch};

use super::caveats::caveats;
use super::summary::{OfWork, Summary};
use crate::output::passages::{Mark, Piece, rows};
use crate::output::plain::{self, Chance, count, percent, thousands};
use crate::output::terminal::text_of;

pub(super) const STYLE: &str = include_str!("style.css");
/// Works that the summary shows at once, and that it shows when asked.
const WORKS_SHOWN: usize = 12;
const WORKS_FOLDED: usize = 500;

/// Everything before the outputs.
pub(super) fn head(summary: &Summary) -> String {
    let markup = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="generator" content=(format!("nagalm {}", nagalm::VERSION));
            // Nothing is loaded and nothing runs, whatever the texts hold.
            meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
            title { (headline(summary)) " – nagalm" }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            p.kicker { "Registered works in model outputs" }
            h1 { (headline(summary)) }
            p.lead { (lead(summary)) }
            @if summary.incomplete > 0 {
                p.alert {
                    strong { "Not complete. " }
                    (count(summary.incomplete, "output was", "outputs were"))
                    " not searched to the end; each says so below."
                }
            }
        }
        (PreEscaped("<main>"))
        @if summary.matches > 0 {
            section.summary aria-label="Summary" {
                (works_table(summary))
                (models_table(summary))
            }
            (how_to_read())
        }
    };
    markup.into_string()
}

fn headline(summary: &Summary) -> String {
    let of = format!("of {}", count(summary.outputs, "output", "outputs"));
    match summary.with_matches {
        0 if summary.outputs == 0 => "No outputs were scanned".to_owned(),
        0 => format!("None {of} repeats a registered work"),
        1 => format!("1 {of} repeats a registered work"),
        n => format!("{} {of} repeat registered works", thousands(n)),
    }
}

fn lead(summary: &Summary) -> String {
    if summary.matches == 0 {
        return "No passage was found that follows a registered work closely enough to be told from chance. \
                That does not show that the works are unknown to the model."
            .to_owned();
    }
    format!(
        "{} from {}, each shown beside the work it follows, with what is the same and what is not.",
        count(summary.matches, "passage", "passages"),
        count(summary.work_count(), "work", "works"),
    )
}

fn works_table(summary: &Summary) -> Markup {
    let works = summary.works();
    let (first, more) = works.split_at(works.len().min(WORKS_SHOWN));
    let (folded, rest) = more.split_at(more.len().min(WORKS_FOLDED));
    html! {
        div.scroll {
            table.figures {
                caption { "By work" }
                thead { tr {
                    th scope="col" { "Work" }
                    th.n scope="col" { "Outputs" }
                    th.n scope="col" { "Passages" }
                    th.n scope="col" { "Most of the work in one output" }
                } }
                tbody { @for (work_id, of_work) in first { (work_row(work_id, of_work)) } }
            }
            @if !folded.is_empty() {
                details {
                    summary { (count(folded.len() as u64, "more work", "more works")) }
                    table.figures { tbody { @for (work_id, of_work) in folded { (work_row(work_id, of_work)) } } }
                }
            }
            @if !rest.is_empty() {
                p.small { (count(rest.len() as u64, "further work is", "further works are")) " not listed here." }
            }
        }
    }
}

fn work_row(work_id: &str, of_work: &OfWork) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if let Some(title) = &of_work.title { bdi { (title) } " " small { bdi { (work_id) } } }
                @else { bdi { (work_id) } }
            }
            td.n { (thousands(of_work.outputs)) }
            td.n { (thousands(of_work.passages)) }
            td.n {
                @if let Some(share) = of_work.largest_share { (bar(share)) }
                a href=(format!("#output-{}", of_work.largest_in.0))
                    title=(format!("in output {}", of_work.largest_in.1)) {
                    // A sealed registry does not say how long a work is.
                    (of_work.largest_share.map_or_else(|| "not known".to_owned(), percent))
                }
            }
        }
    }
}

fn models_table(summary: &Summary) -> Markup {
    let several = summary.models.len() > 1;
    html! {
        div.scroll {
            table.figures {
                caption { "By model" }
                thead { tr {
                    th scope="col" { "Model" }
                    th.n scope="col" { "Outputs" }
                    th.n scope="col" { "With passages" }
                    th.n scope="col" { "Share" }
                } }
                tbody {
                    @for (model, of_model) in &summary.models {
                        @let share = of_model.with_matches as f64 / of_model.outputs.max(1) as f64;
                        tr {
                            th scope="row" { @if model.is_empty() { i { "not stated" } } @else { bdi { (model) } } }
                            td.n { (thousands(of_model.outputs)) }
                            td.n { (thousands(of_model.with_matches)) }
                            td.n { (bar(share)) (percent(share)) }
                        }
                    }
                }
            }
            @if several {
                p.small { "The shares compare models only where all were asked the same." }
            }
        }
    }
}

/// A share as a bar beside its figure.
fn bar(share: f64) -> Markup {
    let width = (share.clamp(0.0, 1.0) * 100.0).round();
    html! { span.bar aria-hidden="true" { span style=(format!("width:{width}%")) {} } }
}

fn how_to_read() -> Markup {
    html! {
        section.legend {
            h2 { "How to read the passages" }
            p {
                span.key { span.e { "the same words" } }
                span.key { span.c { "changed words" } }
                span.key { ins { "only in the output" } }
                span.key { del { "only in the work" } }
            }
            p.small {
                "Case, accents, punctuation and layout do not count as a difference. "
                a href="#caveats" { "What this shows, and what it does not" }
            }
        }
    }
}

/// One output, with its matches.
pub(super) fn output(report: &Report, number: u64) -> Markup {
    let field = |name: &str| report.fields.get(name).filter(|v| !v.is_null()).map(text_of);
    let language = field("language").or_else(|| field("lang"));
    let covered = report.coverage.matched as f64 / report.coverage.total.max(1) as f64;
    html! {
        article id=(format!("output-{number}")) {
            header {
                h2 { span.label { "Output " } bdi { (report.id) } }
                dl {
                    @if let Some(model) = field("model") { div { dt { "Model" } dd { bdi { (model) } } } }
                    @if let Some(created) = field("created") { div { dt { "Created" } dd { bdi { (created) } } } }
                    div { dt { "Share" } dd { (percent(covered)) " of the output stands below" } }
                    @if let Some(prompt) = field("prompt") {
                        div.prompt { dt { "Prompt" } dd dir="auto" { (prompt) } }
                    }
                }
                @if !report.complete { (not_complete(report)) }
            }
            @for found in &report.matches { (passage(report, found, language.as_deref())) }
            @if let Some(sealed) = &report.sealed {
                @for found in &sealed.matches { (through_seal(report, found, "match")) }
                @for found in &sealed.leads { (through_seal(report, found, "lead only")) }
                @if !(sealed.matches.is_empty() && sealed.leads.is_empty()) {
                    p.small { (capitalised(plain::SEALED)) "." }
                }
            }
            @if let Some(meaning) = &report.meaning {
                @for found in &meaning.matches { (by_meaning(found, meaning.compared, language.as_deref())) }
                @if !meaning.matches.is_empty() { p.small { (capitalised(plain::MEANING)) "." } }
            }
            p.print {
                @if let Some(hash) = &report.text_sha256 { "SHA-256 of the output " code { (hash) } " · " }
                "registry " code { (report.registry) }
                " · nagalm " (report.version)
            }
        }
        "\n"
    }
}

fn not_complete(report: &Report) -> Markup {
    html! {
        p.alert {
            strong { "Not complete. " }
            "These parts of the output were not searched (" (plain::unit(report.offset_unit)) "): "
            @for (i, span) in report.not_searched.iter().enumerate() {
                @if i > 0 { ", " }
                (span.start) "–" (span.end)
            }
            "."
        }
    }
}

fn passage(report: &Report, found: &Match, language: Option<&str>) -> Markup {
    let badge = if found.kind == MatchKind::Verbatim { "badge verbatim" } else { "badge near" };
    html! {
        section.match {
            h3 {
                @if let Some(title) = &found.title { bdi { (title) } " " small { bdi { (found.work_id) } } }
                @else { bdi { (found.work_id) } }
                " " span class=(badge) { (plain::kind(found.kind)) }
            }
            p.facts {
                strong { (plain::words(found)) "." }
                @if let Some(more) = plain::more_on_words(found) { " " (capitalised(&more)) "." }
                " " (chance(found.evalue))
                @if let Some(share) = plain::share(report, &found.work_id) { " " (share) "." }
                @if let Some(tricks) = plain::tricks(found) { " " strong { (tricks) "." } }
            }
            (side_by_side(report, found, language))
            p.print {
                (capitalised(plain::unit(report.offset_unit))) " "
                (found.output.start) "–" (found.output.end) " of the output, "
                (found.source.start) "–" (found.source.end) " of the work · "
                (percent(found.identity)) " of the letters equal · " (format!("{:.0}", found.bits)) " bits · E = "
                (format!("{:.1e}", found.evalue))
            }
            @if !found.also_in.is_empty() {
                p.small {
                    "The same passage also stands in "
                    @for (i, work) in found.also_in.iter().enumerate() { @if i > 0 { ", " } bdi { (work) } }
                    "."
                }
            }
        }
    }
}

/// What a sealed registry tells of a work.
fn through_seal(report: &Report, found: &SealedMatch, what: &str) -> Markup {
    html! {
        section.match {
            h3 { bdi { (plain::sealed_name(found)) } " " span class="badge near" { (what) } }
            p.facts { (capitalised(&plain::sealed_words(found))) "." }
            p.print {
                (capitalised(plain::unit(report.offset_unit))) " "
                @for (i, span) in found.passages.iter().enumerate() {
                    @if i > 0 { ", " }
                    (span.start) "–" (span.end)
                }
                " of the output"
            }
        }
    }
}

/// A passage that is close in meaning.
fn by_meaning(found: &Paraphrase, compared: usize, language: Option<&str>) -> Markup {
    html! {
        section.match {
            h3 {
                bdi { (plain::work_name(found.title.as_deref(), &found.work_id)) }
                " " span class="badge near" { "paraphrase" }
            }
            p.facts { (plain::nearness(found, compared)) "." }
            @if let Some(quote) = &found.quote {
                table.texts {
                    thead { tr { th scope="col" { "In the output" } th scope="col" { "In the work" } } }
                    tbody { tr {
                        td dir="auto" lang=[language] { (quote.output) }
                        td dir="auto" lang=[language] { (quote.source) }
                    } }
                }
            }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

fn chance(evalue: f64) -> Markup {
    html! {
        @match plain::chance(evalue) {
            Chance::LessThanOnceInPowerOfTen(power) => {
                "By chance, a match this good would be expected less than once in 10" sup { (power) } " scans."
            }
            _ => { (capitalised(&plain::chance_sentence(evalue))) "." }
        }
    }
}

fn side_by_side(report: &Report, found: &Match, language: Option<&str>) -> Markup {
    let Some(rows) = rows(found, report.offset_unit) else {
        return html! { p.small { "The report does not hold the texts of this passage; its place is given below." } };
    };
    html! {
        table.texts {
            thead { tr { th scope="col" { "In the output" } th scope="col" { "In the work" } } }
            tbody lang=[language] {
                @for row in &rows {
                    tr.gap[row.after_gap] { td dir="auto" { (pieces(&row.output)) } td dir="auto" { (pieces(&row.source)) } }
                }
            }
        }
    }
}

fn pieces(pieces: &[Piece<'_>]) -> Markup {
    html! {
        @for piece in pieces {
            @match piece.mark {
                Mark::Equal => span.e { (piece.text) },
                Mark::Changed => span.c { (piece.text) },
                Mark::Inserted => ins { (piece.text) },
                Mark::Deleted => del { (piece.text) },
                Mark::Between => (piece.text),
            }
        }
    }
}

/// Everything after the outputs.
pub(super) fn foot(summary: &Summary) -> String {
    let rest = summary.outputs - summary.with_matches;
    let markup = html! {
        @if rest > 0 && summary.matches > 0 {
            p.rest { "In " (count(rest, "further output", "further outputs")) " nothing was found." }
        }
        (caveats())
        (PreEscaped("</main>"))
        footer {
            p {
                "nagalm " @for (i, version) in summary.versions.iter().enumerate() { @if i > 0 { ", " } (version) }
                @for registry in &summary.registries { " · registry " code { (registry) } }
            }
        }
        (PreEscaped("</body></html>\n"))
    };
    markup.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn input_cannot_write_markup() {
        let mut evil = fixtures::report();
        let script = "<script>alert(1)</script>\"'&";
        evil.id = script.into();
        evil.registry = script.into();
        evil.fields.insert("model".into(), script.into());
        evil.fields.insert("language".into(), "\"><script>".into());
        let found = &mut evil.matches[0];
        (found.title, found.work_id, found.also_in) =
            (Some(script.into()), script.into(), vec![script.into()]);
        evil.works[0].work_id = script.into();
        let mut summary = Summary::default();
        let number = summary.add(&evil);
        let page = head(&summary) + &output(&evil, number).into_string() + &foot(&summary);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)"));
    }

    #[test]
    fn marks_differ_in_form() {
        let report = fixtures::report();
        let page = output(&report, 1).into_string();
        for part in [
            "<span class=\"e\">Über die Brücke</span> <span class=\"c\">gehen</span>",
            "<ins>heute noch</ins>",
            "<del>laut</del>",
            "less than once in 10<sup>16</sup> scans",
            "61% of the work",
            "T-9",
            "Sing &lt;b&gt;the&lt;/b&gt; song",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
    }

    #[test]
    fn passages_close_in_meaning_stand_side_by_side() {
        let page = output(&fixtures::meaning(), 1).into_string();
        assert!(page.contains("We &lt;walk&gt; across the bridge") && page.contains("paraphrase"), "{page}");
        assert!(page.contains("No evidence of copying") || page.contains("no evidence of copying"), "{page}");
    }

    #[test]
    fn sealed_registries_tell_works_and_places() {
        let mut summary = Summary::default();
        let number = summary.add(&fixtures::sealed());
        let page = head(&summary) + &output(&fixtures::sealed(), number).into_string() + &foot(&summary);
        for part in [
            "1 of 1 output repeats",
            "Die Brücke (T-1)",
            "lead only",
            "10–40, 60–90",
            "not known",
            "holds no text",
        ] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
    }

    #[test]
    fn tricks_are_named() {
        let mut tricky = fixtures::report();
        tricky.matches[0].tricks = vec![nagalm::report::Trick::Base64];
        let page = output(&tricky, 1).into_string();
        assert!(page.contains("<strong>The output writes it with base64.</strong>"), "{page}");
    }

    #[test]
    fn the_headline_counts() {
        let mut summary = Summary::default();
        assert_eq!(headline(&summary), "No outputs were scanned");
        summary.add(&fixtures::empty());
        assert_eq!(headline(&summary), "None of 1 output repeats a registered work");
        summary.add(&fixtures::report());
        assert_eq!(headline(&summary), "1 of 2 outputs repeats a registered work");
    }
}
