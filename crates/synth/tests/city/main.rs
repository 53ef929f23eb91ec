//! The made-up city, judged by what it writes: geometry is read back from the records, and every
//! rule is checked without the code that keeps it.

mod grown;
mod layers;
mod parcels;
mod streets;
