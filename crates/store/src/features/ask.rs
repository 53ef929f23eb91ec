//! What is asked of a layer.

use urbis_catalog::{Attribute, Layer};
use urbis_filter::Filter;
use urbis_model::{FeatureId, Moment, Openness};

use super::{FeatureBox, FeatureCrs, FeatureCursor};

/// When features must hold in the world; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datetime {
    /// At a moment.
    At(Moment),
    /// At any moment from one to another; an end that is absent is open. An interval that ends
    /// before it starts is for the reader of the parameter to refuse: here it finds nothing.
    Between(Option<Moment>, Option<Moment>),
}

/// Which features of one layer are asked for, and how they are written.
#[derive(Debug, Clone, Copy)]
pub struct FeatureAsk<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Who asks: features and attributes above it are not there.
    pub class: Openness,
    /// Where the features lie; those without a geometry lie nowhere.
    pub bbox: Option<FeatureBox>,
    /// A filter that was read for this layer and this class.
    pub filter: Option<&'a Filter>,
    /// When they hold in the world; at any time where absent. What a city in memory counts is
    /// [`Datetime::At`] its moment.
    pub datetime: Option<Datetime>,
    /// Features as they were recorded at a moment, as far back as the history is kept; as they are
    /// recorded now where absent.
    pub recorded: Option<Moment>,
    /// Only the feature of this id.
    pub id: Option<FeatureId>,
    /// The CRS of the answer.
    pub crs: FeatureCrs,
    /// Where the page before ended.
    pub after: Option<FeatureCursor>,
    /// Most features of a page or a stream.
    pub limit: u64,
    /// The attributes that are wanted, by name, `valid_from` and `valid_to` among them; all that
    /// the class may see where absent. A name that the class does not see is left out.
    pub properties: Option<&'a [String]>,
}

impl<'a> FeatureAsk<'a> {
    /// All features of a layer that a class may see, in CRS84.
    pub const fn all(layer: &'a Layer, class: Openness) -> Self {
        Self {
            layer,
            class,
            bbox: None,
            filter: None,
            datetime: None,
            recorded: None,
            id: None,
            crs: FeatureCrs::Crs84,
            after: None,
            limit: u64::MAX,
            properties: None,
        }
    }

    /// The attributes of an answer, in their order; the validity comes last.
    pub fn attributes(&self) -> Vec<&'a Attribute> {
        super::select::answered(self)
    }
}
