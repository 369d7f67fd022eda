//! The engines that are part of this program. Each has its folder beside the peers'; `nagalm-bench engine NAME FOLDER`
//! plays one of them in a process of its own, as the protocol wants it.

#[path = "../engines/nagalm/nagalm.rs"]
mod nagalm_engine;
#[path = "../engines/naive/naive.rs"]
pub(crate) mod naive;
#[path = "../engines/straightforward/straightforward.rs"]
pub(crate) mod straightforward;

use std::path::Path;
use std::process::ExitCode;

use nagalm_engine_protocol::serve;

/// The names of the engines.
pub(crate) const NAMES: [&str; 6] =
    ["nagalm", "nagalm-verbatim", "nagalm-public", "nagalm-contract", "straightforward", "naive"];

/// Plays the engine on the files in `folder`.
pub(crate) fn run(name: &str, folder: &Path) -> anyhow::Result<ExitCode> {
    match name {
        "nagalm" => serve(folder, |works| nagalm_engine::Nagalm::new(works, false))?,
        "nagalm-verbatim" => serve(folder, |works| nagalm_engine::Nagalm::new(works, true))?,
        "nagalm-public" => serve(folder, |works| nagalm_engine::Sealed::new(works, nagalm::Profile::Public))?,
        "nagalm-contract" => {
            serve(folder, |works| nagalm_engine::Sealed::new(works, nagalm::Profile::Contract))?
        }
        "straightforward" => serve(folder, |works| Ok(straightforward::StraightforwardEngine::new(works)))?,
        "naive" => serve(folder, |works| Ok(naive::Naive::new(works)))?,
        _ => anyhow::bail!("no engine `{name}`: there are {}", NAMES.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}
