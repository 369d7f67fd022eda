//! One integration-test binary over the whole house: it links once, and its modules share what they need.

mod cases;
mod determinism;
mod evasion;
mod frozen;
mod guarantee;
mod hostile;
mod layers;
mod linear;
mod meaning;
mod replay;
mod schema;
mod sealed_leak;
mod tables;
mod worlds;
