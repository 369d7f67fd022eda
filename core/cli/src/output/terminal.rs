//! Reports as people read them in a terminal: both passages side by side, marked in colour and in form.

use std::io::{self, Write};

use anstyle::{AnsiColor, Color, Style};
use nagalm::Report;
use nagalm::report::{Match, MeaningFindings, OffsetUnit, SealedFindings};
use serde_json::Value;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::passages::{Mark, Piece, Row, rows};
use super::plain;

/// Below this the passages stand one below the other.
const SIDE_BY_SIDE: usize = 80;
/// Longer lines are hard to read.
const WIDEST: usize = 140;
const INDENT: &str = "    ";

/// What the terminal at hand can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) colour: bool,
    /// Columns.
    pub(crate) width: usize,
}

impl Screen {
    /// Standard output as it is: no colour where it is no terminal or `NO_COLOR` is set.
    pub(crate) fn stdout() -> Self {
        let choice = anstream::AutoStream::choice(&io::stdout());
        let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
        Self { colour: choice != anstream::ColorChoice::Never, width: width.clamp(20, WIDEST) }
    }

    fn paint(self, style: Style, text: &str, to: &mut impl Write) -> io::Result<()> {
        if self.colour && !style.is_plain() {
            write!(to, "{style}{text}{style:#}")
        } else {
            to.write_all(text.as_bytes())
        }
    }
}

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

fn style(mark: Mark) -> Style {
    let colour = |colour| Style::new().fg_color(Some(Color::Ansi(colour)));
    match mark {
        Mark::Equal => colour(AnsiColor::Green).underline(),
        Mark::Changed => colour(AnsiColor::Yellow),
        Mark::Inserted => colour(AnsiColor::Cyan),
        Mark::Deleted => colour(AnsiColor::Red),
        Mark::Between => Style::new(),
    }
}

/// What the marks mean.
pub(crate) fn legend(screen: Screen, to: &mut impl Write) -> io::Result<()> {
    screen.paint(style(Mark::Equal), "the same words", to)?;
    for (mark, text) in [
        (Mark::Changed, "[changed words]"),
        (Mark::Inserted, "[+only in the output+]"),
        (Mark::Deleted, "[-only in the work-]"),
    ] {
        to.write_all(b"   ")?;
        screen.paint(style(mark), text, to)?;
    }
    to.write_all(b"\n\n")
}

/// One report: a header, then each match with both passages.
pub(crate) fn report(report: &Report, screen: Screen, to: &mut impl Write) -> io::Result<()> {
    header(report, screen, to)?;
    let leads = report.sealed.as_ref().map_or(0, |sealed| sealed.leads.len());
    if report.match_count() + report.paraphrase_count() + leads == 0 {
        writeln!(to, "{INDENT}nothing found")?;
    }
    if let Some(sealed) = &report.sealed {
        through_seal(sealed, report.offset_unit, screen, to)?;
    }
    for (i, found) in report.matches.iter().enumerate() {
        a_match(i + 1, found, report, screen, to)?;
    }
    if let Some(meaning) = &report.meaning {
        by_meaning(meaning, report, screen, to)?;
    }
    writeln!(to)
}

/// What a sealed registry found.
fn through_seal(
    sealed: &SealedFindings,
    unit: OffsetUnit,
    screen: Screen,
    to: &mut impl Write,
) -> io::Result<()> {
    let all = sealed
        .matches
        .iter()
        .map(|found| (found, "match"))
        .chain(sealed.leads.iter().map(|f| (f, "lead only")));
    for (number, (found, what)) in (1..).zip(all) {
        writeln!(to)?;
        let name = format!("{number}. {}, {what}", plain::sealed_name(found));
        wrapped(&name, BOLD, screen, to)?;
        wrapped(&format!("{}.", plain::sealed_words(found)), Style::new(), screen, to)?;
        let places: Vec<_> =
            found.passages.iter().map(|span| format!("{}–{}", span.start, span.end)).collect();
        wrapped(&format!("{} of the output: {}", plain::unit(unit), places.join(", ")), FAINT, screen, to)?;
    }
    if !(sealed.matches.is_empty() && sealed.leads.is_empty()) {
        wrapped(&format!("({})", plain::SEALED), FAINT, screen, to)?;
    }
    Ok(())
}

