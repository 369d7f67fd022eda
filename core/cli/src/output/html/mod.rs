//! The report as one web page: complete in itself, without scripts, fit for print and for a phone.
//!
//! Outputs with matches are drawn as they come and put by on disk; the summary, which stands first, is written when
//! all are known. What stays in memory is one line for each work and model.

mod caveats;
mod page;
mod summary;

use std::io::{Seek, Write};

use anyhow::Result;
use nagalm::Report;
use tempfile::SpooledTempFile;

use self::summary::Summary;
use super::reports::ReportSink;
use super::target::Target;

/// Bytes of drawn outputs that stay in memory.
const IN_MEMORY: usize = 8 << 20;

/// One report as a piece of a page of somebody else's, a notebook's: with the page's style, which reaches nothing around it.
pub(crate) fn fragment(report: &Report) -> String {
    let style = page::STYLE.replace(":root", "&").replace("\nbody", "\n&").replace(" body {", " & {");
    let drawn = page::output(report, 1).into_string();
    // Nested rules hold within the division only; its own come last and win.
    format!(
        "<div class=\"nagalm-report\"><style>.nagalm-report {{ {style} & {{ margin: 0; padding: .5rem 1rem; }} }}</style>\
         {drawn}</div>"
    )
}

pub(crate) struct HtmlPage {
    target: Target,
    drawn: SpooledTempFile,
    summary: Summary,
}

impl HtmlPage {
    pub(crate) fn new(target: Target) -> Result<Self> {
        // Beside the target: there is room for the page, which is not said of /tmp.
        let drawn = match target.folder() {
            Some(folder) => tempfile::spooled_tempfile_in(IN_MEMORY, folder),
            None => tempfile::spooled_tempfile(IN_MEMORY),
        };
        Ok(Self { target, drawn, summary: Summary::default() })
    }
}

impl ReportSink for HtmlPage {
    fn write(&mut self, report: &Report) -> Result<()> {
        let number = self.summary.add(report);
        let leads = report.sealed.as_ref().is_some_and(|sealed| !sealed.leads.is_empty());
        if report.match_count() + report.paraphrase_count() > 0 || leads || !report.complete {
            self.drawn.write_all(page::output(report, number).into_string().as_bytes())?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.target.write_all(page::head(&self.summary).as_bytes())?;
        self.drawn.rewind()?;
        std::io::copy(&mut self.drawn, &mut self.target)?;
        self.target.write_all(page::foot(&self.summary).as_bytes())?;
        self.target.finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures;

    #[test]
    fn a_fragment_styles_only_itself() {
        let fragment = super::fragment(&fixtures::report());
        let style = &fragment[fragment.find("<style>").unwrap()..fragment.find("</style>").unwrap()];
        assert!(style.starts_with("<style>.nagalm-report {") && style.ends_with('}'), "{style}");
        assert_eq!(style.matches('{').count(), style.matches('}').count());
        for of_the_page in [":root", " body", "\nbody", "t&"] {
            assert!(!style.contains(of_the_page), "{of_the_page:?} in {style}");
        }
        assert!(style.contains(".texts tbody tr:first-child td"));
        assert!(
            fragment.contains("<span class=\"e\">") && fragment.ends_with("</article>\n</div>"),
            "{fragment}"
        );
    }
}
