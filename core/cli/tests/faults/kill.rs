//! Programs that are killed at any moment (SIGKILL).

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Change;

/// Seconds that programs are killed in a test run.
const SECONDS: u64 = 12;

#[test]
fn a_killed_program_leaves_the_old_or_the_new() {
    let _alone = super::alone();
    let seconds = std::env::var("NAGALM_FAULT_SECONDS").ok().and_then(|value| value.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(SECONDS));
    let changes = Change::all();
    let mut state = 1_u64;
    let (mut killed, mut ended) = (0, 0);
    while killed < 4 || Instant::now() < until {
        for change in &changes {
            let home = change.begin();
            let began = Instant::now();
            assert!(change.command(home.path()).output().expect("the program runs").status.success());
            let whole = began.elapsed();
            for _ in 0..4 {
                let home = change.begin();
                let mut child = change
                    .command(home.path())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("the program starts");
                // Knuth's generator (The Art of Computer Programming, volume 2, 3.3.4).
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                std::thread::sleep(whole.mul_f64((state >> 33) as f64 / (1_u64 << 31) as f64 * 1.1));
                child.kill().expect("a process of ours");
                let status = child.wait().expect("a process of ours");
                killed += usize::from(!status.success());
                ended += usize::from(status.success());
                change.judge(home.path(), status.success(), &format!("killed in round {}", killed + ended));
            }
        }
    }
    println!("{killed} programs killed, {ended} were quicker");
}
