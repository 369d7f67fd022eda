//! Time and memory of this process.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What something took: by the clock on the wall, and of the processor, all threads together. On a machine that others
/// use, too, only the second says what was asked of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    pub(crate) wall: f64,
    pub(crate) processor: f64,
}

impl Took {
    /// More than anything takes.
    const FOREVER: Self = Self { wall: f64::INFINITY, processor: f64::INFINITY };

    fn least(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), processor: self.processor.min(other.processor) }
    }
}

/// Does something once and says what it took, in seconds.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Took, T) {
    let (start, used) = (Instant::now(), processor_time());
    let answer = work();
    let processor = processor_time().saturating_sub(used).as_secs_f64();
    (Took { wall: start.elapsed().as_secs_f64(), processor }, answer)
}

/// The least that each job took in several rounds. The jobs take turns, so that what disturbs the machine for a while
/// disturbs them all, and each has the chance of a quiet moment.
pub(crate) fn best_of(
    rounds: usize,
    jobs: &mut [&mut dyn FnMut() -> anyhow::Result<()>],
) -> anyhow::Result<Vec<Took>> {
    let mut best = vec![Took::FOREVER; jobs.len()];
    for _ in 0..rounds {
        for (job, best) in jobs.iter_mut().zip(&mut best) {
            let (took, outcome) = timed(job);
            outcome?;
            *best = best.least(took);
        }
    }
    Ok(best)
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// The most memory that this process ever held, in bytes; `None` where the system does not tell.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_take_turns_and_an_error_ends_them() {
        let order = std::cell::RefCell::new(String::new());
        let mut one = || -> anyhow::Result<()> {
            order.borrow_mut().push('a');
            Ok(())
        };
        let mut other = || -> anyhow::Result<()> {
            order.borrow_mut().push('b');
            anyhow::ensure!(order.borrow().len() < 4, "enough");
            Ok(())
        };
        assert!(best_of(9, &mut [&mut one, &mut other]).is_err());
        assert_eq!(*order.borrow(), "abab");
    }

    #[test]
    fn sleeping_takes_no_processor() {
        let (took, ()) = timed(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(took.wall >= 0.02, "{took:?}");
        // Other tests of this process may be at work meanwhile, so that nothing more can be said.
        assert!(took.processor >= 0.0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_the_peak() {
        assert!(peak_memory().is_some_and(|bytes| bytes > 1 << 20));
    }
}
