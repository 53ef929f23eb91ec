//! A queue of whole milliseconds: four children a node, items of one word.
//!
//! Four children halve the height of a binary heap, and the children of a node share a cache line.

/// Bit that tells an arrival from a state; an arrival comes after every state of its time, so that
/// all arrivals of one time are in the queue when the first of them is taken.
const ARRIVAL: u64 = 1 << 31;

/// What waits in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A state by its number.
    State(u32),
    /// An arrival by its number.
    Arrival(u32),
}

/// The earliest first; of one time states first, then arrivals by their numbers.
#[derive(Debug, Default)]
pub(super) struct Queue {
    items: Vec<u64>,
}

impl Queue {
    pub fn clear(&mut self) {
        self.items.clear();
    }

    #[inline]
    pub fn push_state(&mut self, ms: u32, state: u32) {
        self.push(u64::from(ms) << 32 | u64::from(state));
    }

    #[inline]
    pub fn push_arrival(&mut self, ms: u32, arrival: u32) {
        self.push(u64::from(ms) << 32 | ARRIVAL | u64::from(arrival));
    }

    /// The time of what [`Self::pop`] would take.
    #[inline]
    pub fn earliest_ms(&self) -> Option<u32> {
        self.items.first().map(|first| (first >> 32) as u32)
    }

    #[inline]
    pub fn pop(&mut self) -> Option<(u32, Waiting)> {
        let first = *self.items.first()?;
        let last = self.items.pop()?;
        if !self.items.is_empty() {
            self.sink(last);
        }
        let number = (first & (ARRIVAL - 1)) as u32;
        let waiting =
            if first & ARRIVAL == 0 { Waiting::State(number) } else { Waiting::Arrival(number) };
        Some(((first >> 32) as u32, waiting))
    }

    #[inline]
    fn push(&mut self, item: u64) {
        let mut at = self.items.len();
        self.items.push(item);
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.items[parent] <= item {
                break;
            }
            self.items[at] = self.items[parent];
            at = parent;
        }
        self.items[at] = item;
    }

    /// Puts an item where the first was.
    #[inline]
    fn sink(&mut self, item: u64) {
        let items = self.items.as_mut_slice();
        let mut at = 0;
        loop {
            let first = at * 4 + 1;
            if first >= items.len() {
                break;
            }
            // By hand: `min_by_key` took most of a search where it was not inlined.
            let (mut child, mut least) = (first, items[first]);
            let end = (first + 4).min(items.len());
            let mut next = first + 1;
            while next < end {
                if items[next] < least {
                    (child, least) = (next, items[next]);
                }
                next += 1;
            }
            if least >= item {
                break;
            }
            items[at] = least;
            at = child;
        }
        items[at] = item;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_the_order_of_a_sorted_list() {
        let mut random = 7_u64;
        let mut queue = Queue::default();
        let mut sorted = Vec::new();
        for _ in 0..5_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (ms, number) = ((random >> 60) as u32, (random >> 40) as u32 & 0xff);
            if random & (1 << 39) == 0 {
                queue.push_state(ms, number);
                sorted.push((ms, 0, number));
            } else {
                queue.push_arrival(ms, number);
                sorted.push((ms, 1, number));
            }
        }
        sorted.sort_unstable();
        for (ms, kind, number) in sorted {
            let waiting = [Waiting::State(number), Waiting::Arrival(number)][kind];
            assert_eq!(queue.pop(), Some((ms, waiting)));
        }
        assert_eq!(queue.pop(), None);
    }
}
