//! What comes out: reports and works in the formats that people and programs read.

pub(crate) mod html;
pub(crate) mod passages;
pub(crate) mod plain;
mod reports;
pub(crate) mod table;
mod target;
pub(crate) mod terminal;
pub(crate) mod works;

pub(crate) use reports::{ReportSink, TerminalReports, sink};
pub(crate) use target::{Format, Target, is_broken_pipe};
