//! A report as a picture: both texts side by side, copied words marked.

use nagalm::Report;

/// One report as HTML that stands in a page of somebody else's, as in a notebook: without scripts, with a style that reaches
/// nothing around it. The same as in the page that `nagalm scan -o report.html` writes.
#[must_use]
pub fn html(report: &Report) -> String {
    crate::output::html::fragment(report)
}
