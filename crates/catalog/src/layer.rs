//! The definition of one layer, as its file in `layers/` spells it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use urbis_model::{GeometryKind, LayerId, Openness, Srid};

use crate::NetworkRole;

mod search;
mod tiles;
mod validity;

pub use search::{AddressRules, AreaRules, ParcelRules, SearchRules};
pub use tiles::{Coalesce, TileRules, ZoomBy};

/// A text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// Stands between the codes of one [`AttributeType::Codes`] value.
pub const CODE_SEPARATOR: char = '+';

/// Everything that the program knows about a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The file's name without `.toml`.
    #[serde(skip_deserializing, default = "unnamed")]
    pub id: LayerId,
    /// Group in the layer tree, one of [`crate::Theme::KNOWN`] or one that `theme_title` names;
    /// never equal to a layer id.
    pub theme: String,
    /// Name of a theme that the program does not know; one of its layers says it.
    pub theme_title: Option<Title>,
    /// Short name.
    pub title: Title,
    /// What the layer holds, a sentence or two.
    pub description: Title,
    /// The one geometry kind of its features.
    pub geometry: GeometryKind,
    /// CRS of the table: 5899 for land and construction, else 4326.
    pub storage_srid: Srid,
    /// Who may see it.
    #[serde(default)]
    pub openness: Openness,
    /// Who may see a feature, by the value of an attribute.
    pub openness_by: Option<OpennessBy>,
    /// Drawn when the map opens; the others wait in the layer tree.
    #[serde(default = "yes")]
    pub shown: bool,
    /// Its end is announced: `urbis check --against` lets it go after this notice.
    pub deprecated: Option<Deprecation>,
    /// Who may change it.
    #[serde(default)]
    pub edits: Edits,
    /// What happens to a record with an invalid geometry.
    #[serde(default)]
    pub on_invalid: OnInvalid,
    /// Joins the nearest-facility index.
    #[serde(default)]
    pub facility: bool,
    /// What the road graph takes it for; at most one layer for each.
    pub network: Option<NetworkRole>,
    /// Polygons that share edges and leave no gap: shared arcs are simplified once.
    #[serde(default)]
    pub coverage: bool,
    /// Names of the attributes that together identify a record within a source, in order.
    #[serde(deserialize_with = "one_or_many")]
    pub key: Vec<String>,
    /// Where records come from.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What of it goes into tiles.
    pub tiles: TileRules,
    /// What of it is found by typing; nothing where absent.
    pub search: Option<SearchRules>,
    /// Limits of an import.
    #[serde(default)]
    pub import: ImportRules,
    /// Attributes, in the order of the table's columns.
    pub attributes: Vec<Attribute>,
    /// Records and what becomes of them; run by `urbis check` and the tests.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// Who may change a layer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Edits {
    /// Imports only.
    #[default]
    None,
    /// Editors, at once.
    Direct,
    /// Editors, after approval.
    Review,
}

/// What happens to a record with an invalid geometry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnInvalid {
    /// Published as it came, with a fault.
    #[default]
    Flag,
    /// Not published; kept with its code and bytes.
    Reject,
    /// Published repaired, with a fault; the original is kept.
    Repair,
}

