//! The way from a source's fields to a layer's attributes, as the layer file says it.

use urbis_catalog::{Layer, Source};
use urbis_model::{AttributeValue, Fault};
use xxhash_rust::xxh3::Xxh3;

use crate::error::IngestError;
use crate::geometry::Rejection;
use crate::number::parse_number;
use crate::parse::Parser;
use crate::record::SourceRecord;
use crate::value::RawValue;

/// The source's own id in mappings.
const ID_FIELD: &str = "@id";

/// Stands for any value in conditions.
const ANY: &str = "*";

/// Between the parts of a key of several attributes; no text of a table holds it.
const KEY_SEPARATOR: &str = "\u{1f}";

/// Longest key, so that it fits a database index.
const MAX_KEY_BYTES: usize = 1_000;

/// Whether a field that is missing in the file is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The file has a schema: what it does not have, no record has.
    Required,
    /// Records have what they have (OSM tags, examples).
    Sparse,
}

/// Where a value is found in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Id,
    Column(usize),
}

/// A field and the values that let a record through.
struct Condition {
    /// `None` where the file does not have the field: then it never holds.
    place: Option<Place>,
    wanted: Vec<String>,
}

/// What fills one attribute.
struct Rule {
    parser: Parser,
    required: bool,
    places: Vec<Place>,
    constant: Option<RawValue>,
}

/// What the attributes of a record became.
pub(crate) struct Mapped {
    /// One value an attribute, in the layer's order.
    pub(crate) attributes: Vec<AttributeValue>,
    /// Start and end of validity, RFC 3339.
    pub(crate) validity: [Option<String>; 2],
    /// Values that did not fit.
    pub(crate) faults: Vec<Fault>,
}

/// A source's mapping, resolved against the fields of one file.
pub(crate) struct Mapping {
    rules: Vec<Rule>,
    validity: [Rule; 2],
    /// Attributes of the key; none where the source fills no part of it.
    key: Vec<usize>,
    filter: Vec<Condition>,
    xy: Option<[Place; 2]>,
    fields: Vec<String>,
    /// Columns that the mapping reads, in order of their names.
    used: Vec<usize>,
}

impl Mapping {
    /// Resolves a source's mapping.
    ///
    /// # Errors
    ///
    /// [`IngestError::MissingField`] where fields are [`Presence::Required`] and none of an
    /// attribute's exists.
    pub(crate) fn new(
        layer: &Layer,
        source: &Source,
        fields: Vec<String>,
        presence: Presence,
    ) -> Result<Self, IngestError> {
        let resolver = Resolver { layer, source, fields: &fields, presence };
        let key = if source.has_key_of(layer) { layer.key.as_slice() } else { &[] };
        // Nobody can mend a key that the source never had.
        let is_lost_key = |name: &String| key.is_empty() && layer.key.contains(name);
        let rules = layer.attributes.iter().map(|attribute| {
            let required = attribute.required && !is_lost_key(&attribute.name);
            resolver.rule(&attribute.name, Parser::new(attribute), required)
        });
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        let end = |name| resolver.rule(name, Parser::of_instants(name), false);
        let validity = [end("valid_from")?, end("valid_to")?];
        let key = key.iter().filter_map(|name| layer.attribute_index(name)).collect();
        let filter = resolver.filter()?;
        let xy = resolver.xy()?;
        let mut mapping = Self { rules, validity, key, filter, xy, fields, used: Vec::new() };
        mapping.used = mapping.used_columns();
        Ok(mapping)
    }

    /// Names of the fields of the file.
    pub(crate) fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Says whether the source's conditions hold for a record.
    pub(crate) fn selects(&self, record: &SourceRecord) -> bool {
        self.filter.iter().all(|condition| condition.holds(record))
    }

    /// The geometry of a record: its own, or a point made of its columns.
    pub(crate) fn geometry(&self, record: &SourceRecord) -> Result<Option<Vec<u8>>, Rejection> {
        let Some(places) = self.xy else { return Ok(record.geometry.clone()) };
        let [x, y] = places.map(|place| read(record, place));
        if x.is_blank() || y.is_blank() {
            return Ok(None);
        }
        let mut wkb = vec![1, 1, 0, 0, 0];
        for value in [x, y] {
            let number = match &value {
                RawValue::Real(number) => Some(*number),
                other => other.to_text().and_then(|text| parse_number(&text, None)),
            };
            let number = number.ok_or_else(|| {
                let found = value.to_text().unwrap_or_default();
                Rejection::new("coordinates_unparsable", format!("'{found}' is no coordinate"))
            })?;
            wkb.extend(number.to_le_bytes());
        }
        Ok(Some(wkb))
    }

