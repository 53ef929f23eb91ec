//! Which tags the values of a block's dictionaries have in one layer of a tile.

use super::proto::Varint;

/// Blocks that are remembered; features of as many may take turns.
const BLOCKS: usize = 32;

/// Bits of a noted tag that hold its bytes, and their number; those above say in which round it was
/// noted.
const BYTES_BITS: u32 = 48;
const LEN_BITS: u32 = 4;
const ROUND_SHIFT: u32 = BYTES_BITS + LEN_BITS;

/// Tags by block, attribute and code.
#[derive(Debug, Default)]
pub(super) struct Memos {
    slots: Vec<Slot>,
    /// The one that was asked last.
    current: usize,
    /// The one to be taken for another block.
    next: usize,
    round: u64,
}

/// Tags of one block.
#[derive(Debug, Default)]
struct Slot {
    /// Address of the block, which lives longer than a tile is drawn; 0 where there is none.
    block: usize,
    /// Tags of another round are of another block or tile: nothing needs to be emptied.
    round: u64,
    columns: Vec<Vec<u64>>,
}

/// Tags of one attribute of a block, by code.
#[derive(Debug)]
pub(super) struct Memo<'a> {
    round: u64,
    tags: &'a mut [u64],
}

impl Memos {
    /// Forgets all, for the next layer.
    pub(super) fn clear(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.block = 0);
        // The same few again and again, while they are near the processor.
        self.next = 0;
    }

    /// The memo of a block's attribute, for so many codes.
    #[inline]
    pub(super) fn of(&mut self, block: usize, attribute: usize, codes: usize) -> Memo<'_> {
        if self.slots.get(self.current).is_none_or(|slot| slot.block != block) {
            self.turn_to(block);
        }
        let Slot { round, columns, .. } = &mut self.slots[self.current];
        if columns.len() <= attribute {
            columns.resize_with(attribute + 1, Vec::new);
        }
        let tags = &mut columns[attribute];
        if tags.len() < codes {
            tags.resize(codes, 0);
        }
        Memo { round: *round, tags: &mut tags[..codes] }
    }

    fn turn_to(&mut self, block: usize) {
        if let Some(at) = self.slots.iter().position(|slot| slot.block == block) {
            self.current = at;
            return;
        }
        self.current = self.next;
        self.next = (self.next + 1) % BLOCKS;
        if self.current == self.slots.len() {
            self.slots.push(Slot::default());
        }
        self.round += 1;
        if self.round >> (u64::BITS - ROUND_SHIFT) != 0 {
            // Rounds begin anew: nothing of before may look as if it were of now.
            self.slots.clear();
            self.slots.push(Slot::default());
            (self.round, self.current, self.next) = (1, 0, 1);
        }
        let slot = &mut self.slots[self.current];
        (slot.block, slot.round) = (block, self.round);
    }
}

impl Memo<'_> {
    /// The tag of a code; `make` gives it the first time that the code is seen, and always where
    /// the memo has no room for it.
    #[inline]
    pub(super) fn tag(&mut self, code: u16, make: impl FnOnce(u16) -> Varint) -> Varint {
        let Some(noted) = self.tags.get_mut(usize::from(code)) else { return make(code) };
        if *noted >> ROUND_SHIFT != self.round {
            let tag = make(code);
            debug_assert!(tag.bytes >> BYTES_BITS == 0, "2^14 names and 2^28 values at most");
            *noted = self.round << ROUND_SHIFT | u64::from(tag.len) << BYTES_BITS | tag.bytes;
        }
        let len = (*noted >> BYTES_BITS) as u32 & ((1 << LEN_BITS) - 1);
        Varint { bytes: *noted & ((1 << BYTES_BITS) - 1), len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_made_once_a_block_and_layer_however_many_there_were() {
        let mut memos = Memos::default();
        let tag = |number| Varint::pair(3, number);
        for layer in 0..300_u32 {
            memos.clear();
            for block in 1..=40 {
                let number = layer * 100 + block as u32;
                for code in [0, 4] {
                    assert_eq!(memos.of(block, 1, 5).tag(code, |_| tag(number)), tag(number));
                    let again = memos.of(block, 1, 5).tag(code, |_| panic!("made again"));
                    assert_eq!(again, tag(number));
                }
            }
            // The first was given up for later ones, the last is still there.
            assert_eq!(memos.of(1, 1, 5).tag(0, |_| Varint::NONE), Varint::NONE);
            let last = memos.of(40, 1, 5).tag(4, |_| panic!("made again"));
            assert_eq!(last, tag(layer * 100 + 40));
        }
        assert_eq!(memos.of(40, 0, 0).tag(9, |code| tag(code.into())), tag(9));
    }
}
