//! Checks the themes of a catalogue: each has one name, and no layer is called like one.

use std::collections::BTreeMap;

use urbis_model::LayerId;

use crate::{Layer, LayerFault, Nearest, Theme};

/// Finds the first layer whose theme, or whose name, contradicts the other layers.
pub(crate) fn check_themes(layers: &BTreeMap<LayerId, Layer>) -> Result<(), (LayerId, LayerFault)> {
    for layer in layers.values() {
        check_theme(layers, layer).map_err(|fault| (layer.id.clone(), fault))?;
    }
    Ok(())
}

fn check_theme(layers: &BTreeMap<LayerId, Layer>, layer: &Layer) -> Result<(), LayerFault> {
    let found = || layer.theme.clone();
    if Theme::find(&layer.theme).is_some() {
        return match &layer.theme_title {
            Some(_) => Err(LayerFault::ThemeTitleKnown { theme: found() }),
            None => Ok(()),
        };
    }
    // Addresses name themes and layers alike.
    let Ok(id) = LayerId::new(&layer.theme) else {
        return Err(LayerFault::ThemeName { found: found() });
    };
    if layers.contains_key(&id) {
        return Err(LayerFault::ThemeIsName { found: found() });
    }
    let of_theme = layers.values().filter(|other| other.theme == layer.theme);
    let mut titles = of_theme.filter_map(|other| Some((&other.id, other.theme_title.as_ref()?)));
    let Some((first, title)) = titles.next() else {
        return Err(LayerFault::ThemeUnknown { found: found(), nearest: nearest(layers, layer) });
    };
    match &layer.theme_title {
        Some(own) if own != title => {
            Err(LayerFault::ThemeTitleDiffers { theme: found(), other: first.clone() })
        }
        _ => Ok(()),
    }
}

fn nearest(layers: &BTreeMap<LayerId, Layer>, layer: &Layer) -> Nearest {
    let titled = layers.values().filter(|other| other.theme_title.is_some());
    let known = Theme::KNOWN.iter().map(|theme| theme.id);
    Nearest::find(&layer.theme, known.chain(titled.map(|other| other.theme.as_str())))
}