/// Passages that are close in meaning, one below the other: there are no words to set side by side.
fn by_meaning(
    meaning: &MeaningFindings,
    report: &Report,
    screen: Screen,
    to: &mut impl Write,
) -> io::Result<()> {
    for (number, found) in (report.matches.len() + 1..).zip(&meaning.matches) {
        writeln!(to)?;
        let name = plain::work_name(found.title.as_deref(), &found.work_id);
        wrapped(&format!("{number}. {name}, paraphrase"), BOLD, screen, to)?;
        wrapped(&format!("{}.", plain::nearness(found, meaning.compared)), Style::new(), screen, to)?;
        if !found.also_in.is_empty() {
            let also = format!("The same passage also stands in: {}.", found.also_in.join(", "));
            wrapped(&also, FAINT, screen, to)?;
        }
        if let Some(quote) = &found.quote {
            wrapped(&format!("output: {}", quote.output), Style::new(), screen, to)?;
            wrapped(&format!("work:   {}", quote.source), Style::new(), screen, to)?;
        }
    }
    if !meaning.matches.is_empty() {
        wrapped(&format!("({})", plain::MEANING), FAINT, screen, to)?;
    }
    Ok(())
}

fn header(report: &Report, screen: Screen, to: &mut impl Write) -> io::Result<()> {
    screen.paint(BOLD, &format!("== {} ", visible(&report.id)), to)?;
    writeln!(to)?;
    let field = |name: &str| report.fields.get(name).map(text_of);
    let about: Vec<_> = ["model", "created"].iter().filter_map(|name| field(name)).collect();
    if !about.is_empty() {
        wrapped(&about.join(", "), FAINT, screen, to)?;
    }
    if let Some(prompt) = field("prompt") {
        let first = prompt.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        wrapped(&format!("prompt: {first}"), FAINT, screen, to)?;
    }
    if !report.complete {
        wrapped("NOT COMPLETE: parts of this output were not searched (see not_searched)", BOLD, screen, to)?;
    }
    Ok(())
}

fn a_match(
    number: usize,
    found: &Match,
    report: &Report,
    screen: Screen,
    to: &mut impl Write,
) -> io::Result<()> {
    writeln!(to)?;
    wrapped(
        &format!(
            "{number}. {}, {}",
            plain::work_name(found.title.as_deref(), &found.work_id),
            plain::kind(found.kind)
        ),
        BOLD,
        screen,
        to,
    )?;
    let mut facts = vec![plain::words(found)];
    facts.extend(plain::more_on_words(found));
    facts.push(plain::chance_sentence(found.evalue));
    facts.extend(plain::share(report, &found.work_id));
    wrapped(&format!("{}.", facts.join("; ")), Style::new(), screen, to)?;
    if let Some(tricks) = plain::tricks(found) {
        wrapped(&format!("{tricks}."), Style::new(), screen, to)?;
    }
    if !found.also_in.is_empty() {
        wrapped(
            &format!("The same passage also stands in: {}.", found.also_in.join(", ")),
            FAINT,
            screen,
            to,
        )?;
    }
    writeln!(to)?;
    match rows(found, report.offset_unit) {
        Some(rows) if screen.width >= SIDE_BY_SIDE => side_by_side(&rows, screen, to),
        Some(rows) => stacked(&rows, screen, to),
        None => without_passages(found, report.offset_unit, screen, to),
    }
}

/// Where the report has no passages, the offsets are all there is to show.
fn without_passages(found: &Match, unit: OffsetUnit, screen: Screen, to: &mut impl Write) -> io::Result<()> {
    let unit = match unit {
        OffsetUnit::Byte => "bytes",
        OffsetUnit::CodePoint => "code points",
        OffsetUnit::Utf16 => "UTF-16 code units",
    };
    let (output, source) = (found.output, found.source);
    let text = format!(
        "(the report does not hold the passages: {unit} {} to {} of the output, {} to {} of the work)",
        output.start, output.end, source.start, source.end
    );
    wrapped(&text, FAINT, screen, to)
}

