//! One integration-test binary over the whole house: it links once, and its modules share what they need.

mod cases;
mod layers;
