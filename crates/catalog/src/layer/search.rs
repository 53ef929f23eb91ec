//! What of a layer is found by typing, and how it ranks among what else is.

use serde::{Deserialize, Serialize};

/// What of a layer is found by typing.
///
/// Every attribute named here is as open as its layer: what some may not see finds nothing for
/// anybody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchRules {
    /// Attributes that a feature is called by; the first with a value is its title. Where features
    /// are merged, each of them is a name of its own: a street has its name and its road number.
    #[serde(default)]
    pub names: Vec<String>,
    /// Attributes with other words for it, such as its name in another language or its code.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Attribute whose value says what it is; the layer's title where absent.
    pub kind: Option<String>,
    /// From 1, what most people mean, to 9: decides where names match alike. Within a layer what
    /// `tiles.zoom_by` draws first goes first.
    pub rank: u8,
    /// Features of one name whose boxes are at most this far apart, metres, are one result; each is
    /// its own where absent.
    pub merge_m: Option<u32>,
    /// Where house numbers are.
    pub address: Option<AddressRules>,
    /// Where numbers of parcels are.
    pub parcel: Option<ParcelRules>,
    /// Polygons that say where a result lies, such as wards.
    pub area: Option<AreaRules>,
}

/// Where house numbers are: in two attributes, or in one text such as `K12/3 Trần Phú, phường Hải
/// Châu`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressRules {
    /// House number.
    pub number: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// Both in one text: what follows the first comma is no part of the street.
    pub text: Option<String>,
}

/// Where numbers of parcels are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParcelRules {
    /// Sheet of the cadastral map.
    pub sheet: String,
    /// Number within the sheet.
    pub number: String,
    /// Code of the area that numbers its sheets; [`AreaRules::code`] of the areas.
    pub area: String,
}

/// Polygons that say where a result lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaRules {
    /// The code that other layers know an area by.
    pub code: String,
    /// What stands under a result in English; its title where absent.
    pub title_en: Option<String>,
}

impl SearchRules {
    /// Every attribute that is named, with the key that names it.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, &String)> {
        let mut named: Vec<(&'static str, &String)> = Vec::new();
        named.extend(self.names.iter().map(|name| ("search.names", name)));
        named.extend(self.aliases.iter().map(|name| ("search.aliases", name)));
        named.extend(self.kind.iter().map(|name| ("search.kind", name)));
        if let Some(AddressRules { number, street, text }) = &self.address {
            named.extend(
                [number, street, text].into_iter().flatten().map(|n| ("search.address", n)),
            );
        }
        if let Some(ParcelRules { sheet, number, area }) = &self.parcel {
            named.extend([sheet, number, area].map(|name| ("search.parcel", name)));
        }
        if let Some(AreaRules { code, title_en }) = &self.area {
            named.extend(
                [Some(code), title_en.as_ref()].into_iter().flatten().map(|n| ("search.area", n)),
            );
        }
        named
    }
}