fn side_by_side(rows: &[Row<'_>], screen: Screen, to: &mut impl Write) -> io::Result<()> {
    let column = (screen.width - INDENT.len() - 3) / 2;
    write!(to, "{INDENT}")?;
    screen.paint(FAINT, &pad("in the output", column), to)?;
    to.write_all(" │ ".as_bytes())?;
    screen.paint(FAINT, "in the work", to)?;
    writeln!(to)?;
    for row in rows {
        if row.after_gap {
            writeln!(to, "{INDENT}{:column$} │", "")?;
        }
        let (left, right) = (wrap(&row.output, column), wrap(&row.source, column));
        for i in 0..left.len().max(right.len()) {
            write!(to, "{INDENT}")?;
            let width = left.get(i).map_or(Ok(0), |line| paint_line(line, screen, to))?;
            write!(to, "{:1$} │ ", "", column - width)?;
            right.get(i).map_or(Ok(0), |line| paint_line(line, screen, to))?;
            writeln!(to)?;
        }
    }
    Ok(())
}

fn stacked(rows: &[Row<'_>], screen: Screen, to: &mut impl Write) -> io::Result<()> {
    let column = screen.width.saturating_sub(INDENT.len() + 7).max(8);
    for row in rows {
        for (label, pieces) in [("output", &row.output), ("work  ", &row.source)] {
            for (i, line) in wrap(pieces, column).iter().enumerate() {
                write!(to, "{INDENT}")?;
                screen.paint(FAINT, if i == 0 { label } else { "      " }, to)?;
                write!(to, " ")?;
                paint_line(line, screen, to)?;
                writeln!(to)?;
            }
        }
        writeln!(to)?;
    }
    Ok(())
}

type Line = Vec<(Mark, char)>;

/// Pieces as lines of at most `column` columns, with the brackets that mark them without colour.
fn wrap(pieces: &[Piece<'_>], column: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line: Line = Vec::new();
    let (mut width, mut blank) = (0, None);
    let mut put = |mark: Mark, c: char| {
        if c == '\n' {
            lines.push(std::mem::take(&mut line));
            (width, blank) = (0, None);
            return;
        }
        let c = visible_char(c);
        let needs = c.width().unwrap_or(0);
        if width + needs > column {
            // Back to the last blank; a word longer than the column is cut.
            let rest = blank.map_or_else(Vec::new, |at: usize| line.split_off(at + 1));
            lines.push(std::mem::replace(&mut line, rest));
            width = line.iter().map(|(_, c)| c.width().unwrap_or(0)).sum();
            blank = None;
        }
        if c == ' ' {
            blank = Some(line.len());
        }
        line.push((mark, c));
        width += needs;
    };
    for piece in pieces {
        let (before, after) = match piece.mark {
            Mark::Changed => ("[", "]"),
            Mark::Inserted => ("[+", "+]"),
            Mark::Deleted => ("[-", "-]"),
            Mark::Equal | Mark::Between => ("", ""),
        };
        for c in before.chars().chain(piece.text.chars()).chain(after.chars()) {
            put(piece.mark, c);
        }
    }
    lines.push(line);
    for line in &mut lines {
        while line.last().is_some_and(|(_, c)| *c == ' ') {
            line.pop();
        }
    }
    lines
}

/// Writes a line and gives its width in columns.
fn paint_line(line: &Line, screen: Screen, to: &mut impl Write) -> io::Result<usize> {
    let mut width = 0;
    for run in line.chunk_by(|a, b| a.0 == b.0) {
        let text: String = run.iter().map(|(_, c)| c).collect();
        width += text.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        screen.paint(style(run[0].0), &text, to)?;
    }
    Ok(width)
}

/// A paragraph of our own words, indented.
fn wrapped(text: &str, style: Style, screen: Screen, to: &mut impl Write) -> io::Result<()> {
    let piece = Piece { mark: Mark::Between, text: &visible(text) };
    for line in wrap(&[piece], screen.width - INDENT.len()) {
        write!(to, "{INDENT}")?;
        screen.paint(style, &line.iter().map(|(_, c)| c).collect::<String>(), to)?;
        writeln!(to)?;
    }
    Ok(())
}

fn pad(text: &str, column: usize) -> String {
    format!("{text}{:1$}", "", column.saturating_sub(text.width()))
}

/// A field's value as text.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Control characters from input must not reach the terminal: they could hide or forge what it shows.
fn visible_char(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '\u{FFFD}',
        // Marks that turn the writing direction would mix the two columns.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c => c,
    }
}

fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { ' ' } else { visible_char(c) }).collect()
}

