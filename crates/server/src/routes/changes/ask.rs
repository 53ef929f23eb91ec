//! The parameters of `/changes`.

use std::sync::Arc;

use urbis_catalog::{Catalog, Layer, UtcOffset};
use urbis_model::{Moment, Openness};
use urbis_store::{ChangesAsk, ChangesPage, ChangesSince, ChangesToken, FeatureReader, StoreError};

use crate::layers::{resolve, visible};
use crate::moment::parse_moment;
use crate::present::Published;
use crate::problem::{ApiError, echo};
use crate::query::Query;

/// Changes of a page that says no limit, and the most that one may have.
const DEFAULT_LIMIT: usize = 1_000;
const MAX_LIMIT: usize = 10_000;

/// What a request may say.
const PARAMETERS: &[&str] = &["since", "layer", "limit", "f"];

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One document a page.
    Json,
    /// One object a line, to the end.
    Lines,
}

/// Since when changes are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Since {
    Token(ChangesToken),
    Moment(Moment),
}

/// What a request for changes says.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub form: Form,
    /// Absent where only the present position is wanted.
    pub since: Option<Since>,
    /// `since` as it came.
    pub since_text: Option<String>,
    /// `layer` as it came.
    pub layer_text: Option<String>,
    /// Most changes of a page.
    pub limit: usize,
    /// The limit that was given.
    given_limit: Option<usize>,
    catalog: Arc<Catalog>,
    layers: Vec<Layer>,
    class: Openness,
}

impl Asked {
    /// Reads a query as a class asks it.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownLayer`] (404); 400 for what is wrong with a parameter.
    pub fn read(
        raw: Option<&str>,
        published: &Published,
        class: Openness,
        offset: UtcOffset,
    ) -> Result<Self, ApiError> {
        let query = Query::parse(raw, PARAMETERS)?;
        let form = query.word("f", ["json", "ndjson"], "json or ndjson")?;
        let wanted = "a whole number from 1 to 10000";
        let given_limit = query.whole("limit", 1..=MAX_LIMIT, wanted)?;
        let catalog = Arc::clone(published.city.catalog());
        let layers = match query.text("layer") {
            Some(names) => resolve(&catalog, names, class)?.into_iter().cloned().collect(),
            None => visible(&catalog, class).cloned().collect(),
        };
        let since = query.text("since").map(|text| read_since(text, offset)).transpose()?;
        Ok(Self {
            form: if form == Some("ndjson") { Form::Lines } else { Form::Json },
            since,
            since_text: query.text("since").map(str::to_owned),
            layer_text: query.text("layer").map(str::to_owned),
            limit: given_limit.unwrap_or(DEFAULT_LIMIT),
            given_limit,
            catalog,
            layers,
            class,
        })
    }

    /// Reads a page of so many changes at most.
    pub async fn read_page(
        &self,
        reader: &FeatureReader,
        limit: usize,
    ) -> Result<ChangesPage, StoreError> {
        let layers: Vec<&Layer> = self.layers.iter().collect();
        let since = match &self.since {
            Some(Since::Token(token)) => ChangesSince::Token(token),
            Some(Since::Moment(moment)) => ChangesSince::Moment(*moment),
            None => ChangesSince::Moment(Moment::now()),
        };
        let (catalog, class) = (&*self.catalog, self.class);
        reader.changes(&ChangesAsk { catalog, layers: &layers, class, since, limit }).await
    }

    /// Changes that are read together for lines, of which so many were sent; none after the last.
    pub fn page_of_lines(&self, sent: usize) -> usize {
        let left = self.given_limit.map_or(usize::MAX, |limit| limit.saturating_sub(sent));
        left.min(DEFAULT_LIMIT)
    }

    /// The query that asks on from a token.
    pub fn query_from(&self, token: &str) -> String {
        let mut query = format!("?since={token}");
        if let Some(layers) = &self.layer_text {
            let layers: String = form_urlencoded::byte_serialize(layers.as_bytes()).collect();
            query.push_str(&format!("&layer={}", layers.replace("%2C", ",")));
        }
        if let Some(limit) = self.given_limit {
            query.push_str(&format!("&limit={limit}"));
        }
        if self.form == Form::Lines {
            query.push_str("&f=ndjson");
        }
        query
    }
}

/// A moment, or the token of an answer.
fn read_since(text: &str, offset: UtcOffset) -> Result<Since, ApiError> {
    if let Some(moment) = parse_moment(text, offset) {
        return Ok(Since::Moment(moment));
    }
    let wanted = "the token 'next' of an answer, the Urbis-Position of a download, or a moment such \
                  as 2026-11-01T00:00:00Z";
    let refused = |_| ApiError::InvalidParameter { name: "since", found: echo(text), wanted };
    text.parse().map(Since::Token).map_err(refused)
}
