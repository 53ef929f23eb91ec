//! What an import is asked to do.

use urbis_catalog::Layer;
use urbis_model::ImportItem;

use crate::FeatureGeometry;

/// What to import, and how.
#[derive(Debug, Clone)]
pub struct ImportRequest<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Names the source within the layer over all its re-imports, such as its file's name;
    /// never a path of one machine.
    pub source_name: String,
    /// By what a record is known at a re-import.
    pub matching: Matching,
    /// The part of the world that the records were cut to, in the layer's storage CRS; features
    /// outside it, those without a geometry and those whose record was skipped are not closed.
    pub clip: Option<FeatureGeometry>,
    /// Who wins where a feature was edited here and changed in the source; a conflict stops the
    /// import where this is `None`.
    pub take: Option<Take>,
    /// Whether anything is published.
    pub mode: ImportMode,
    /// Who imports, for the history.
    pub actor: String,
}

/// By what a record is known at a re-import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matching {
    /// By the layer's key.
    #[default]
    Key,
    /// By its geometry, for want of a key in the source: a record whose geometry changed is
    /// another one.
    Geometry,
}

/// Who wins where a feature was edited here and changed in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The source, over every edit of a feature that comes from it, also over one that an
    /// earlier import was told to keep.
    Source,
    /// The edit; the source is asked again when it changes again.
    Edit,
}

/// Whether an import publishes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImportMode {
    /// Publishes.
    #[default]
    Publish,
    /// Does all the same, then takes it back and reports; conflicts are counted, not an error.
    DryRun,
}

/// What the reader of a source sends; a channel that closes before `Finished` publishes nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportMessage {
    /// The next records, in the order of the source.
    Items(Vec<ImportItem>),
    /// The source was read to its end.
    Finished,
}