/// A file that feeds a layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Path below the city's folder; of a synthetic source, the name of what generates it.
    pub file: String,
    /// Made up by a generator, not observed: imported with `--with-synthetic` only. Every record
    /// has `synthetic` in the attribute `source`.
    #[serde(default)]
    pub synthetic: bool,
    /// Layer, table or OSM layer (`lines`, `multipolygons`, `points`, [`Self::RELATIONS`]) within the
    /// file; may be absent where there is one.
    pub layer: Option<String>,
    /// Of [`Self::RELATIONS`], and always there: where the geometry comes from.
    pub geometry_of: Option<GeometryOf>,
    /// `EPSG:n`; compared with the file, a mismatch stops the import.
    pub crs: String,
    /// Who publishes it.
    pub publisher: String,
    /// SPDX licence id, or the words of the publisher.
    pub licence: String,
    /// Line to show where the data is drawn, such as `© OpenStreetMap contributors`.
    pub attribution: Option<String>,
    /// Page or repository it was taken from.
    pub origin: Option<String>,
    /// Day it was fetched.
    pub retrieved: toml::value::Datetime,
    /// Attribute (or `valid_from`, `valid_to`) to the source's field names; the first that has a
    /// value in the record wins. `@id` is the source's own feature id (for OSM `n`, `w` or `r`
    /// and the number); of [`Self::RELATIONS`] any other word after `@` is a role, and the value
    /// the ids of its members in their order, joined by `;`.
    #[serde(default)]
    pub fields: BTreeMap<String, Vec<String>>,
    /// Fields with the x (easting, longitude) and y (northing, latitude) of a point, in this
    /// order, where the file has no geometry. Vietnamese survey tables call the northing X.
    pub xy: Option<[String; 2]>,
    /// Only records whose field has one of these values; `["*"]` is any value.
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, Vec<String>>,
    /// Attributes (or `valid_from`, `valid_to`) with one value for the whole source.
    #[serde(default)]
    pub constants: BTreeMap<String, toml::Value>,
}

/// Which members give a relation its geometry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeometryOf {
    /// Their role: in a layer of lines its ways; in one of points its first node or, where it has
    /// ways alone, the first node that one of them shares with a member of the role `meeting`.
    pub role: String,
    /// The other role of a place that two roles share.
    pub meeting: Option<String>,
}

/// Who may see a feature, by the value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpennessBy {
    /// The attribute; of one with several codes the strictest counts.
    pub attribute: String,
    /// Value to openness, each stricter than the layer's; a value that is not named has the
    /// layer's, one that the attribute cannot have the strictest of these.
    pub levels: BTreeMap<String, Openness>,
}

/// Notice that something will go, for those whose programs read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deprecation {
    /// Day of the notice.
    pub since: toml::value::Datetime,
    /// What to use instead.
    pub instead: Title,
}

/// Limits of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportRules {
    /// More rejects than this, and nothing is published.
    pub max_rejects: u64,
}

impl Default for ImportRules {
    fn default() -> Self {
        Self { max_rejects: 100 }
    }
}

/// One attribute of a layer: a column, a tile attribute, a property.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Column name.
    pub name: String,
    /// Label, with the unit where there is one.
    pub title: Title,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// Unit as the label spells it.
    pub unit: Option<String>,
    /// Smallest and largest allowed number; outside: fault `attribute_out_of_range`.
    pub range: Option<[f64; 2]>,
    /// Absent: fault `attribute_missing`.
    #[serde(default)]
    pub required: bool,
    /// Stricter than the layer, never laxer; the layer's where absent.
    pub openness: Option<Openness>,
    /// Its end is announced: `urbis check --against` lets it go after this notice.
    pub deprecated: Option<Deprecation>,
    /// Code list of a `code` or `codes` attribute, in the order of the legend. A boolean may have
    /// one with the keys `true` and `false`, for labels and spellings.
    #[serde(default)]
    pub values: IndexMap<String, CodeValue>,
}

/// Type of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributeType {
    /// Unicode text, `text`.
    Text,
    /// Whole number, `bigint`.
    Integer,
    /// Number, `double precision`.
    Float,
    /// `boolean`.
    Boolean,
    /// Calendar day, `date`.
    Date,
    /// Instant, `timestamptz`.
    Datetime,
    /// A key of the code list, `text`.
    Code,
    /// Several keys of the code list in the order of the source, joined by `+`, such as
    /// `ONT+CLN`; `text`.
    Codes,
}

