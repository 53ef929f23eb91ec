//! A project of QGIS: all layers of a class, by theme, styled, in the order of the map.

use serde_json::Value;
use urbis_catalog::{Catalog, Layer, Theme};
use urbis_model::{GeometryKind, Openness};
use xxhash_rust::xxh3::xxh3_64;

use crate::qml::{DOCTYPE, Drawn, Part, StyleRequest, VERSION, entries};
use crate::xml::Element;
use crate::{Icons, archive};

/// CRS of the map: VN-2000 / TM-3 of Da Nang's meridian, in which land is surveyed.
const MAP_CRS: u32 = 5899;

/// What to make a project of.
#[derive(Debug, Clone, Copy)]
pub struct ProjectRequest<'a> {
    /// Name of the project and title of its services.
    pub title: &'a str,
    /// The layers.
    pub catalog: &'a Catalog,
    /// Who will open it.
    pub class: Openness,
    /// A MapLibre style as that class gets it.
    pub style: &'a Value,
    /// Drawings of the icons that it names.
    pub icons: &'a Icons,
    /// How the one who opens it reaches the database.
    pub connection: &'a Connection,
    /// Schema with the views of the class.
    pub schema: &'a str,
    /// What the map shows first: west, south, east, north in metres, EPSG:5899.
    pub extent: [f64; 4],
}

/// How a client reaches the database; there is no password in it, and no user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// By an entry of the client's `pg_service.conf`.
    Service(String),
    /// By address.
    Address {
        /// Host name, address or folder of the socket.
        host: String,
        /// Port.
        port: u16,
        /// Name of the database.
        database: String,
    },
}

impl Connection {
    fn words(&self) -> String {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
        match self {
            Self::Service(name) => format!("service='{}'", quoted(name)),
            Self::Address { host, port, database } => {
                format!("dbname='{}' host='{}' port={port}", quoted(database), quoted(host))
            }
        }
    }
}

/// Writes a project as a `.qgz` file.
pub fn write_project(request: &ProjectRequest<'_>) -> Vec<u8> {
    let document = format!("{DOCTYPE}{}", project(request).write());
    archive::write("urbis.qgs", document.as_bytes())
}

/// One layer of the project.
struct Sheet<'a> {
    layer: &'a Layer,
    part: Part,
    id: String,
    name: String,
    /// Place in the style: what comes later is drawn over it.
    place: usize,
}

fn project(request: &ProjectRequest<'_>) -> Element {
    let mut sheets = sheets(request);
    let tree = tree(request, &sheets);
    let layers = sheets.iter().map(|sheet| map_layer(request, sheet));
    let layers = Element::new("projectlayers").children(layers);
    sheets.sort_by_key(|sheet| std::cmp::Reverse(sheet.place));
    let order = sheets.iter().map(|sheet| Element::new("item").text(&sheet.id));
    let order = Element::new("custom-order").with("enabled", 1).children(order);
    Element::new("qgis")
        .with("projectname", request.title)
        .with("version", VERSION)
        .child(Element::new("homePath").with("path", ""))
        .child(Element::new("title").text(request.title))
        .child(Element::new("projectCrs").child(crs(MAP_CRS)))
        .child(tree.child(order))
        .child(canvas(request.extent))
        .child(view(request.extent))
        .child(layers)
        .child(properties(request, &sheets))
}

/// The layers of the class in the order of the catalogue. One whose areas lie under those of other
/// layers and whose lines lie over them is two.
fn sheets<'a>(request: &ProjectRequest<'a>) -> Vec<Sheet<'a>> {
    let layers = request.catalog.layers().filter(|layer| layer.openness <= request.class);
    let mut sheets = Vec::new();
    for layer in layers {
        let entries = entries(request.style, layer);
        let first = entries.first().map_or(usize::MAX, |(place, _)| *place);
        let over = entries.iter().find(|(_, entry)| entry["type"] != "fill");
        let over =
            over.map(|(place, _)| *place).filter(|over| is_between(request, layer, first, *over));
        let sheet = |part, name: String, place| Sheet {
            layer,
            part,
            id: format!("{}_{:016x}", layer.id, xxh3_64(name.as_bytes())),
            name,
            place,
        };
        let title = &layer.title.vi;
        match over {
            Some(over) => sheets.extend([
                sheet(Part::Rest, format!("{title}: ranh giới, tên"), over),
                sheet(Part::Areas, format!("{title}: nền"), first),
            ]),
            None => sheets.push(sheet(Part::Whole, title.clone(), first)),
        }
    }
    sheets
}

