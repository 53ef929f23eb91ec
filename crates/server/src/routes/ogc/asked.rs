//! What every request below `/ogc` says: who asks, of which city, in which form.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::Value;
use urbis_catalog::{Catalog, Layer};
use urbis_model::{LayerId, Validity};
use urbis_ogc::{LayerFacts, MediaType, Site};

use super::form::Form;
use super::page::as_page;
use crate::extent::extent;
use crate::layers::resolve;
use crate::present::Published;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::AppState;

/// One request and the one state of the city that answers it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub state: AppState,
    pub caller: Caller,
    pub published: Published,
}

/// A request for a document, which takes no parameter but `f`.
#[derive(Debug, Clone)]
pub(super) struct AskedDocument {
    pub asked: Asked,
    pub form: Form,
}

/// How a document is written in both forms.
pub(super) struct Document<J, P> {
    /// The type of what programs get.
    pub media_type: MediaType,
    /// What programs get.
    pub json: J,
    /// What people get.
    pub page: P,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(Self { state: state.clone(), caller, published: state.published()? })
    }
}

impl FromRequestParts<AppState> for AskedDocument {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let query = Query::parse(parts.uri.query(), &["f"])?;
        let form = Form::negotiate(query.text("f"), &parts.headers)?;
        Ok(Self { form, asked: Asked::from_request_parts(parts, state).await? })
    }
}

impl Asked {
    /// The catalogue of the city.
    pub fn catalog(&self) -> &Catalog {
        self.published.city.catalog()
    }

    /// What the caller may see of the city.
    pub fn site(&self) -> Site<'_> {
        Site {
            catalog: self.catalog(),
            city: self.state.city_settings(),
            class: self.caller.access.class(),
            base: self.caller.base.as_str(),
        }
    }

    /// The layer of a collection's id.
    ///
    /// # Errors
    ///
    /// [`ApiError::UnknownLayer`] (404), for a theme and a list, too.
    pub fn layer(&self, id: &str) -> Result<&Layer, ApiError> {
        let site = self.site();
        let known = LayerId::new(id).ok().and_then(|id| site.catalog.layer(&id));
        if let Some(layer) = known.filter(|layer| layer.openness <= site.class) {
            return Ok(layer);
        }
        // For the hint: the names of layers that the caller may see. A theme is no collection.
        match resolve(site.catalog, id, site.class) {
            Err(cause @ ApiError::UnknownLayer { .. }) => Err(cause),
            _ => Err(ApiError::UnknownLayer {
                name: crate::problem::echo(id),
                nearest: urbis_catalog::Nearest(None),
            }),
        }
    }

    /// What the city in memory knows of a layer.
    pub fn facts(&self, layer: &Layer) -> LayerFacts {
        let class = self.caller.access.class();
        let snapshot = self.published.city.layer(&layer.id);
        LayerFacts {
            count: snapshot.map_or(0, |snapshot| snapshot.count(class)),
            extent: self.extent(&[layer]),
            synthetic: snapshot.is_some_and(|snapshot| snapshot.synthetic_count(class) > 0),
            validity: snapshot.map_or(Validity::ALWAYS, |snapshot| snapshot.validity(class)),
            imported: self.state.imported(&layer.id),
        }
    }

    /// The box of some layers.
    pub fn extent(&self, layers: &[&Layer]) -> [f64; 4] {
        let home = self.state.city_settings().bbox;
        extent(&self.published.city, layers, self.caller.access.class(), home)
    }
}

impl AskedDocument {
    /// Answers with a document in the form that is wanted.
    ///
    /// # Errors
    ///
    /// Those of the document.
    pub async fn send<J, P>(self, document: Document<J, P>) -> Result<Response, ApiError>
    where
        J: FnOnce(&Asked) -> Result<Value, ApiError> + Send + 'static,
        P: FnOnce(&Asked) -> Result<String, ApiError> + Send + 'static,
    {
        let Self { asked, form } = self;
        let Document { media_type, json, page } = document;
        let (state, caller) = (asked.state.clone(), asked.caller.clone());
        let published = asked.published.clone();
        let write = move || match form {
            Form::Data => json(&asked).map(|json| json.to_string()),
            Form::Page => page(&asked),
        };
        let body = state.off_runtime("writing a document", write).await??;
        let mut content = Content::json(published, body);
        content.media_type = media_type.as_str();
        match form {
            Form::Data => content.send(&state, &caller).await,
            Form::Page => as_page(content, &state, &caller).await,
        }
    }
}
