//! The sample works and sample outputs, written for this project.

/// The sample works, one JSON object a line, in the form that `nagalm register` reads.
pub fn works_jsonl() -> &'static str {
    include_str!("../sample/works.jsonl")
}

/// The sample outputs, one JSON object a line, in the form that `nagalm scan` reads.
pub fn outputs_jsonl() -> &'static str {
    include_str!("../sample/outputs.jsonl")
}
