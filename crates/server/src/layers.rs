//! The layers that a path names, cut to what the caller may see.

use urbis_catalog::{Catalog, Layer, Nearest, ThemeTitle};
use urbis_model::Openness;

use crate::problem::{ApiError, echo};

/// Most names in one list.
const MAX_NAMES: usize = 32;

/// The layers that a comma list of layer and theme ids means, in the order given, each once.
///
/// A layer that `class` may not see is unknown by its name and left out of its theme; no hint
/// names it either.
///
/// # Errors
///
/// [`ApiError::TooManyLayers`], [`ApiError::UnknownLayer`].
pub(crate) fn resolve<'a>(
    catalog: &'a Catalog,
    names: &str,
    class: Openness,
) -> Result<Vec<&'a Layer>, ApiError> {
    let count = names.split(',').count();
    if count > MAX_NAMES {
        return Err(ApiError::TooManyLayers { found: count, limit: MAX_NAMES });
    }
    let mut found: Vec<&Layer> = Vec::new();
    for name in names.split(',') {
        let mut meant =
            visible(catalog, class).filter(|l| l.id.as_str() == name || l.theme == name).peekable();
        if meant.peek().is_none() {
            return Err(unknown_layer(catalog, name, class));
        }
        for layer in meant {
            if !found.iter().any(|earlier| earlier.id == layer.id) {
                found.push(layer);
            }
        }
    }
    Ok(found)
}

/// The layers that a class may see, in order of their ids.
pub(crate) fn visible(catalog: &Catalog, class: Openness) -> impl Iterator<Item = &Layer> {
    catalog.layers().filter(move |layer| layer.openness <= class)
}

/// The themes that have a layer the class may see, in the order of the layer tree.
pub(crate) fn visible_themes(catalog: &Catalog, class: Openness) -> Vec<ThemeTitle> {
    let is_seen = |theme: &ThemeTitle| visible(catalog, class).any(|l| l.theme == theme.id);
    catalog.themes().filter(is_seen).collect()
}

fn unknown_layer(catalog: &Catalog, name: &str, class: Openness) -> ApiError {
    let layers = visible(catalog, class).map(|layer| layer.id.as_str());
    let themes = visible_themes(catalog, class);
    let themes = themes.iter().map(|theme| theme.id.as_str());
    let nearest = Nearest::find(name, layers.chain(themes));
    ApiError::UnknownLayer { name: echo(name), nearest }
}
