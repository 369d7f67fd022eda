//! One file for each verb of the command line: its arguments, its help, and what it does.

mod among;
mod check;
mod compact;
mod demo;
mod embed;
mod export;
mod info;
mod model;
mod neighbours;
mod prove;
mod register;
mod scan;
mod schema;
mod seal;
mod show;
mod trust;
mod withdraw;

use anyhow::Result;
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Verb {
    Register(register::Register),
    Scan(scan::Scan),
    Show(show::Show),
    Embed(embed::Embed),
    Neighbours(neighbours::Neighbours),
    Withdraw(withdraw::Withdraw),
    Info(info::Info),
    Check(check::Check),
    Export(export::Export),
    Compact(compact::Compact),
    Seal(seal::Seal),
    Prove(prove::Prove),
    VerifyProof(prove::VerifyProof),
    Schema(schema::Schema),
    Demo(demo::Demo),
}

impl Verb {
    /// Does it; an error is for `main` to print.
    pub(crate) fn run(self) -> Result<u8> {
        match self {
            Self::Register(verb) => verb.run(),
            Self::Scan(verb) => verb.run(),
            Self::Show(verb) => verb.run(),
            Self::Embed(verb) => verb.run(),
            Self::Neighbours(verb) => verb.run(),
            Self::Withdraw(verb) => verb.run(),
            Self::Info(verb) => verb.run(),
            Self::Check(verb) => verb.run(),
            Self::Export(verb) => verb.run(),
            Self::Compact(verb) => verb.run(),
            Self::Seal(verb) => verb.run(),
            Self::Prove(verb) => verb.run(),
            Self::VerifyProof(verb) => verb.run(),
            Self::Schema(verb) => verb.run(),
            Self::Demo(verb) => verb.run(),
        }
    }
}

/// Nothing found, or all is well.
pub(crate) const NOTHING: u8 = 0;
/// Something was found.
pub(crate) const FOUND: u8 = 1;
/// It could not be done.
pub(crate) const FAILED: u8 = 2;

/// The longest line, row or text that is read unless `--max-line` says otherwise.
pub(crate) const MAX_LINE: &str = "64MiB";

/// A number of bytes, with `k`, `M` or `G` (`KiB`, `MiB`, `GiB`) after it or nothing.
pub(crate) fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor: usize = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err("write a number of bytes, or one with k, M or G: 64M".to_owned()),
    };
    let number: usize = digits.parse().map_err(|e| format!("{e}: write a number of bytes, such as 64M"))?;
    number
        .checked_mul(factor)
        .filter(|&n| n > 0)
        .ok_or_else(|| "must be above 0 and fit in memory".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("10"), Ok(10));
        assert_eq!(size("2 k"), Ok(2048));
        assert!(size("0").is_err());
        assert!(size("much").is_err());
        assert!(size("99999999999999999G").is_err());
    }
}
