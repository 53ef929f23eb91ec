//! The made-up city, judged by what it writes: geometry is read back from the records, and every
//! rule is checked without the code that keeps it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what reads for tests ends them where it cannot"
)]

mod grown;
mod layers;
mod network;
mod parcels;
mod streets;
