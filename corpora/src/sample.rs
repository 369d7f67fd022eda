//! The sample works and sample outputs, written for this project.

/// The sample works, one JSON object a line, in the form that `nagalm register` reads.
pub fn works_jsonl() -> &'static str {
    include_str!("../sample/works.jsonl")
}

/// The sample outputs, one JSON object a line, in the form that `nagalm scan` reads.
pub fn outputs_jsonl() -> &'static str {
    include_str!("../sample/outputs.jsonl")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::Value;

    use super::*;

    fn rows(lines: &str) -> Vec<Value> {
        lines.lines().map(|line| serde_json::from_str(line).expect("build.py writes JSON")).collect()
    }

    #[test]
    fn four_languages_are_there_in_both() {
        for lines in [works_jsonl(), outputs_jsonl()] {
            let mut counts: HashMap<String, usize> = HashMap::new();
            for row in rows(lines) {
                let language =
                    row["language"].as_str().and_then(|tag| tag.split('-').next()).unwrap_or_default();
                *counts.entry(language.to_owned()).or_default() += 1;
            }
            assert_eq!(counts.len(), 4, "{counts:?}");
            assert!(counts.values().all(|&count| count >= 10), "{counts:?}");
        }
    }

    #[test]
    fn expected_passages_are_code_points_of_known_works() {
        let works: HashMap<String, String> = rows(works_jsonl())
            .iter()
            .map(|work| (work["work_id"].to_string(), work["text"].as_str().unwrap_or_default().to_owned()))
            .collect();
        let mut taken_over = 0;
        for output in rows(outputs_jsonl()) {
            let text: Vec<char> = output["text"].as_str().unwrap_or_default().chars().collect();
            for passage in output["expect"].as_array().expect("every output has a list") {
                let place = |field: &str| passage[field].as_u64().unwrap_or(u64::MAX) as usize;
                let copied: String = text[place("start")..place("end")].iter().collect();
                taken_over += usize::from(works[&passage["work_id"].to_string()].contains(&copied));
            }
        }
        // The passages that stand in their work character for character; the others are altered or in another dress.
        assert_eq!(taken_over, 28);
    }
}
