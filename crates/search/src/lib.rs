//! Finds names, addresses, parcels and coordinates by what people type.
//!
//! - **In**: a [`City`](urbis_snapshot::City), whose catalogue says what of each layer is searched
//!   (`[search]` in the layer's file), and a text.
//! - **Out**: [`Hit`]s, best first, with a place to go to and the feature to open.
//! - Marks, case, Unicode forms and usual abbreviations do not count; typing errors are forgiven in
//!   words of four letters and more; the last word may be its beginning.
//! - A street is one result, however many segments it has.
//! - What a class may not see is in parts of the index that are not opened for it.
//! - **Cost**: the index of a full city is built in seconds and followed in milliseconds; a search
//!   takes a millisecond or a few.
//!
//! Keeping an index beside the city as it changes is left to the server.

mod addresses;
mod areas;
mod asked;
mod coordinate;
mod fold;
mod hit;
mod house;
mod index;
mod judge;
mod layers;
mod names;
mod parcels;
mod part;
mod reading;
mod search;
mod show;
mod terms;
mod texts;

pub use hit::{Hit, HitKind, Language, Matched};
pub use index::{SearchIndex, SearchMemory};
pub use search::{Ask, MAX_TEXT_LEN};
