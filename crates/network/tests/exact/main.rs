//! The search against answers that cannot share its faults: every link by itself with all of its
//! history, and another program's contraction hierarchies.

mod brute;
mod cch;
mod epochs;
mod hierarchy;
mod matching;
mod speed;
mod town;
