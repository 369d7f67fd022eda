//! How long something took, on the wall and on the processor, and how much memory it holds.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Two clocks side by side. Where other programs run, the processor's is the one to compare.
#[derive(Clone, Copy, Debug)]
pub struct Seconds {
    /// On the wall.
    pub wall: f64,
    /// Of this process, all threads.
    pub cpu: f64,
}

/// A moment to measure from.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    wall: Instant,
    cpu: Duration,
}

impl Seconds {
    /// The moment.
    #[must_use]
    pub fn now() -> Moment {
        Moment { wall: Instant::now(), cpu: cpu() }
    }

    /// The lesser of both, each clock by itself.
    #[must_use]
    pub fn better(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), cpu: self.cpu.min(other.cpu) }
    }
}

impl Moment {
    /// What has passed since.
    #[must_use]
    pub fn since(self) -> Seconds {
        Seconds { wall: self.wall.elapsed().as_secs_f64(), cpu: cpu().saturating_sub(self.cpu).as_secs_f64() }
    }
}

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Bytes that this process holds in memory; 0 where the system does not say.
#[must_use]
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