/// Says whether areas of another layer that is shown lie between two places.
fn is_between(request: &ProjectRequest<'_>, layer: &Layer, first: usize, over: usize) -> bool {
    let others = request.catalog.layers().filter(|other| other.id != layer.id && other.shown);
    let mut places = others.flat_map(|other| entries(request.style, other));
    layer.shown
        && layer.geometry == GeometryKind::MultiPolygon
        && places.any(|(place, entry)| entry["type"] == "fill" && (first..over).contains(&place))
}

fn tree(request: &ProjectRequest<'_>, sheets: &[Sheet<'_>]) -> Element {
    let mut themes: Vec<&str> = Theme::KNOWN.iter().map(|theme| theme.id).collect();
    for sheet in sheets {
        if !themes.contains(&sheet.layer.theme.as_str()) {
            themes.push(&sheet.layer.theme);
        }
    }
    let groups = themes.into_iter().filter_map(|theme| {
        let of_theme: Vec<_> = sheets.iter().filter(|sheet| sheet.layer.theme == theme).collect();
        let first = of_theme.first()?;
        let own = of_theme.iter().find_map(|sheet| sheet.layer.theme_title.as_ref());
        let title = Theme::find(theme).map(|known| known.vi);
        let title = title.or(own.map(|title| title.vi.as_str())).unwrap_or(&first.layer.theme);
        let group = Element::new("layer-tree-group").with("name", title);
        let group = group.with("checked", "Qt::Checked").with("expanded", 1);
        Some(group.children(of_theme.into_iter().map(|sheet| tree_layer(request, sheet))))
    });
    Element::new("layer-tree-group").children(groups)
}

fn tree_layer(request: &ProjectRequest<'_>, sheet: &Sheet<'_>) -> Element {
    let checked = if sheet.layer.shown { "Qt::Checked" } else { "Qt::Unchecked" };
    Element::new("layer-tree-layer")
        .with("id", &sheet.id)
        .with("name", &sheet.name)
        .with("providerKey", "postgres")
        .with("source", source(request, sheet.layer))
        .with("checked", checked)
        .with("expanded", 0)
}

fn map_layer(request: &ProjectRequest<'_>, sheet: &Sheet<'_>) -> Element {
    let layer = sheet.layer;
    let geometry = match layer.geometry {
        GeometryKind::Point => "Point",
        GeometryKind::MultiLineString => "Line",
        GeometryKind::MultiPolygon => "Polygon",
    };
    let style =
        StyleRequest { layer, class: request.class, style: request.style, icons: request.icons };
    let drawn = Drawn::read(&style, sheet.part);
    let root = Element::new("maplayer").with("type", "vector").with("geometry", geometry);
    drawn
        .attributes(root.with("wkbType", layer.geometry).with("readOnly", 1))
        .child(Element::new("id").text(&sheet.id))
        .child(Element::new("datasource").text(&source(request, layer)))
        .child(Element::new("shortname").text(&short_name(sheet)))
        .child(Element::new("title").text(&sheet.name))
        .child(Element::new("abstract").text(&layer.description.vi))
        .child(Element::new("layername").text(&sheet.name))
        .child(Element::new("srs").child(crs(layer.storage_srid.0)))
        .child(Element::new("provider").with("encoding", "UTF-8").text("postgres"))
        .children(drawn.elements())
}

/// Name of the layer in services.
fn short_name(sheet: &Sheet<'_>) -> String {
    match sheet.part {
        Part::Areas => format!("{}_area", sheet.layer.id),
        Part::Whole | Part::Rest => sheet.layer.id.to_string(),
    }
}

