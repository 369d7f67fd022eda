//! Searching by meaning among some of the works only.

use std::collections::HashSet;
use std::str::FromStr;

use anyhow::{Result, bail};
use clap::Args;
use nagalm::{Meaning, Registry, Work};

/// Which works are searched by meaning.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Among {
    /// By meaning, search only works whose FIELD is VALUE: language (de takes de-AT, too), society or rights_holder. Given more
    /// than once, all must hold. Copied words are looked for in all works
    #[arg(long, value_name = "FIELD=VALUE")]
    among: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    field: Field,
    value: String,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Language,
    Society,
    RightsHolder,
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (field, value) = text.split_once('=').ok_or("write FIELD=VALUE, such as language=nl")?;
        let field = match field.trim() {
            "language" => Field::Language,
            "society" => Field::Society,
            "rights_holder" => Field::RightsHolder,
            other => return Err(format!("{other:?} is none of language, society, rights_holder")),
        };
        Ok(Self { field, value: value.trim().to_owned() })
    }
}

impl Condition {
    fn holds(&self, work: &Work) -> bool {
        let (value, wanted) = match self.field {
            Field::Language => (&work.language, &self.value),
            Field::Society => (&work.society, &self.value),
            Field::RightsHolder => (&work.rights_holder, &self.value),
        };
        let Some(value) = value else { return false };
        match self.field {
            // Basic filtering of language tags: RFC 4647, section 3.3.1.
            Field::Language => match value.get(..wanted.len()) {
                Some(start) => {
                    start.eq_ignore_ascii_case(wanted)
                        && matches!(value.as_bytes().get(wanted.len()), None | Some(b'-'))
                }
                None => false,
            },
            Field::Society | Field::RightsHolder => value == wanted,
        }
    }
}

impl Among {
    pub(crate) fn is_given(&self) -> bool {
        !self.among.is_empty()
    }

    /// The vectors of these works of the registry. Reads all works, where not all are wanted.
    pub(crate) fn of(&self, registry: &Registry, meaning: Meaning) -> Result<Meaning> {
        if !self.is_given() {
            return Ok(meaning);
        }
        let mut wanted = HashSet::new();
        registry.export(|work| {
            if self.among.iter().all(|condition| condition.holds(&work)) {
                wanted.insert(work.work_id);
            }
            Ok(())
        })?;
        if wanted.is_empty() {
            bail!("no work of the registry is as --among wants it");
        }
        Ok(meaning.only(|work_id| wanted.contains(work_id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_held() {
        let some = |text: &str| Some(text.to_owned());
        let work = Work {
            language: some("de-AT"),
            society: some("GEMA"),
            rights_holder: some("A = B"),
            ..Work::default()
        };
        let holds = |condition: &str| condition.parse::<Condition>().unwrap().holds(&work);
        for condition in ["language=de", "language = DE-at", "society=GEMA", "rights_holder=A = B"] {
            assert!(holds(condition), "{condition}");
            assert!(!condition.parse::<Condition>().unwrap().holds(&Work::default()), "{condition}");
        }
        for condition in ["language=d", "language=de-DE", "language=de-AT-x", "society=gema", "society="] {
            assert!(!holds(condition), "{condition}");
        }
        for wrong in ["language", "title=x", ""] {
            assert!(wrong.parse::<Condition>().is_err(), "{wrong}");
        }
    }
}
