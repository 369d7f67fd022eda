//! Sealed registries in words, and whose of them are taken.

use anyhow::Result;
use clap::Args;
use nagalm::{Profile, Registry, Signature, Trust};

/// Which sealed registries are taken.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Trusted {
    /// Take a sealed registry only if this public key (64 hexadecimal digits, from the society itself) has signed it; may be
    /// given more than once
    #[arg(long, value_name = "KEY")]
    trust: Vec<String>,
    /// Take a sealed registry without a signature, or with one that is wrong or somebody else's; the report says so
    #[arg(long)]
    unverified: bool,
}

impl Trusted {
    pub(crate) fn trust(&self) -> Result<Trust> {
        let trust = Trust::only(&self.trust)?;
        Ok(if self.unverified { trust.or_anything() } else { trust })
    }
}

/// Says on standard error what a sealed registry is, and what is to be known of its signature.
pub(crate) fn tell_seal(registry: &Registry) {
    if let Some(seal) = registry.seal_info() {
        let by = seal.signer.as_ref().map_or_else(String::new, |signer| format!(" by {signer:?}"));
        eprintln!(
            "sealed registry ({}){by} for {:?}, release {:?}: {}",
            profile(seal.profile),
            seal.recipient,
            seal.release,
            signature(seal.signature)
        );
    }
}

pub(crate) fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Public => "public",
        Profile::Contract => "contract",
    }
}

pub(crate) fn signature(signature: Signature) -> &'static str {
    match signature {
        Signature::Trusted => "signed with a key that you trust",
        Signature::Valid => {
            "signed; compare the public key (`nagalm info`) with the society's, and give it as --trust"
        }
        Signature::Foreign => "SIGNED WITH A KEY THAT IS NONE OF YOURS",
        Signature::Wrong => "ITS SIGNATURE IS WRONG",
        Signature::Missing => "NOT SIGNED",
    }
}
