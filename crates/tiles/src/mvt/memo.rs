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
    columns: Vec<Column>,
    tags: Vec<u64>,
}

/// Where the tags of one attribute stand among those of its block.
#[derive(Debug, Clone, Copy)]
struct Column {
    first: u32,
    /// Codes that have a place.
    codes: u32,
}

/// Tags of one block, by attribute and code.
#[derive(Debug)]
pub(super) struct Memo<'a> {
    round: u64,
    columns: &'a [Column],
    tags: &'a mut [u64],
}

impl Memos {
    /// Forgets all, for the next layer.
    pub(super) fn clear(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.block = 0);
        // The same few again and again, while they are near the processor.
        self.next = 0;
    }

    /// The memo of a block; `codes` says of each attribute how many codes are to be remembered.
    #[inline]
    pub(super) fn of<C>(&mut self, block: usize, codes: impl FnOnce() -> C) -> Memo<'_>
    where
        C: Iterator<Item = usize>,
    {
        if self.slots.get(self.current).is_none_or(|slot| slot.block != block) {
            self.turn_to(block, codes);
        }
        let Slot { round, columns, tags, .. } = &mut self.slots[self.current];
        Memo { round: *round, columns, tags }
    }

    fn turn_to<C>(&mut self, block: usize, codes: impl FnOnce() -> C)
    where
        C: Iterator<Item = usize>,
    {
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
        self.slots[self.current].take(block, self.round, codes());
    }
}

impl Slot {
    fn take(&mut self, block: usize, round: u64, codes: impl Iterator<Item = usize>) {
        (self.block, self.round) = (block, round);
        self.columns.clear();
        let mut first = 0;
        for codes in codes {
            self.columns.push(Column { first, codes: codes as u32 });
            first += codes as u32;
        }
        if self.tags.len() < first as usize {
            self.tags.resize(first as usize, 0);
        }
    }
}

impl Memo<'_> {
    /// The tag of a code; `make` gives it the first time that the code is seen, and always where
    /// it is not to be remembered.
    #[inline]
    pub(super) fn tag(
        &mut self,
        attribute: usize,
        code: u16,
        make: impl FnOnce() -> Varint,
    ) -> Varint {
        let Column { first, codes } = self.columns[attribute];
        if u32::from(code) >= codes {
            return make();
        }
        let noted = &mut self.tags[first as usize + usize::from(code)];
        if *noted >> ROUND_SHIFT != self.round {
            let tag = make();
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
        let codes = || [2, 0, 5].into_iter();
        for layer in 0..300_u32 {
            memos.clear();
            for block in 1..=40 {
                let number = layer * 100 + block as u32;
                for (attribute, code) in [(0, 1), (2, 0), (2, 4)] {
                    let number = number * 8 + attribute as u32 + u32::from(code);
                    let mut memo = memos.of(block, codes);
                    assert_eq!(memo.tag(attribute, code, || tag(number)), tag(number));
                    let again = memos.of(block, codes).tag(attribute, code, || panic!("again"));
                    assert_eq!(again, tag(number));
                }
            }
            // The first was given up for later ones, the last is still there.
            assert_eq!(memos.of(1, codes).tag(2, 0, || Varint::NONE), Varint::NONE);
            let last = memos.of(40, codes).tag(2, 4, || panic!("made again"));
            assert_eq!(last, tag((layer * 100 + 40) * 8 + 6));
        }
        // Not to be remembered.
        assert_eq!(memos.of(40, codes).tag(1, 9, || tag(9)), tag(9));
    }
}
