//! The made-up city, judged by what it writes: geometry is read back from the records, and every
//! rule is checked without the code that keeps it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "what reads for tests ends them where it cannot, and measures roughly"
)]

mod barriers;
mod grown;
mod layers;
mod network;
mod parcels;
mod streets;
