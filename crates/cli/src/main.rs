//! urbis
fn main() {}