/// One entry of a code list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeValue {
    /// Vietnamese label.
    pub vi: String,
    /// English label.
    pub en: String,
    /// Colour in maps and legends, `#rrggbb`.
    pub color: Option<String>,
    /// Icon in maps and legends: a name in the sprite.
    pub icon: Option<String>,
    /// Spellings in sources, beside the key itself; compared without case.
    #[serde(default)]
    pub from: Vec<String>,
    /// First words of longer spellings in sources, such as `Phường` of `Phường Hải Châu`;
    /// tried after whole spellings, compared without case.
    #[serde(default)]
    pub from_start: Vec<String>,
}

/// A record and what becomes of it; exactly one of `output`, `fault`, `reject`
/// (a `fault` may stand with an `output`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// Source fields; `geometry` is WKT in `crs`.
    pub input: BTreeMap<String, toml::Value>,
    /// CRS of the input geometry; the storage CRS where absent.
    pub crs: Option<String>,
    /// Attributes that must come out.
    pub output: Option<BTreeMap<String, toml::Value>>,
    /// Code of a fault that must be found.
    pub fault: Option<String>,
    /// Code of the reject that must come out.
    pub reject: Option<String>,
}

impl Layer {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Position of an attribute in [`Self::attributes`].
    pub fn attribute_index(&self, name: &str) -> Option<usize> {
        self.attributes.iter().position(|attribute| attribute.name == name)
    }

    /// Positions in [`Self::attributes`] of those in the layer's tiles that `class` may see, in
    /// the order of the tile.
    pub fn tile_attributes(&self, class: Openness) -> impl Iterator<Item = usize> {
        self.seen_of(&self.tiles.attributes, class)
    }

    /// Positions in [`Self::attributes`] of those in the layer's tiles of one zoom that `class` may
    /// see, in the order of the tile.
    pub fn tile_attributes_at(&self, zoom: u8, class: Openness) -> impl Iterator<Item = usize> {
        let joined = self.coalesce_at(zoom).map(|rule| &rule.by);
        self.seen_of(joined.unwrap_or(&self.tiles.attributes), class)
    }

    /// What is joined in the layer's tiles of one zoom; `None` where each feature is drawn by
    /// itself.
    pub fn coalesce_at(&self, zoom: u8) -> Option<&Coalesce> {
        self.tiles.coalesce.as_ref().filter(|rule| zoom < rule.below)
    }

    fn seen_of(&self, names: &[String], class: Openness) -> impl Iterator<Item = usize> {
        let indices = names.iter().filter_map(|name| self.attribute_index(name));
        indices.filter(move |index| self.openness_of(&self.attributes[*index]) <= class)
    }
}

impl Attribute {
    /// The two words of a boolean, and the keys that its list may have.
    pub const BOOLEANS: [&str; 2] = ["true", "false"];
}

impl Source {
    /// The OSM layer of relations with their members, which are not made into areas or lines.
    pub const RELATIONS: &str = "relations";

    /// Says whether records of the source are told apart by the layer's key: where no field and
    /// no constant fills any of it, they are told apart by their geometry.
    pub fn has_key_of(&self, layer: &Layer) -> bool {
        let fills =
            |name: &String| self.fields.contains_key(name) || self.constants.contains_key(name);
        layer.key.iter().any(fills)
    }

    /// The declared CRS; `None` where it is not written `EPSG:n`, which no checked layer has.
    pub fn srid(&self) -> Option<Srid> {
        parse_crs(&self.crs)
    }
}

impl Example {
    /// The CRS of the input geometry; the storage CRS of its layer where it says none.
    pub fn srid(&self, layer: &Layer) -> Srid {
        self.crs.as_deref().and_then(parse_crs).unwrap_or(layer.storage_srid)
    }
}

/// Reads `EPSG:n`.
pub(crate) fn parse_crs(words: &str) -> Option<Srid> {
    let number = words.strip_prefix("EPSG:")?;
    number.parse().ok().filter(|number| *number > 0).map(Srid)
}

const fn yes() -> bool {
    true
}

fn unnamed() -> LayerId {
    LayerId::new("unnamed").expect("a plain word is a valid id")
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(name) => vec![name],
        OneOrMany::Many(names) => names,
    })
}
