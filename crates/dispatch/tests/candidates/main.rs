//! Who gets there first, and whether every reason holds: on towns drawn by hand and at random.

mod by_hand;
mod dice;
mod oracle;
mod random;
mod speed;
mod town;
