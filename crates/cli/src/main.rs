//! The `victor` binary.
fn main() {}
