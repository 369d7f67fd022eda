//! The part of a workload that one engine gets, and the files that it gets it in.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use nagalm_engine_protocol::{PROTOCOL_FILES, Text, write_lines};

use super::engine::Call;
use crate::workload::Workload;

/// Places in the workload of what an engine registers and scans.
pub(crate) struct Sample {
    pub(crate) works: Vec<usize>,
    /// What speed and false alarms are measured on.
    pub(crate) outputs: Vec<usize>,
    /// Further planted outputs.
    pub(crate) planted: Vec<usize>,
    work_of: HashMap<String, usize>,
    output_of: HashMap<String, usize>,
}

impl Sample {
    /// What `call` can cope with: the first outputs; the works that were planted from, then the first others.
    pub(crate) fn new(workload: &Workload, call: &Call) -> Self {
        let limit = |limit: Option<usize>| limit.unwrap_or(usize::MAX);
        let outputs: Vec<usize> = (0..workload.base).take(limit(call.outputs)).collect();
        let planted: Vec<usize> = (workload.base..workload.outputs.len()).take(limit(call.planted)).collect();
        let scanned = outputs.iter().chain(&planted);
        let sources: HashSet<usize> =
            scanned.filter_map(|&n| workload.plants[n].as_ref()).map(|plant| plant.work).collect();
        let others = (0..workload.works.len()).filter(|work| !sources.contains(work));
        let others = others.take(limit(call.works).saturating_sub(sources.len()));
        let mut works: Vec<usize> = sources.iter().copied().chain(others).collect();
        works.sort_unstable();
        let work_of = works.iter().map(|&work| (workload.works[work].work_id.clone(), work)).collect();
        let output_of = outputs.iter().chain(&planted);
        let output_of = output_of.map(|&n| (workload.outputs[n].id.clone(), n)).collect();
        Self { works, outputs, planted, work_of, output_of }
    }

    /// Writes the files that the engine reads.
    pub(crate) fn write(&self, workload: &Workload, folder: &Path) -> anyhow::Result<()> {
        let output = |&n: &usize| {
            let output = &workload.outputs[n];
            Text { id: output.id.clone(), text: output.text.clone() }
        };
        let work = |&n: &usize| {
            let work = &workload.works[n];
            Text { id: work.work_id.clone(), text: work.text.clone() }
        };
        write_lines(&folder.join(PROTOCOL_FILES.works), self.works.iter().map(work))?;
        write_lines(&folder.join(PROTOCOL_FILES.outputs), self.outputs.iter().map(output))?;
        write_lines(&folder.join(PROTOCOL_FILES.planted), self.planted.iter().map(output))
    }

    /// The place of a registered work in the workload.
    pub(crate) fn work(&self, id: &str) -> Option<usize> {
        self.work_of.get(id).copied()
    }

    /// The place of a scanned output in the workload.
    pub(crate) fn output(&self, id: &str) -> Option<usize> {
        self.output_of.get(id).copied()
    }

    /// UTF-8 bytes of the registered works.
    pub(crate) fn work_bytes(&self, workload: &Workload) -> usize {
        self.works.iter().map(|&n| workload.works[n].text.len()).sum()
    }

    /// Code points of the registered works.
    pub(crate) fn work_characters(&self, workload: &Workload) -> usize {
        self.works.iter().map(|&n| workload.works[n].text.chars().count()).sum()
    }

    /// UTF-8 bytes of the outputs that speed is measured on.
    pub(crate) fn output_bytes(&self, workload: &Workload) -> usize {
        self.outputs.iter().map(|&n| workload.outputs[n].text.len()).sum()
    }
}
