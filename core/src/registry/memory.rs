//! A registry that lives in memory: the same segments as on disk, with the metadata beside them.

use std::borrow::Cow;
use std::collections::HashMap;

use super::record::{ContentHash, Record, restore};
use super::segment::{Held as Texts, MAX_WORDS};
use super::{FORMAT, Info, SegmentBuilder, View, Work, unicode_version};
use crate::error::Result;

/// Where a work lies, and all of it but its text.
pub(super) struct Held {
    view: usize,
    slot: u32,
    metadata: String,
    hash: [u8; 32],
}

/// The works by identifier.
pub(super) type Works = HashMap<String, Held>;

/// Indexes `works`; time and memory are linear in their words.
pub(super) fn build(works: impl IntoIterator<Item = Work>) -> Result<(Vec<View>, Info, Works)> {
    let mut views: Vec<View> = Vec::new();
    let mut info = Info { format: FORMAT, unicode: unicode_version(), ..Info::default() };
    let works: Vec<Work> = works.into_iter().collect();
    // A work that comes again replaces the earlier, which leaves no trace in the index.
    let last: HashMap<&str, usize> =
        works.iter().enumerate().map(|(at, work)| (work.work_id.as_str(), at)).collect();
    let mut is_last = vec![false; works.len()];
    last.into_values().for_each(|at| is_last[at] = true);
    let mut held = Works::with_capacity(works.len());
    let mut open = None;
    let finish = |builder: SegmentBuilder<Texts>, views: &mut Vec<View>, info: &mut Info| -> Result<()> {
        let (segment, words) = builder.finish_in_memory()?;
        info.words += words;
        views.push(View { segment, withdrawn: Vec::new() });
        Ok(())
    };
    for (work, _) in works.into_iter().zip(is_last).filter(|&(_, is_last)| is_last) {
        let record = Record::new(work)?;
        let builder = match &mut open {
            Some(builder) => builder,
            None => open.insert(SegmentBuilder::new(Texts::default())?),
        };
        info.text_bytes += record.text.len() as u64;
        let (title, text) = (record.title.as_deref(), record.text.into());
        let slot = builder.add(&record.work_id, title, text, &record.text_hash)?;
        let place = Held { view: views.len(), slot, metadata: record.metadata, hash: record.hash };
        held.insert(record.work_id, place);
        if builder.is_full(MAX_WORDS)?
            && let Some(full) = open.take()
        {
            finish(full, &mut views, &mut info)?;
        }
    }
    if let Some(last) = open {
        finish(last, &mut views, &mut info)?;
    }
    info.index_bytes = views.iter().map(|view| view.segment.index_bytes()).sum();
    let mut hashes: Vec<[u8; 32]> = held.values().map(|held| held.hash).collect();
    hashes.sort_unstable();
    let mut content = ContentHash::new();
    hashes.iter().for_each(|hash| content.add(hash));
    info.works = held.len();
    info.segments = views.len();
    info.content_hash = content.finish();
    Ok((views, info, held))
}

/// Gives all works in the order of their identifiers.
pub(super) fn export(works: &Works, views: &[View], mut each: impl FnMut(Work) -> Result<()>) -> Result<()> {
    let mut order: Vec<(&String, &Held)> = works.iter().collect();
    order.sort_unstable_by_key(|(id, _)| id.as_bytes());
    order.into_iter().try_for_each(|(_, held)| each(read(held, views)?))
}

/// Gives one work.
pub(super) fn work(works: &Works, views: &[View], work_id: &str) -> Result<Option<Work>> {
    works.get(work_id).map(|held| read(held, views)).transpose()
}

/// Gives the text of one work.
pub(super) fn text<'a>(works: &Works, views: &'a [View], work_id: &str) -> Result<Option<Cow<'a, str>>> {
    works.get(work_id).map(|held| views[held.view].segment.text(held.slot)).transpose()
}

fn read(held: &Held, views: &[View]) -> Result<Work> {
    restore(&held.metadata, views[held.view].segment.text(held.slot)?.into_owned())
}
