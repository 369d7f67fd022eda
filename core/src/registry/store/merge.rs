//! Rebuilds segments from the database, and decides when: a registry that gets a few works a day must not end up with
//! a thousand small segments, each of which a scan has to ask.

use rusqlite::{OptionalExtension, params};

use super::super::segment::Segment;
use super::super::unicode_version;
use super::works::Kept;
use super::writer::Writer;
use super::{files, schema, works};
use crate::error::Result;

/// Segments that a registry may have before small ones are merged.
const MANY: usize = 8;

/// A segment as the writer's transaction sees it.
pub(super) struct Stock {
    pub(super) id: i64,
    pub(super) file: String,
    works: u64,
    words: u64,
    withdrawn: u64,
}

impl Writer {
    /// The finished segments, in their order.
    pub(super) fn segments(&self) -> Result<Vec<Stock>> {
        self.sql(|c| {
            c.prepare(
                "SELECT id, file, works, words, (SELECT count(*) FROM withdrawn WHERE segment = id)
                 FROM segments ORDER BY id",
            )?
            .query_map([], |row| {
                Ok(Stock {
                    id: row.get(0)?,
                    file: row.get(1)?,
                    works: row.get(2)?,
                    words: row.get(3)?,
                    withdrawn: row.get(4)?,
                })
            })?
            .collect()
        })
    }

    /// Rebuilds what has become too scattered, too hollow or too old. No segment is open.
    pub(super) fn tidy(&mut self) -> Result<()> {
        let all = self.segments()?;
        // Texts that other Unicode tables folded would be searched by other words than the output's.
        let unicode = self.sql(|c| schema::meta(c, "unicode"))?;
        if unicode.is_some_and(|unicode| unicode != unicode_version()) {
            return self.rebuild(&all);
        }
        if !self.changed {
            return Ok(());
        }
        let hiding: Vec<i64> =
            self.buried.keys().copied().filter(|&id| self.hides(id).unwrap_or(true)).collect();
        let chosen = choose(all, &hiding, self.max_words);
        self.rebuild(&chosen)
    }

    /// Whether works that were withdrawn just now take the places of living ones in a segment's index.
    fn hides(&self, id: i64) -> Result<bool> {
        let Some(buried) = self.buried.get(&id) else { return Ok(false) };
        let segment = Segment::open(&files::segments(&self.folder).join(files::segment_name(id)), true)?;
        let withdrawn: Vec<u32> = self.sql(|c| {
            let sql = "SELECT slot FROM withdrawn WHERE segment = ?1 ORDER BY slot";
            c.prepare(sql)?.query_map([id], |row| row.get(0))?.collect()
        })?;
        buried.iter().try_fold(false, |hides, &slot| Ok(hides || segment.hides(slot, &withdrawn)?))
    }

    /// Writes the living works of `segments` into new ones, in their order, and lets go of the old.
    pub(super) fn rebuild(&mut self, segments: &[Stock]) -> Result<()> {
        for segment in segments {
            let mut after = -1_i64;
            while let Some((slot, work, kept)) = self.next_living(segment.id, after)? {
                after = slot;
                self.place_again(work, kept)?;
            }
            self.sql(|c| c.execute("DELETE FROM withdrawn WHERE segment = ?1", [segment.id]))?;
            self.sql(|c| c.execute("DELETE FROM segments WHERE id = ?1", [segment.id]))?;
            // Whatever a database says: no other file is ever removed.
            if segment.file == files::segment_name(segment.id) {
                self.obsolete.push(segment.file.clone());
            }
            self.changed = true;
        }
        self.finish_segment()
    }

    /// Builds the index anew from the works alone, whatever the tables that are derived from them say.
    pub(super) fn rebuild_all(&mut self) -> Result<()> {
        self.finish_segment()?;
        // What is damaged is not to get a new, sound hash. With works that came since, the old hash says nothing.
        if !self.changed {
            works::committed(self.connection()?, &self.folder)?;
        }
        let first = self.next_segment;
        self.changed |= self.damage.is_some();
        self.sql(|c| c.execute("DELETE FROM places WHERE work NOT IN (SELECT id FROM works)", []))?;
        let all = self.segments()?;
        self.rebuild(&all)?;
        // Works that damage took out of the list, or that it put into a segment which is none.
        let lost = "SELECT id FROM works WHERE id NOT IN
                    (SELECT work FROM places WHERE segment IN (SELECT id FROM segments WHERE id >= ?1))";
        let lost: Vec<i64> =
            self.sql(|c| c.prepare(lost)?.query_map([first], |row| row.get(0))?.collect())?;
        for work in lost {
            let sql = format!("SELECT {} FROM works WHERE id = ?1", works::COLUMNS);
            let kept = self.sql(|c| c.prepare_cached(&sql)?.query_row([work], Kept::read))?;
            self.place_again(work, kept)?;
            self.changed = true;
        }
        self.finish_segment()?;
        // Nothing is withdrawn from what was just made; what is left here speaks of segments that never were.
        self.sql(|c| c.execute("DELETE FROM withdrawn", []))?;
        // Each work has one place, each place is one of those just made.
        let counts = "SELECT (SELECT count(*) FROM works), (SELECT count(*) FROM places),
                             (SELECT coalesce(sum(works), 0) FROM segments WHERE id >= ?1), (SELECT count(*) FROM places
                              WHERE segment IN (SELECT id FROM segments WHERE id >= ?1))";
        let counts: [i64; 4] = self.sql(|c| {
            c.query_row(counts, [first], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))
        })?;
        if counts.iter().all(|count| *count == counts[0]) {
            self.damage = None;
            Ok(())
        } else {
            Err(works::wrong(&self.folder, "contradicts itself"))
        }
    }

    /// Puts a work that is in the database into the open segment.
    fn place_again(&mut self, work: i64, kept: Kept) -> Result<()> {
        let text_hash = kept.text_hash;
        let kept = kept.restore()?;
        let (segment, slot) = self.place(&kept.work_id, kept.title.as_deref(), &kept.text, &text_hash)?;
        self.put(work, segment, slot)?;
        self.close_if_full()
    }

    /// The next work of a segment, with its slot and its row.
    fn next_living(&self, segment: i64, after: i64) -> Result<Option<(i64, i64, Kept)>> {
        let sql = format!(
            "SELECT {}, slot, id FROM places JOIN works ON id = work
             WHERE segment = ?1 AND slot > ?2 ORDER BY slot LIMIT 1",
            works::COLUMNS
        );
        self.sql(|c| {
            c.prepare_cached(&sql)?
                .query_row(params![segment, after], |row| Ok((row.get(4)?, row.get(5)?, Kept::read(row)?)))
                .optional()
        })
    }
}