/// Where the rows are. The key is known to be one, and QGIS need not count to see it; estimates are
/// not asked for: those of a view are of no use.
fn source(request: &ProjectRequest<'_>, layer: &Layer) -> String {
    format!(
        "{} key='feature_id' srid={} type={} checkPrimaryKeyUnicity='0' table=\"{}\".\"{}\" (geom)",
        request.connection.words(),
        layer.storage_srid.0,
        layer.geometry,
        request.schema,
        layer.id
    )
}

/// QGIS looks the authority's id up where it has a number of its own list too, whichever.
fn crs(srid: u32) -> Element {
    let number = |name: &str| Element::new(name).text(&srid.to_string());
    let authority = Element::new("authid").text(&format!("EPSG:{srid}"));
    Element::new("spatialrefsys").children([number("srsid"), number("srid"), authority])
}

fn canvas([west, south, east, north]: [f64; 4]) -> Element {
    let edge = |name: &str, value: f64| Element::new(name).text(&format!("{value:.3}"));
    let extent = Element::new("extent").children([
        edge("xmin", west),
        edge("ymin", south),
        edge("xmax", east),
        edge("ymax", north),
    ]);
    Element::new("mapcanvas")
        .with("name", "theMapCanvas")
        .child(Element::new("units").text("meters"))
        .child(extent)
        .child(Element::new("rotation").text("0"))
        .child(Element::new("destinationsrs").child(crs(MAP_CRS)))
}

/// What the whole map is: the box of the city, and not of its farthest island.
fn view([west, south, east, north]: [f64; 4]) -> Element {
    let extent = Element::new("DefaultViewExtent").with("xmin", west).with("ymin", south);
    let extent = extent.with("xmax", east).with("ymax", north).child(crs(MAP_CRS));
    let settings = Element::new("ProjectViewSettings").with("UseProjectScales", 0);
    settings.child(Element::new("Scales")).child(extent)
}

/// What the services of QGIS Server say and serve; see `docs/qgis.md`.
fn properties(request: &ProjectRequest<'_>, sheets: &[Sheet<'_>]) -> Element {
    let list = |name: &str, values: Vec<String>| {
        let values = values.into_iter().map(|value| Element::new("value").text(&value));
        Element::new(name).with("type", "QStringList").children(values)
    };
    let text = |name: &str, value: &str| Element::new(name).with("type", "QString").text(value);
    let extent = request.extent.iter().map(|edge| format!("{edge:.3}")).collect();
    let crs = ["EPSG:5899", "EPSG:3405", "EPSG:4326", "EPSG:3857"].map(str::to_owned);
    let features = sheets.iter().filter(|sheet| sheet.part != Part::Areas);
    let enabled = Element::new("ProjectionsEnabled").with("type", "int").text("1");
    Element::new("properties")
        .child(Element::new("SpatialRefSys").child(enabled))
        .child(text("WMSServiceTitle", request.title))
        .child(Element::new("WMSServiceCapabilities").with("type", "bool").text("true"))
        .child(list("WMSCrsList", crs.to_vec()))
        .child(list("WMSExtent", extent))
        .child(Element::new("WMSUseLayerIDs").with("type", "bool").text("false"))
        .child(list("WFSLayers", features.map(|sheet| sheet.id.clone()).collect()))
        .child(background(request.style))
}

/// The ground that the style draws first.
fn background(style: &Value) -> Element {
    let ground = style["layers"].as_array().into_iter().flatten();
    let ground = ground.clone().find(|entry| entry["type"] == "background");
    let color = ground.and_then(|entry| entry["paint"]["background-color"].as_str());
    let color = color.and_then(crate::color::Color::parse).unwrap_or(crate::color::Color::WHITE);
    let [red, green, blue, _] = color.0;
    let part =
        |name: &str, value: u8| Element::new(name).with("type", "int").text(&value.to_string());
    Element::new("Gui").children([
        part("CanvasColorRedPart", red),
        part("CanvasColorGreenPart", green),
        part("CanvasColorBluePart", blue),
    ])
}
