//! Puts together what QGIS opens: the map's own style and icons, the catalogue, the city's box.

use anyhow::Context;
use rust_embed::Embed;
use serde_json::Value;
use urbis_catalog::style::Style;
use urbis_catalog::{Catalog, CitySettings};
use urbis_model::{Openness, Srid};
use urbis_qgis::{Connection, Icons, ProjectRequest, StyleRequest, write_project, write_style};
use urbis_server::Files;
use urbis_store::{QgisProject, QgisPublication, QgisStyle, Store, qgis_schema};

use crate::settings::Settings;

/// CRS of the projects: that of the land in Da Nang.
const PROJECT_CRS: Srid = Srid(5899);

#[derive(Embed)]
#[folder = "../../web/sprites"]
struct Sprites;

/// Renews the styles and the projects in the database.
///
/// # Errors
///
/// Where the built-in style does not fit the catalogue, or the database fails.
pub async fn publish_for_qgis(
    store: &Store,
    catalog: &Catalog,
    settings: &Settings,
) -> anyhow::Result<()> {
    let sources = Sources::read(catalog)?;
    let mut publication = QgisPublication::default();
    for class in Openness::ALL {
        publication.styles.extend(sources.styles(class)?);
    }
    // A database may be of a city whose folder is not here: the views need no settings.
    if let Ok(city) = CitySettings::load(&settings.city) {
        let connection = Connection::Service(store.database_address().await?.database);
        for class in Openness::ALL {
            let content = sources.project(store, &city, class, &connection).await?;
            let name = project_name(&city, class);
            publication.projects.push(QgisProject { class, name, content });
        }
    }
    Ok(store.publish_to_qgis(&publication).await?)
}

/// What the list of projects shows. Without brackets: QGIS does not read them out of an address.
pub fn project_name(city: &CitySettings, class: Openness) -> String {
    format!("{} - {}", city.title.vi, level_words(class))
}

/// A class in Vietnamese, as the web map says it.
const fn level_words(class: Openness) -> &'static str {
    match class {
        Openness::Open => "mở",
        Openness::Internal => "nội bộ",
        Openness::Restricted => "hạn chế",
    }
}

/// What styles and projects are made of.
#[derive(Debug)]
pub struct Sources<'a> {
    catalog: &'a Catalog,
    style: Style,
    id: String,
    icons: Icons,
}

impl<'a> Sources<'a> {
    /// Reads the first style of the binary.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn read(catalog: &'a Catalog) -> anyhow::Result<Self> {
        let files = Files::embedded();
        let name = (files.style_paths)().into_iter().min().context("the binary has no style")?;
        let bytes = (files.style)(&name).context("the binary has no style")?;
        let template: Value = serde_json::from_slice(&bytes)?;
        let style = Style::parse(name.trim_end_matches(".json"), template)?;
        let id = style.ids().next().context("the style has no id")?.to_owned();
        Ok(Self { catalog, style, id, icons: read_icons() })
    }

    /// A project of one class.
    ///
    /// # Errors
    ///
    /// Where the style does not fit the catalogue, or the database fails.
    pub async fn project(
        &self,
        store: &Store,
        city: &CitySettings,
        class: Openness,
        connection: &Connection,
    ) -> anyhow::Result<Vec<u8>> {
        let extent = store.project_box(city.bbox, PROJECT_CRS).await?;
        Ok(write_project(&ProjectRequest {
            title: &project_name(city, class),
            catalog: self.catalog,
            class,
            style: &self.expand(class)?,
            icons: &self.icons,
            connection,
            schema: qgis_schema(class),
            extent,
        }))
    }

    /// The default style of each layer of a class.
    ///
    /// # Errors
    ///
    /// Where the style does not fit the catalogue.
    pub fn styles(&self, class: Openness) -> anyhow::Result<Vec<QgisStyle>> {
        let style = self.expand(class)?;
        let layers = self.catalog.layers().filter(|layer| layer.openness <= class);
        let write = |layer| {
            let request = StyleRequest { layer, class, style: &style, icons: &self.icons };
            let written = write_style(&request);
            if !written.left_out.is_empty() {
                tracing::debug!(layer.id = %layer.id, left_out = ?written.left_out, "QGIS draws less");
            }
            QgisStyle {
                class,
                layer: layer.id.clone(),
                description: layer.title.vi.clone(),
                qml: written.qml,
            }
        };
        Ok(layers.map(write).collect())
    }

    fn expand(&self, class: Openness) -> anyhow::Result<Value> {
        Ok(self.style.expand(&self.id, self.catalog, class)?)
    }
}

fn read_icons() -> Icons {
    let read = |path: std::borrow::Cow<'static, str>| {
        let drawing = String::from_utf8(Sprites::get(&path)?.data.into_owned()).ok()?;
        Some((path.strip_suffix(".svg")?.to_owned(), drawing))
    };
    Sprites::iter().filter_map(read).collect()
}
