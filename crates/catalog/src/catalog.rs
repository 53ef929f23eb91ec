//! All layers of a city.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use urbis_model::LayerId;

use crate::check::{check_layer, check_roles, check_themes};
use crate::digest::{Digests, hash};
use crate::parse::read_toml;
use crate::{CatalogError, Layer, LayerFault, Theme, ThemeTitle, Title, VehicleProfile};

/// All layers, each checked, in order of their ids, and the vehicles that drive on them.
#[derive(Debug, Clone)]
pub struct Catalog {
    layers: BTreeMap<LayerId, Layer>,
    profiles: Arc<[Arc<VehicleProfile>]>,
    hash: u64,
    digests: Digests,
}

impl Catalog {
    /// Reads every `*.toml` file of a folder; a file's name is the layer's id.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], at the first fault, files in order of their names.
    pub fn load(dir: &Path) -> Result<Self, CatalogError> {
        let layers = toml_files(dir)?.iter().map(|path| load_layer(path)).collect::<Result<_, _>>();
        Self::from_layers(layers?)
    }

    /// Makes a catalogue from definitions that are already parsed; checked like files.
    ///
    /// # Errors
    ///
    /// [`CatalogError::Layer`], at the first fault.
    pub fn from_layers(layers: Vec<Layer>) -> Result<Self, CatalogError> {
        let mut by_id = BTreeMap::new();
        for layer in layers {
            let id = layer.id.clone();
            check_layer(&layer)
                .map_err(|fault| CatalogError::Layer { layer: id.clone(), fault })?;
            if by_id.insert(id.clone(), layer).is_some() {
                return Err(CatalogError::Layer { layer: id, fault: LayerFault::Duplicate });
            }
        }
        let of_layer = |(layer, fault)| CatalogError::Layer { layer, fault };
        check_themes(&by_id).map_err(of_layer)?;
        check_roles(&by_id).map_err(of_layer)?;
        let hash = hash(&by_id.values().collect::<Vec<_>>());
        let digests = Digests::of(by_id.values());
        Ok(Self { layers: by_id, profiles: Arc::new([]), hash, digests })
    }

    /// The layer of that name.
    pub fn layer(&self, id: &LayerId) -> Option<&Layer> {
        self.layers.get(id)
    }

    /// All layers in order of their ids.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.values()
    }

    /// All vehicle profiles in order of their ids; none where none were given.
    pub fn profiles(&self) -> &[Arc<VehicleProfile>] {
        &self.profiles
    }

    pub(crate) fn replace_profiles(self, profiles: Arc<[Arc<VehicleProfile>]>) -> Self {
        Self { profiles, ..self }
    }

    /// Themes that have a layer: the known ones in the order of the layer tree, then those that a
    /// `theme_title` names, in order of their ids.
    pub fn themes(&self) -> impl Iterator<Item = ThemeTitle> {
        let has_layer = |theme: &&Theme| self.layers().any(|layer| layer.theme == theme.id);
        let known = Theme::KNOWN.iter().filter(has_layer).map(ThemeTitle::from);
        let named =
            self.layers().filter_map(|layer| Some((&layer.theme, layer.theme_title.as_ref()?)));
        let named: BTreeMap<_, _> = named.collect();
        let own =
            |(id, title): (&String, &Title)| ThemeTitle { id: id.clone(), title: title.clone() };
        known.chain(named.into_iter().map(own)).collect::<Vec<_>>().into_iter()
    }

    /// Hash of all layer definitions; changes when any file changes in meaning. It tells of every layer,
    /// so it is for the city's own use: callers get [`Self::digest`].
    pub const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) const fn digests(&self) -> &Digests {
        &self.digests
    }
}

/// The `*.toml` files of a folder in order of their names.
pub(crate) fn toml_files(dir: &Path) -> Result<Vec<PathBuf>, CatalogError> {
    let unreadable = |cause| CatalogError::Unreadable { path: dir.to_owned(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn load_layer(path: &Path) -> Result<Layer, CatalogError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let id = LayerId::new(&name)
        .map_err(|cause| CatalogError::FileName { path: path.to_owned(), cause })?;
    let mut layer: Layer = read_toml(path)?;
    layer.id = id;
    Ok(layer)
}
