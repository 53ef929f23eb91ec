//! The values of one attribute in one layer of a tile: which number each code has there.
//!
//! Features that are near each other share a dictionary, so a value is looked for among the
//! tile's once a code, not once a feature. Two dictionaries are remembered, because features that
//! changed lately lie between those that did not.

use urbis_snapshot::Dictionary;

/// Number of a value that the tile leaves out.
const ABSENT: u32 = u32::MAX;

/// One attribute of a layer's tile.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Number of the attribute's name, once a feature has a value.
    pub(super) key: Option<u32>,
    /// The one that was asked last comes first.
    memos: [Memo; 2],
}

impl Column {
    pub(super) fn clear(&mut self) {
        self.key = None;
        self.memos.iter_mut().for_each(|memo| memo.address = 0);
    }

    /// The number of a code's value; `number_of` its message is asked the first time that the code
    /// is seen.
    #[inline]
    pub(super) fn number_of<'a>(
        &mut self,
        (dictionary, code): (&'a Dictionary, u16),
        number_of: impl FnOnce(&'a [u8]) -> u32,
    ) -> Option<u32> {
        let address = std::ptr::from_ref(dictionary).addr();
        if self.memos[0].address != address {
            self.memos.swap(0, 1);
            if self.memos[0].address != address {
                self.memos[0].start(address, dictionary.len());
            }
        }
        let memo = &mut self.memos[0];
        let (round, number) = &mut memo.numbers[usize::from(code)];
        if *round != memo.round {
            *round = memo.round;
            let message = dictionary.message(code);
            *number = if message.is_empty() { ABSENT } else { number_of(message) };
        }
        (*number != ABSENT).then_some(*number)
    }
}

/// The numbers of one dictionary's codes.
#[derive(Debug, Default)]
struct Memo {
    /// Of the dictionary, which lives longer than a tile is drawn; 0 where there is none.
    address: usize,
    /// Numbers of another round are of another dictionary or tile: nothing needs to be emptied.
    round: u32,
    numbers: Vec<(u32, u32)>,
}

impl Memo {
    fn start(&mut self, address: usize, codes: usize) {
        self.address = address;
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.numbers.clear();
            self.round = 1;
        }
        if self.numbers.len() < codes {
            self.numbers.resize(codes, (0, ABSENT));
        }
    }
}