#[cfg(test)]
mod tests {
    use nagalm::report::Trick;

    use super::*;
    use crate::fixtures;

    fn draw(colour: bool, width: usize) -> String {
        let mut bytes = Vec::new();
        report(&fixtures::report(), Screen { colour, width }, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn both_texts_stand_side_by_side() {
        let text = draw(false, 90);
        assert!(!text.contains('\x1b'));
        let lines: Vec<_> = text.lines().filter(|l| l.contains('│')).map(str::trim).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].starts_with("Über die Brücke [gehen] wir,"), "{text}");
        assert!(lines[1].ends_with("│ Über die Brücke [gehn] wir"), "{text}");
        assert!(lines[2].starts_with("[+heute noch+] im Regen"), "{text}");
        assert!(lines[3].ends_with("und singen [-laut-]"), "{text}");
        // The bar stands in one column.
        let bars: Vec<_> =
            text.lines().filter_map(|l| l.split_once('│')).map(|(left, _)| left.width()).collect();
        assert!(bars.windows(2).all(|w| w[0] == w[1]), "{text}");
        assert!(text.contains("10^16 scans"), "{text}");
        assert!(text.contains("prompt: Sing <b>the</b> song\n"), "{text}");
    }

    #[test]
    fn sealed_registries_tell_works_and_places() {
        let mut bytes = Vec::new();
        report(&fixtures::sealed(), Screen { colour: false, width: 100 }, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for part in [
            "1. Die Brücke (T-1), match",
            "2. work no. 4, lead only",
            "characters of the output: 10–40, 60–90",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(
            text.contains("2 passages of eight words in a row") && text.contains("less than 10^-13 works"),
            "{text}"
        );
    }

    #[test]
    fn passages_close_in_meaning_are_told_apart() {
        let mut bytes = Vec::new();
        report(&fixtures::meaning(), Screen { colour: false, width: 120 }, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for part in
            ["1. Die Brücke (T-1), paraphrase", "Similarity 0.87", "also stands in: T-9", "no evidence of"]
        {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("nothing found"));
    }

    #[test]
    fn narrow_screens_stack_and_no_line_is_too_wide() {
        for width in [20, 40, 79, 80, 120] {
            let text = draw(false, width);
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
            assert_eq!(text.contains('│'), width >= 80);
        }
    }

    #[test]
    fn colour_adds_to_the_form() {
        let (plain, coloured) = (draw(false, 100), draw(true, 100));
        assert!(coloured.contains("\x1b["));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }

    #[test]
    fn tricks_are_named() {
        let mut tricky = fixtures::report();
        tricky.matches[0].tricks = vec![Trick::Homoglyphs, Trick::Rot13];
        let mut bytes = Vec::new();
        report(&tricky, Screen { colour: false, width: 120 }, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let expected =
            "The output writes it with letters of other scripts that look alike, letters moved by thirteen";
        assert!(text.contains(expected), "{text}");
        assert!(!draw(false, 120).contains("writes it with"));
    }

    #[test]
    fn texts_cannot_drive_the_terminal() {
        let mut evil = fixtures::report();
        evil.id = "\x1b[2Jid".into();
        evil.fields.insert("model".into(), "m\x07\u{202E}".into());
        let found = &mut evil.matches[0];
        found.title = Some("\x1b]0;title\x07".into());
        if let Some(quote) = &mut found.quote {
            quote.output = quote.output.replace("die", "d\x1bi");
        }
        let mut bytes = Vec::new();
        report(&evil, Screen { colour: false, width: 100 }, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }
}