    /// Hash of a record as the source gives it: the fields that the mapping reads and the
    /// geometry, neither understood yet.
    pub(crate) fn hash(&self, record: &SourceRecord) -> u128 {
        let mut hasher = Xxh3::new();
        hasher.update(record.id_if_used(self.uses_id()).as_bytes());
        for column in &self.used {
            RawValue::Bytes(self.fields[*column].clone().into_bytes()).feed(|b| hasher.update(b));
            let value = record.values.get(*column).unwrap_or(&RawValue::Null);
            value.feed(|bytes| hasher.update(bytes));
        }
        if let Some(wkb) = &record.geometry {
            hasher.update(wkb);
        }
        hasher.digest128()
    }

    /// Reads the attributes of a record.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] where text is in an unknown encoding.
    pub(crate) fn attributes(&self, record: &SourceRecord) -> Result<Mapped, Rejection> {
        self.check_encoding(record, self.used.iter().copied())?;
        let mut faults = Vec::new();
        let attributes: Vec<_> =
            self.rules.iter().map(|rule| rule.apply(record, &mut faults)).collect();
        let [from, to] = &self.validity;
        let mut end = |rule: &Rule| rule.apply(record, &mut faults).as_text().map(str::to_owned);
        let validity = [end(from), end(to)];
        Ok(Mapped { attributes, validity, faults })
    }

    /// Says whether the source fills a part of the key at least.
    pub(crate) fn has_key(&self) -> bool {
        !self.key.is_empty()
    }

    /// Identifies a record within its source, whatever the rest of it is like; `None` where its
    /// geometry has to.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] where the key cannot be read.
    pub(crate) fn key(&self, record: &SourceRecord) -> Result<Option<String>, Rejection> {
        if !self.has_key() {
            return Ok(None);
        }
        let mut parts = Vec::with_capacity(self.key.len());
        for index in &self.key {
            let rule = &self.rules[*index];
            self.check_encoding(record, rule.places.iter().filter_map(|place| place.column()))?;
            let Some(text) = key_text(&rule.apply(record, &mut Vec::new())) else {
                let detail = format!("{} is missing, which identifies the record", rule.name());
                return Err(Rejection::new("key_missing", detail));
            };
            parts.push(text);
        }
        let key = parts.join(KEY_SEPARATOR);
        if key.len() > MAX_KEY_BYTES {
            let detail = format!("the key has {} bytes, limit is {MAX_KEY_BYTES}", key.len());
            return Err(Rejection::new("key_too_long", detail));
        }
        Ok(Some(key))
    }

    fn check_encoding(
        &self,
        record: &SourceRecord,
        columns: impl Iterator<Item = usize>,
    ) -> Result<(), Rejection> {
        let is_bad = |column: &usize| {
            record.values.get(*column).is_some_and(|value| value.to_text().is_none())
        };
        let bad: Vec<_> =
            columns.filter(is_bad).map(|column| self.fields[column].as_str()).collect();
        if bad.is_empty() {
            return Ok(());
        }
        let detail = format!("the text of {} is not UTF-8", bad.join(", "));
        Err(Rejection::new("text_not_utf8", detail))
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        let rules = self.rules.iter().chain(&self.validity);
        let mapped = rules.flat_map(|rule| rule.places.iter().copied());
        let conditions = self.filter.iter().filter_map(|condition| condition.place);
        mapped.chain(conditions).chain(self.xy.into_iter().flatten())
    }

    fn uses_id(&self) -> bool {
        self.places().any(|place| place == Place::Id)
    }

    fn used_columns(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = self.places().filter_map(Place::column).collect();
        columns
            .sort_by(|one, other| self.fields[*one].cmp(&self.fields[*other]).then(one.cmp(other)));
        columns.dedup();
        columns
    }
}

