//! How many features all pages of a question have.
//!
//! Counting a filter may take as long as reading the whole layer, a page takes milliseconds. So the
//! database counts while the page is on its way, and the number stands behind the features.

use tokio::task::JoinSet;
use urbis_store::{FeatureAsk, FeaturePage, FeatureReader, StoreError};

use super::parameters::ItemsParameters;
use super::read::in_memory;
use crate::features::refused;
use crate::routes::ogc::asked::Asked;

/// The number of one answer.
#[derive(Debug)]
pub(super) enum Matched {
    /// Known, or given up on the page before.
    Said(Option<u64>),
    /// On its way; given up where nobody waits for the answer any more.
    Counting(JoinSet<Result<u64, StoreError>>),
}

impl Matched {
    /// Begins to count where nobody knows the number yet; `first` is the first piece of the page.
    pub fn start(
        asked: &Asked,
        reader: &FeatureReader,
        parameters: &ItemsParameters,
        ask: &FeatureAsk<'_>,
        first: Option<&FeaturePage>,
    ) -> Self {
        if let Some(token) = parameters.after {
            return Self::Said(token.matched);
        }
        if parameters.is_all() {
            return Self::Said(Some(in_memory(asked, ask)));
        }
        if first.is_none_or(|piece| piece.next.is_none()) {
            return Self::Said(Some(first.map_or(0, |piece| piece.count)));
        }
        let mut counting = JoinSet::new();
        counting.spawn(reader.count(ask));
        Self::Counting(counting)
    }

    /// The number; `returned` where the first page has turned out to be the last. `None` where
    /// counting takes too long: the features are worth having without it.
    pub async fn number(&mut self, returned: Option<u64>) -> Option<u64> {
        let counting = match self {
            Self::Said(number) => return *number,
            Self::Counting(_) if returned.is_some() => return returned,
            Self::Counting(counting) => counting,
        };
        match counting.join_next().await?.ok()? {
            Ok(number) => Some(number),
            Err(cause) => {
                refused(&cause);
                None
            }
        }
    }
}
