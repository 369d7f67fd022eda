//! Lists for reading: what was reported, what was missed, both passages one above the other.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use nagalm::report::Match;

use crate::judged::question;

/// A folder for lists, or none: then nothing is written.
pub(crate) struct Lists(pub(crate) Option<PathBuf>);

impl Lists {
    /// Writes a list under `name`.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let Some(folder) = &self.0 else { return Ok(()) };
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        eprintln!("  wrote {}", path.display());
        Ok(())
    }
}

/// A Markdown list that grows entry by entry.
pub(crate) struct List {
    text: String,
    entries: usize,
}

impl List {
    /// An empty list under a heading.
    pub(crate) fn new(heading: &str) -> Self {
        Self { text: format!("# {heading}\n"), entries: 0 }
    }

    /// One reported match, with both passages.
    pub(crate) fn matched(&mut self, output_id: &str, found: &Match) {
        self.entries += 1;
        let _ = writeln!(
            self.text,
            "\n## {}. `{output_id}` from `{}`\n\n{:.1} bits, E {:.2e}, {} equal words of {} and {}, longest run {}, \
             identity {:.2}{}",
            self.entries,
            found.work_id,
            found.bits,
            found.evalue,
            found.words.matched,
            found.words.output,
            found.words.source,
            found.longest_run_words,
            found.identity,
            if found.also_in.is_empty() {
                String::new()
            } else {
                format!(", also in {}", found.also_in.join(", "))
            },
        );
        if let Some(quote) = &found.quote {
            self.quote("output", &quote.output);
            self.quote("work", &quote.source);
        }
    }

    /// Under the last match, the line in which a reader says whether it is real reuse.
    pub(crate) fn question(&mut self, key: &str, judged: Option<bool>) {
        let _ = writeln!(self.text, "\n{}", question(key, judged));
    }

    /// One thing that should have been reported, with the passages it concerns and why it counts as missed.
    pub(crate) fn missed(&mut self, output_id: &str, work_id: &str, why: &str, passages: &[(&str, &str)]) {
        self.entries += 1;
        let _ = writeln!(self.text, "\n## {}. `{output_id}` from `{work_id}`: {why}", self.entries);
        for (name, passage) in passages {
            self.quote(name, passage);
        }
    }

    /// How many entries it has.
    pub(crate) fn len(&self) -> usize {
        self.entries
    }

    /// The list as Markdown.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn quote(&mut self, name: &str, passage: &str) {
        let _ = write!(self.text, "\n{name}:\n\n");
        for line in passage.lines() {
            let _ = writeln!(self.text, "> {line}  ");
        }
    }
}