impl SourceRecord {
    /// The id where the mapping reads it: the row numbers that stand in for ids elsewhere would
    /// make every record look changed when one is put in above it.
    fn id_if_used(&self, used: bool) -> &str {
        if used { &self.id } else { "" }
    }
}

impl Condition {
    fn holds(&self, record: &SourceRecord) -> bool {
        let Some(place) = self.place else { return false };
        let value = read(record, place);
        let is = |word: &String| word == ANY || value.to_text().as_deref() == Some(word);
        !value.is_blank() && self.wanted.iter().any(is)
    }
}

impl Place {
    const fn column(self) -> Option<usize> {
        match self {
            Self::Id => None,
            Self::Column(column) => Some(column),
        }
    }
}

impl Rule {
    fn name(&self) -> &str {
        self.parser.name()
    }

    /// The first value that the record has, as the attribute wants it; `Null` and a fault where
    /// it does not fit.
    fn apply(&self, record: &SourceRecord, faults: &mut Vec<Fault>) -> AttributeValue {
        let found = self.places.iter().map(|place| read(record, *place));
        let found = found.chain(self.constant.clone()).find(|value| !value.is_blank());
        let Some(raw) = found else {
            if self.required {
                let detail = format!("{} is missing", self.name());
                faults.push(Fault { code: "attribute_missing", detail });
            }
            return AttributeValue::Null;
        };
        self.parser.parse(&raw).unwrap_or_else(|fault| {
            faults.push(fault);
            AttributeValue::Null
        })
    }
}

fn read(record: &SourceRecord, place: Place) -> RawValue {
    match place {
        Place::Id => RawValue::Bytes(record.id.clone().into_bytes()),
        Place::Column(column) => record.values.get(column).cloned().unwrap_or(RawValue::Null),
    }
}

fn key_text(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::Null => None,
        AttributeValue::Bool(flag) => Some(flag.to_string()),
        AttributeValue::Int(number) => Some(number.to_string()),
        AttributeValue::Float(number) => Some(number.to_string()),
        AttributeValue::Text(text) => Some(text.to_string()),
    }
}

/// Finds fields by name.
struct Resolver<'a> {
    layer: &'a Layer,
    source: &'a Source,
    fields: &'a [String],
    presence: Presence,
}

impl Resolver<'_> {
    fn rule(&self, name: &str, parser: Parser, required: bool) -> Result<Rule, IngestError> {
        let constant = self.source.constants.get(name).and_then(RawValue::from_toml);
        let places = match self.source.fields.get(name) {
            Some(aliases) => self.places(aliases)?,
            None => Vec::new(),
        };
        Ok(Rule { parser, required, places, constant })
    }

    fn filter(&self) -> Result<Vec<Condition>, IngestError> {
        let resolve = |(field, wanted): (&String, &Vec<String>)| {
            let places = self.places(std::slice::from_ref(field))?;
            Ok(Condition { place: places.first().copied(), wanted: wanted.clone() })
        };
        self.source.filter.iter().map(resolve).collect()
    }

    fn xy(&self) -> Result<Option<[Place; 2]>, IngestError> {
        let Some([x, y]) = &self.source.xy else { return Ok(None) };
        let x = self.places(std::slice::from_ref(x))?;
        let y = self.places(std::slice::from_ref(y))?;
        Ok(x.first().zip(y.first()).map(|(x, y)| [*x, *y]))
    }

    fn places(&self, aliases: &[String]) -> Result<Vec<Place>, IngestError> {
        let found: Vec<Place> = aliases.iter().filter_map(|alias| self.place(alias)).collect();
        if found.is_empty() && self.presence == Presence::Required {
            return Err(IngestError::MissingField {
                layer: self.layer.id.clone(),
                field: aliases.join("/"),
                known: self.fields.to_vec(),
            });
        }
        Ok(found)
    }

    fn place(&self, alias: &str) -> Option<Place> {
        if alias == ID_FIELD {
            return Some(Place::Id);
        }
        find_field(self.fields, alias).map(Place::Column)
    }
}

/// The column of that name; formats change the case of names, so that the first one that differs
/// in nothing else will do.
pub(crate) fn find_field(fields: &[String], alias: &str) -> Option<usize> {
    let exact = fields.iter().position(|field| field == alias);
    exact.or_else(|| fields.iter().position(|field| field.eq_ignore_ascii_case(alias)))
}
