//! Fills segments: one is open at a time, and is finished when it is full or when it is wanted.

use rusqlite::params;

use super::super::SegmentBuilder;
use super::files::{self, Draft};
use super::writer::Writer;
use crate::error::Result;

/// The segment that takes works now.
pub(super) struct OpenSegment {
    id: i64,
    builder: SegmentBuilder<Draft>,
    works: u32,
}

impl Writer {
    /// Puts a text into the open segment, starting one if there is none.
    pub(super) fn place(
        &mut self,
        work_id: &str,
        title: Option<&str>,
        text: &str,
        text_hash: &[u8; 32],
    ) -> Result<(i64, u32)> {
        let fresh = self.open.is_none();
        let mut open = match self.open.take() {
            Some(open) => open,
            None => {
                let id = self.next_segment;
                self.next_segment += 1;
                OpenSegment {
                    id,
                    builder: SegmentBuilder::new(Draft::new(
                        files::segments(&self.folder).join(files::segment_name(id)),
                    )?)?,
                    works: 0,
                }
            }
        };
        let id = open.id;
        let slot = open.builder.add(work_id, title, text.into(), text_hash);
        if slot.is_ok() {
            open.works += 1;
        }
        // Kept even when the text was refused: the works before it are in it.
        self.open = Some(open);
        if fresh {
            // The row is filled when the segment is finished; until then it stands for the references to it.
            self.sql(|c| {
                c.prepare_cached("INSERT INTO segments VALUES (?1, ?2, x'', 0, 0, 0, 0)")?
                    .execute(params![id, files::segment_name(id)])
            })?;
        }
        self.changed |= slot.is_ok();
        Ok((id, slot?))
    }

    /// Notes where a work's text lies.
    pub(super) fn put(&self, work: i64, segment: i64, slot: u32) -> Result<()> {
        self.sql(|c| {
            c.prepare_cached(
                "INSERT INTO places VALUES (?1, ?2, ?3)
                 ON CONFLICT (work) DO UPDATE SET segment = excluded.segment, slot = excluded.slot",
            )?
            .execute(params![work, segment, slot])
        })?;
        Ok(())
    }

    pub(super) fn close_if_full(&mut self) -> Result<()> {
        let is_full = match &mut self.open {
            Some(open) => open.builder.is_full(self.max_words)?,
            None => false,
        };
        if is_full { self.finish_segment() } else { Ok(()) }
    }

    /// Builds the open segment's index and gives its file its name.
    pub(super) fn finish_segment(&mut self) -> Result<()> {
        let Some(OpenSegment { id, builder, works }) = self.open.take() else {
            return Ok(());
        };
        if works == 0 {
            self.sql(|c| c.execute("DELETE FROM segments WHERE id = ?1", [id]))?;
            return Ok(());
        }
        let (draft, summary) = builder.finish()?;
        self.fresh.push(files::segment_name(id));
        draft.keep()?;
        self.sql(|c| {
            c.execute(
                "UPDATE segments SET hash = ?2, works = ?3, words = ?4, text_bytes = ?5, file_bytes = ?6 WHERE id = ?1",
                params![
                    id,
                    summary.hash,
                    summary.works,
                    summary.words,
                    summary.text_bytes,
                    summary.file_bytes
                ],
            )
        })?;
        Ok(())
    }
}
