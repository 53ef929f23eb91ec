//! `/dcat`: the catalogue of the layers as linked data, for portals that harvest it.
//!
//! One dataset a layer, with a distribution a way to get it; Vietnamese beside English. The context
//! stands in the document, so that nothing has to be fetched to read it.
//!
//! Source: DCAT-AP 3.0.0 (SEMIC, 2024) over DCAT 3 (W3C, 2024) in JSON-LD 1.1; boxes as WKT in
//! CRS84 (OGC 22-047r1).

use serde_json::{Value, json};
use urbis_catalog::{Credit, Layer, Source, ThemeTitle, Title, licence_page};
use urbis_model::Openness;

use crate::link::as_page;
use crate::moment::shown;
use crate::{DOWNLOADS, LayerFacts, MediaType, Site};

/// Lists of the EU's Publications Office.
const AUTHORITY: &str = "http://publications.europa.eu/resource/authority";

/// The downloads whose format its list of file types has.
const FILE_TYPES: [&str; 4] = ["gpkg", "geojson", "csv", "shp"];

/// Registered media types.
const IANA: &str = "https://www.iana.org/assignments/media-types";

impl<'a> Site<'a> {
    /// The document `/dcat`; `facts` of each layer in [`Self::layers`].
    pub fn dcat(&self, facts: impl Fn(&'a Layer) -> LayerFacts) -> Value {
        let datasets: Vec<Value> =
            self.layers().map(|layer| self.dataset(layer, facts(layer))).collect();
        let title = Title {
            vi: format!("Dữ liệu hạ tầng {}", self.city.title.vi),
            en: format!("Infrastructure data of {}", self.city.title.en),
        };
        let description = Title {
            vi: "Các lớp dữ liệu hạ tầng của thành phố, để tải về, lọc và vẽ.".into(),
            en: "The layers of the city's infrastructure, to download, filter and draw.".into(),
        };
        let languages = ["VIE", "ENG"].map(|code| linked(format!("{AUTHORITY}/language/{code}")));
        json!({
            "@context": context(),
            "@id": self.url("/dcat"),
            "@type": "dcat:Catalog",
            "dct:title": both(&title),
            "dct:description": both(&description),
            "dct:publisher": self.publisher(),
            "dct:language": languages,
            "dct:spatial": place(self.city_box()),
            "foaf:homepage": linked(format!("{}/", self.base)),
            "dcat:themeTaxonomy": self.taxonomy(),
            "dcat:service": self.services(),
            "dcat:dataset": datasets,
        })
    }

    fn dataset(&self, layer: &Layer, facts: LayerFacts) -> Value {
        let mut description = layer.description.clone();
        let mut keywords = vec![
            json!({"@value": layer.title.vi, "@language": "vi"}),
            json!({"@value": layer.title.en, "@language": "en"}),
        ];
        if facts.synthetic {
            description.vi.push_str(" Có dữ liệu mô phỏng.");
            description.en.push_str(" Holds made-up data.");
            keywords.push(json!({"@value": "mô phỏng", "@language": "vi"}));
            keywords.push(json!({"@value": "synthetic", "@language": "en"}));
        }
        let mut dataset = json!({
            "@id": self.layer_url(layer, ""),
            "@type": "dcat:Dataset",
            "dct:identifier": layer.id,
            "dct:title": both(&layer.title),
            "dct:description": both(&description),
            "dct:publisher": self.publisher(),
            "dct:creator": creators(layer),
            "dct:accessRights": linked(format!("{AUTHORITY}/access-right/{}", rights(layer))),
            "dcat:theme": linked(self.theme_id(&layer.theme)),
            "dcat:keyword": keywords,
            "dct:spatial": place(facts.extent),
            "dcat:landingPage": linked(as_page(&self.layer_url(layer, ""))),
            "foaf:page": linked(as_page(&self.layer_url(layer, "/schema"))),
            "dct:provenance": {
                "@type": "dct:ProvenanceStatement",
                "rdfs:label": Credit::of(layer).attribution(),
            },
            "dcat:distribution": self.distributions(layer),
        });
        let ends = [("dcat:startDate", facts.validity.from), ("dcat:endDate", facts.validity.to)];
        let mut period = json!({"@type": "dct:PeriodOfTime"});
        for (name, end) in ends {
            if let Some(end) = end.and_then(shown) {
                period[name] = typed(end, "xsd:dateTime");
                dataset["dct:temporal"] = period.clone();
            }
        }
        if let Some(modified) = modified(layer, facts) {
            dataset["dct:modified"] = modified;
        }
        dataset
    }

    /// The ways to get a layer: files, the API, tiles.
    fn distributions(&self, layer: &Layer) -> Vec<Value> {
        let licences = licences(layer);
        let distribution = |id: &str, title: &str, access: &str, media_type: &str| {
            json!({
                "@id": format!("{}#{id}", self.layer_url(layer, "")),
                "@type": "dcat:Distribution",
                "dct:title": title,
                "dcat:accessURL": linked(access),
                "dcat:mediaType": linked(format!("{IANA}/{media_type}")),
                "dct:license": licences,
            })
        };
        let mut distributions = Vec::new();
        for (name, media_type, title) in DOWNLOADS {
            let address = self.layer_url(layer, &format!("/download?f={name}"));
            // Parameters of a type are no part of its name.
            let plain = media_type.as_str().split(';').next().unwrap_or_default();
            let mut file = distribution(name, title, &address, plain);
            file["dcat:downloadURL"] = linked(&address);
            if FILE_TYPES.contains(&name) {
                let kind = name.to_uppercase();
                file["dct:format"] = linked(format!("{AUTHORITY}/file-type/{kind}"));
            }
            distributions.push(file);
        }
        let items = self.layer_url(layer, "/items");
        let mut api =
            distribution("items", "OGC API – Features", &items, MediaType::GeoJson.as_str());
        api["dcat:accessService"] = linked(self.features_id());
        let tiles = format!("{}/tiles/{}", self.base, layer.id);
        let mut drawn = distribution("tiles", "Vector tiles", &tiles, MediaType::Mvt.as_str());
        drawn["dcat:accessService"] = linked(self.tiles_id());
        distributions.extend([api, drawn]);
        distributions
    }

    fn services(&self) -> Value {
        let served: Vec<Value> =
            self.layers().map(|layer| linked(self.layer_url(layer, ""))).collect();
        let service = |id: String, title: &str, standard: &str| {
            json!({
                "@id": id,
                "@type": "dcat:DataService",
                "dct:title": title,
                "dcat:endpointURL": linked(self.url("")),
                "dcat:endpointDescription": linked(self.url("/api")),
                "dct:conformsTo": linked(standard),
                "dcat:servesDataset": served,
            })
        };
        json!([
            service(
                self.features_id(),
                "OGC API – Features",
                "http://www.opengis.net/spec/ogcapi-features-1/1.0/req/core",
            ),
            service(
                self.tiles_id(),
                "OGC API – Tiles",
                "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/req/core",
            ),
        ])
    }

    fn features_id(&self) -> String {
        self.url("/dcat#features")
    }

    fn tiles_id(&self) -> String {
        self.url("/dcat#tiles")
    }

    fn theme_id(&self, theme: &str) -> String {
        self.url(&format!("/dcat#theme-{theme}"))
    }

    fn taxonomy(&self) -> Value {
        let id = self.url("/dcat#themes");
        let concept = |theme: ThemeTitle| {
            json!({
                "@id": self.theme_id(&theme.id),
                "@type": "skos:Concept",
                "skos:prefLabel": both(&theme.title),
                "skos:inScheme": linked(&id),
            })
        };
        let concepts: Vec<Value> = self.themes().into_iter().map(concept).collect();
        let title = Title { vi: "Chủ đề".into(), en: "Themes".into() };
        json!({
            "@id": id,
            "@type": "skos:ConceptScheme",
            "dct:title": both(&title),
            "skos:hasTopConcept": concepts,
        })
    }

    fn city_box(&self) -> [f64; 4] {
        let (low, high) = (self.city.bbox.south_west(), self.city.bbox.north_east());
        [low.lon(), low.lat(), high.lon(), high.lat()]
    }

    fn publisher(&self) -> Value {
        json!({
            "@id": self.url("/dcat#publisher"),
            "@type": "foaf:Agent",
            "foaf:name": both(&self.city.title),
        })
    }
}

/// The names that are shortened.
fn context() -> Value {
    json!({
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "geosparql": "http://www.opengis.net/ont/geosparql#",
    })
}

fn both(title: &Title) -> Value {
    json!([
        {"@value": title.vi, "@language": "vi"},
        {"@value": title.en, "@language": "en"},
    ])
}

fn linked(address: impl Into<String>) -> Value {
    json!({"@id": address.into()})
}

fn typed(value: String, kind: &str) -> Value {
    json!({"@value": value, "@type": kind})
}

/// A box: west, south, east, north in degrees.
fn place([west, south, east, north]: [f64; 4]) -> Value {
    let ring = format!(
        "POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    );
    json!({"@type": "dct:Location", "dcat:bbox": typed(ring, "geosparql:wktLiteral")})
}

/// Who gave the data, each once.
fn creators(layer: &Layer) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for source in &layer.sources {
        if !names.contains(&source.publisher.as_str()) {
            names.push(&source.publisher);
        }
    }
    let agent = |name: &str| json!({"@type": "foaf:Agent", "foaf:name": name});
    names.into_iter().map(agent).collect()
}

/// The terms, each once: pages where they have one, else their names.
fn licences(layer: &Layer) -> Vec<Value> {
    let mut terms: Vec<Value> = Vec::new();
    for source in &layer.sources {
        let of = |Source { licence, .. }: &Source| match licence_page(licence) {
            Some(page) => json!({"@id": page, "@type": "dct:LicenseDocument"}),
            None => json!({"@type": "dct:LicenseDocument", "dct:title": licence}),
        };
        let term = of(source);
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// The last import, or the day on which a source was last retrieved.
fn modified(layer: &Layer, facts: LayerFacts) -> Option<Value> {
    if let Some(imported) = facts.imported.and_then(shown) {
        return Some(typed(imported, "xsd:dateTime"));
    }
    let days = layer.sources.iter().map(|source| source.retrieved.to_string());
    days.max().map(|day| typed(day.chars().take(10).collect(), "xsd:date"))
}

/// A word of the EU's list of access rights.
const fn rights(layer: &Layer) -> &'static str {
    match layer.openness {
        Openness::Open => "PUBLIC",
        Openness::Internal => "NON_PUBLIC",
        Openness::Restricted => "RESTRICTED",
    }
}