/// Which segments to rebuild, in their order.
///
/// Those of which more than half is withdrawn, so that at most as much is dead as alive, and those in which what is
/// withdrawn is `hiding` works. Then, if there are too many,
/// the small ones: beginning with the smallest, as long as the next is at most twice what is gathered, so that a work
/// is rewritten a number of times that grows with the logarithm of the registry, not with its days.
fn choose(all: Vec<Stock>, hiding: &[i64], max_words: u64) -> Vec<Stock> {
    let living = |stock: &Stock| stock.works - stock.withdrawn.min(stock.works);
    let (mut chosen, mut rest): (Vec<Stock>, Vec<Stock>) =
        all.into_iter().partition(|stock| living(stock) * 2 < stock.works || hiding.contains(&stock.id));
    let expected = rest.len() + usize::from(chosen.iter().any(|stock| living(stock) > 0));
    if expected > MANY {
        rest.retain(|stock| stock.words < max_words / 2);
        rest.sort_by_key(|stock| (stock.words, stock.id));
        let surplus = expected - MANY;
        let mut gathered = 0;
        for (taken, stock) in rest.into_iter().enumerate() {
            // One more than the surplus, because what is taken becomes one segment again.
            if taken > surplus && stock.words > 2 * gathered || gathered + stock.words > max_words {
                break;
            }
            gathered += stock.words;
            chosen.push(stock);
        }
    }
    chosen.sort_by_key(|stock| stock.id);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stock(sizes: &[(u64, u64)]) -> Vec<Stock> {
        (1..)
            .zip(sizes)
            .map(|(id, &(words, withdrawn))| Stock { id, file: String::new(), works: 100, words, withdrawn })
            .collect()
    }

    fn chosen(sizes: &[(u64, u64)]) -> Vec<i64> {
        choose(stock(sizes), &[], 1000).into_iter().map(|stock| stock.id).collect()
    }

    #[test]
    fn few_segments_are_left_alone() {
        assert!(chosen(&[(10, 0); 8]).is_empty());
    }

    #[test]
    fn many_small_ones_become_one() {
        assert_eq!(chosen(&[(10, 0); 9]), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn big_ones_stay_when_small_ones_suffice() {
        let mut sizes = vec![(900, 0), (400, 0)];
        sizes.extend([(10, 0); 7]);
        assert_eq!(chosen(&sizes), [3, 4, 5, 6, 7, 8, 9]);
        assert!(chosen(&[(900, 0); 20]).is_empty(), "full segments cannot become fewer");
    }

    #[test]
    fn hollow_ones_are_rebuilt() {
        assert_eq!(chosen(&[(10, 50), (900, 51), (10, 100)]), [2, 3]);
    }

    #[test]
    fn daily_additions_cost_a_logarithm() {
        let mut words: Vec<u64> = Vec::new();
        let mut rewritten = 0;
        for day in 1..=1000_u64 {
            words.push(10);
            let sizes: Vec<(u64, u64)> = words.iter().map(|&w| (w, 0)).collect();
            let ids: Vec<i64> = choose(stock(&sizes), &[], 1 << 30).iter().map(|s| s.id).collect();
            let merged: u64 = ids.iter().map(|&id| words[id as usize - 1]).sum();
            let mut index = 0;
            words.retain(|_| {
                index += 1;
                !ids.contains(&index)
            });
            words.extend((merged > 0).then_some(merged));
            rewritten += merged;
            assert!(words.len() <= MANY, "day {day}: {words:?}");
        }
        assert!(rewritten < 10 * 1000 * 10, "each work was rewritten {} times", rewritten as f64 / 10_000.0);
    }
}
