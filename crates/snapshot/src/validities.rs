//! When some rows hold in the world: few different spans, shared by many rows.

use std::collections::HashMap;

use urbis_model::{Moment, Validity};

use crate::column::Codes;

/// The validity of each row, and all moments at which one starts or ends.
#[derive(Debug)]
pub(crate) struct Validities {
    spans: Box<[Validity]>,
    codes: Codes,
    /// In order, each once.
    moments: Box<[Moment]>,
}

impl Default for Validities {
    fn default() -> Self {
        ValiditiesBuilder::default().finish()
    }
}

impl Validities {
    pub(crate) fn get(&self, row: u32) -> Validity {
        self.spans.get(usize::from(self.codes.get(row))).copied().unwrap_or(Validity::ALWAYS)
    }

    /// The starts and ends, in order of time, each once.
    pub(crate) const fn moments(&self) -> &[Moment] {
        &self.moments
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.spans.len() * size_of::<Validity>()
            + self.codes.bytes()
            + self.moments.len() * size_of::<Moment>()
    }
}

/// Collects the validity of rows.
#[derive(Debug, Default)]
pub(crate) struct ValiditiesBuilder {
    spans: Vec<Validity>,
    numbers: HashMap<Validity, u16>,
    codes: Vec<u16>,
}

impl ValiditiesBuilder {
    pub(crate) fn push(&mut self, validity: Validity) {
        let last = self.codes.last().copied();
        let same = last.filter(|last| self.spans[usize::from(*last)] == validity);
        let code = same.unwrap_or_else(|| {
            let next = self.spans.len() as u16;
            *self.numbers.entry(validity).or_insert_with(|| {
                self.spans.push(validity);
                next
            })
        });
        self.codes.push(code);
    }

    pub(crate) fn finish(self) -> Validities {
        let mut moments: Vec<Moment> = self.spans.iter().flat_map(|span| span.ends()).collect();
        moments.sort_unstable();
        moments.dedup();
        Validities {
            codes: Codes::new(&self.codes, self.spans.len()),
            spans: self.spans.into(),
            moments: moments.into(),
        }
    }
}
