//! Tables that versions of a graph share page by page.

use std::sync::Arc;

/// Entries of a page.
const PAGE: usize = 1 << SHIFT;
const SHIFT: u32 = 10;

/// A table of fixed entries; a change copies the pages that it touches.
#[derive(Debug, Clone)]
pub(crate) struct Pages<T> {
    pages: Vec<Arc<[T]>>,
    len: usize,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new(), len: 0 }
    }
}

impl<T: Copy> Pages<T> {
    pub const fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn get(&self, index: u32) -> &T {
        &self.pages[index as usize >> SHIFT][index as usize & (PAGE - 1)]
    }

    /// The entry to change.
    pub fn get_mut(&mut self, index: u32) -> &mut T {
        let page = &mut self.pages[index as usize >> SHIFT];
        &mut Arc::make_mut(page)[index as usize & (PAGE - 1)]
    }

    /// Adds an entry; its number is the length before.
    pub fn push(&mut self, entry: T) -> u32 {
        if self.len.is_multiple_of(PAGE) {
            self.pages.push(vec![entry; PAGE].into());
        }
        let index = index_u32(self.len);
        self.len += 1;
        *self.get_mut(index) = entry;
        index
    }

    pub fn bytes(&self) -> usize {
        self.pages.len() * PAGE * size_of::<T>()
    }
}

/// A table of lists; a change rewrites the pages that it touches.
#[derive(Debug, Clone)]
pub(crate) struct Lists<T> {
    pages: Vec<Arc<ListPage<T>>>,
}

#[derive(Debug)]
struct ListPage<T> {
    /// Where each list starts, and where the last one ends.
    starts: Box<[u32]>,
    items: Box<[T]>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

/// New lists, by their numbers in growing order, each once.
#[derive(Debug)]
pub(crate) struct ListEdit<T> {
    lists: Vec<(u32, u32)>,
    items: Vec<T>,
}

impl<T> Default for ListEdit<T> {
    fn default() -> Self {
        Self { lists: Vec::new(), items: Vec::new() }
    }
}

impl<T: Copy> ListEdit<T> {
    /// Replaces a list; its number is above the one before.
    pub fn set(&mut self, index: u32, items: impl IntoIterator<Item = T>) {
        self.lists.push((index, index_u32(self.items.len())));
        self.items.extend(items);
    }

    fn list(&self, at: usize) -> &[T] {
        let end = self.lists.get(at + 1).map_or(self.items.len(), |next| next.1 as usize);
        &self.items[self.lists[at].1 as usize..end]
    }
}

impl<T: Copy> Lists<T> {
    /// A list; empty where none was set.
    #[inline]
    pub fn get(&self, index: u32) -> &[T] {
        let Some(page) = self.pages.get(index as usize >> SHIFT) else { return &[] };
        let at = index as usize & (PAGE - 1);
        &page.items[page.starts[at] as usize..page.starts[at + 1] as usize]
    }

    /// Takes new lists.
    pub fn apply(&mut self, edit: &ListEdit<T>) {
        let mut at = 0;
        while let Some((first, _)) = edit.lists.get(at) {
            let page = *first as usize >> SHIFT;
            let is_here = |(index, _): &(u32, u32)| *index as usize >> SHIFT == page;
            let end = at + edit.lists[at..].iter().take_while(|list| is_here(list)).count();
            while self.pages.len() <= page {
                self.pages.push(Arc::new(ListPage::empty()));
            }
            self.pages[page] = Arc::new(self.pages[page].with(edit, at..end));
            at = end;
        }
    }

    pub fn bytes(&self) -> usize {
        let page = |page: &Arc<ListPage<T>>| {
            size_of_val(&*page.starts) + size_of_val(&*page.items) + size_of::<ListPage<T>>()
        };
        self.pages.iter().map(page).sum()
    }
}

impl<T: Copy> ListPage<T> {
    fn empty() -> Self {
        Self { starts: vec![0; PAGE + 1].into(), items: Box::default() }
    }

    fn with(&self, edit: &ListEdit<T>, lists: std::ops::Range<usize>) -> Self {
        let mut starts = Vec::with_capacity(PAGE + 1);
        let mut items = Vec::with_capacity(self.items.len());
        let mut new = lists.peekable();
        for at in 0..PAGE {
            starts.push(index_u32(items.len()));
            let is_new = |list: &usize| edit.lists[*list].0 as usize & (PAGE - 1) == at;
            match new.next_if(is_new) {
                Some(list) => items.extend_from_slice(edit.list(list)),
                None => items.extend_from_slice(
                    &self.items[self.starts[at] as usize..self.starts[at + 1] as usize],
                ),
            }
        }
        starts.push(index_u32(items.len()));
        Self { starts: starts.into(), items: items.into() }
    }
}

/// A number of a table; tables stay below 2^31 entries, as arcs are numbered in 31 bits.
pub(crate) fn index_u32(index: usize) -> u32 {
    debug_assert!(index < 1 << 31, "a table of the road graph is too large");
    index as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shares_all_other_pages_and_leaves_the_old_table_as_it_was() {
        let mut before = Pages::default();
        (0..3_000_u32).for_each(|entry| assert_eq!(before.push(entry), entry));
        let mut after = before.clone();
        *after.get_mut(1_500) = 7;
        assert_eq!((*before.get(1_500), *after.get(1_500)), (1_500, 7));
        assert!(Arc::ptr_eq(&before.pages[0], &after.pages[0]));
        assert!(!Arc::ptr_eq(&before.pages[1], &after.pages[1]));
    }

    #[test]
    fn lists_that_are_not_named_stay() {
        let mut lists = Lists::default();
        let mut edit = ListEdit::default();
        (0..2_500_u32).for_each(|index| edit.set(index, 0..index % 4));
        lists.apply(&edit);
        let mut edit = ListEdit::default();
        edit.set(3, [9, 9, 9, 9]);
        edit.set(1_030, []);
        edit.set(5_000, [1]);
        lists.apply(&edit);
        assert_eq!(lists.get(3), [9, 9, 9, 9]);
        assert_eq!(lists.get(2), [0, 1]);
        assert!(lists.get(1_030).is_empty());
        assert_eq!(lists.get(2_499), [0, 1, 2]);
        assert!(lists.get(4_999).is_empty());
        assert_eq!(lists.get(5_000), [1]);
        assert!(lists.get(99_999).is_empty());
    }
}
