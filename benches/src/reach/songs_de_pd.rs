//! Songs as LilyPond writes them, syllables split, against the same lyrics in plain words.

use nagalm::Settings;

use super::Bench;
use crate::answer::words;
use crate::lists::List;
use crate::scan::{Registered, names, output, work};
use crate::table::{Table, percent};

const SET: &str = "songs_de_pd";
/// Blocks of fewer words are left out.
const LEAST_WORDS: usize = 10;

pub(super) fn measure(bench: &Bench, table: &mut Table) -> anyhow::Result<()> {
    let folder = bench.data.path(SET)?;
    let mut files: Vec<_> = std::fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "ly"))
        .collect();
    files.sort();
    let (mut works, mut raw, mut split) = (Vec::new(), Vec::new(), Vec::new());
    let (mut without, mut short) = (0, 0);
    for path in &files {
        let source = std::fs::read_to_string(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found = blocks(&source);
        without += usize::from(found.is_empty());
        for (number, block) in found.into_iter().enumerate() {
            let syllables = syllables(block);
            let lyric = join(&syllables);
            if words(&lyric).len() < LEAST_WORDS {
                short += 1;
                continue;
            }
            let id = format!("{name}/{number}");
            raw.push(output(&id, block));
            split.push(output(&id, syllables.join(" ")));
            works.push(work(id, lyric));
        }
    }
    let songs = works.len();
    // Real poems beside the songs, so that chance has something to hit.
    works.extend(bench.data.german_poems()?.into_iter().map(|p| work(p.id, p.text)));
    let registered = Registered::new(works)?;
    let mut missed = List::new("Songs that were not found from their LilyPond text");
    let mut wrong = 0;
    for (what, outputs) in
        [("lyrics, syllables split by ` -- `", split), ("LilyPond source of the lyrics", raw)]
    {
        let scanned = registered.scan(&Settings::default(), &outputs)?;
        wrong += scanned.wrong;
        let mut found = 0;
        for (output, report) in outputs.iter().zip(&scanned.reports) {
            let lyric = registered.text(&output.id).unwrap_or_default();
            // The same song stands in several files.
            let same = |id: &str| registered.text(id).is_some_and(|t| crate::answer::nearly_holds(t, lyric));
            if report.matches.iter().any(|m| names(m, &output.id) || same(&m.work_id)) {
                found += 1;
            } else {
                missed.missed(&output.id, &output.id, what, &[("scanned", &output.text), ("work", lyric)]);
            }
        }
        table.floor(SET, what, "all", percent(found, songs), found == songs);
    }
    table.tell(
        SET,
        "  left out",
        format!(
            "{without} of {} files without lyrics, {short} blocks below {LEAST_WORDS} words",
            files.len()
        ),
    );
    table.answers(SET, 2 * songs, wrong);
    bench.lists.write("songs_de_pd-missed.md", missed.text())
}

/// What stands between the braces of each `\lyricmode { … }` and `\addlyrics { … }`.
fn blocks(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for command in ["\\lyricmode", "\\addlyrics"] {
        for (at, _) in source.match_indices(command) {
            let rest = source[at + command.len()..].trim_start();
            let Some(rest) = rest.strip_prefix('{') else { continue };
            let mut depth = 1;
            let end = rest.char_indices().find(|&(_, symbol)| {
                depth += match symbol {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                depth == 0
            });
            if let Some((end, _)) = end {
                found.push(&rest[..end]);
            }
        }
    }
    found
}

/// The syllables and hyphens of a block in their order, without comments, commands, stanza numbers, durations and
/// extender lines.
fn syllables(block: &str) -> Vec<String> {
    let uncommented: Vec<&str> = block.lines().map(|l| l.split('%').next().unwrap_or(l)).collect();
    let text = uncommented.join("\n").replace(['{', '}'], " ");
    let mut found = Vec::new();
    let mut tokens = text.split_whitespace().peekable();
    while let Some(token) = tokens.next() {
        if token == "\\set" || token == "\\override" || token == "\\once" {
            // `\set stanza = "1. "`, with or without spaces inside the quotation marks and a `#` before them.
            let mut marks = 0;
            while marks < 2 {
                let Some(next) = tokens.next() else { break };
                marks += next.matches('"').count();
                if next.starts_with('#') && marks == 0 {
                    break;
                }
                // `"1. "Es`: a word right behind the quotation.
                if marks >= 2
                    && let Some((_, word)) = next.rsplit_once('"')
                    && !word.is_empty()
                {
                    found.push(word.to_owned());
                }
            }
        } else if token == "--" {
            found.push(token.to_owned());
        } else if !token.starts_with('\\') {
            let word = token.trim_matches(['"', '_', '~']).replace(['_', '~'], " ");
            // `Chri2`, `heit,4*5`: a duration behind the syllable.
            let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '*'));
            let word = if word.ends_with(|c: char| c.is_alphabetic()) || token.len() == word.len() {
                word
            } else {
                // `ren2.`: a dotted duration, not the end of a sentence.
                word.trim_end_matches(|c: char| c.is_ascii_digit())
            };
            if word.chars().any(char::is_alphabetic) {
                found.push(strip_dotted_duration(word).to_owned());
            }
        }
    }
    found
}

/// `lor2.` without its dotted duration; any other word as it is.
fn strip_dotted_duration(word: &str) -> &str {
    match word.strip_suffix('.') {
        Some(head) if head.ends_with(|c: char| c.is_ascii_digit()) => {
            head.trim_end_matches(|c: char| c.is_ascii_digit())
        }
        _ => word,
    }
}

/// The plain lyric: syllables around a `--` joined; so are those with the hyphen at the syllable (`Al- le`), the old
/// way.
fn join(syllables: &[String]) -> String {
    let mut lyric = String::new();
    let mut joined = true;
    for syllable in syllables {
        if syllable == "--" {
            joined = true;
            continue;
        }
        if !joined {
            lyric.push(' ');
        }
        let old = syllable.len() > 1 && syllable.ends_with('-');
        lyric.push_str(if old { &syllable[..syllable.len() - 1] } else { syllable });
        joined = old;
    }
    lyric
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(block: &str) -> String {
        join(&syllables(block))
    }

    #[test]
    fn lyrics_lose_what_is_not_sung() {
        assert_eq!(
            plain("\\set stanza = \"1. \"Es ist ein Ros’ ent -- sprun -- gen"),
            "Es ist ein Ros’ entsprungen"
        );
        assert_eq!(plain("\\set stanza = #\"1. \"\n Al- le Jah- re wie- der"), "Alle Jahre wieder");
        assert_eq!(plain("Chri2 -- sten4 -- heit,4*5 ge4 -- bo2. -- ren,2"), "Christenheit, geboren,");
        assert_eq!(plain("ken -- nen; ___ bum,_ % nicht\n Ende."), "kennen; bum, Ende.");
    }

    #[test]
    fn blocks_end_at_their_own_brace() {
        assert_eq!(blocks("x = \\lyricmode { a { b } c } d"), [" a { b } c "]);
        assert!(blocks("\\lyricsto \"Lied\" { \\text }").is_empty());
    }
}
