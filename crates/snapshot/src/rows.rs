//! Features in columns: what is known of each before its vertices are ranked.
//!
//! ```text
//! ids           1        2      3            one a row
//! vertex_ends         4      7      11       one a row
//! vertices      a b c d  e f g  h i j k      flat
//! several                          (3, ..)   only rows of more than one path
//! attributes    codes of a dictionary an attribute
//! ```

use urbis_catalog::Layer;
use urbis_model::{Feature, FeatureId, GeometryKind, Openness, Validity, WorldBox, WorldXy};

use crate::Value;
use crate::column::{Column, ColumnBuilder};
use crate::first_zoom::first_zoom;
use crate::key::Key;
use crate::priority::priority;
use crate::shape::{Ends, ShapeBuilder};
use crate::validities::{Validities, ValiditiesBuilder};

/// Most rows that stand together, so that codes fit 16 bits.
pub(crate) const MAX_ROWS: usize = 8192;

/// No row joins others that have as many vertices as this, so that with a last row, which has less
/// than 2^26, the ends of vertices fit 32 bits.
pub(crate) const MAX_VERTICES: usize = 1 << 24;

/// Nobody asks for the box of a row without vertices.
const NOWHERE: WorldBox = WorldBox { min_x: 0, min_y: 0, max_x: 0, max_y: 0 };

/// Some features of one layer.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) kind: GeometryKind,
    pub(crate) ids: Vec<FeatureId>,
    pub(crate) first_zooms: Vec<u8>,
    priorities: Vec<u8>,
    pub(crate) openness: Vec<Openness>,
    pub(crate) synthetic: Vec<bool>,
    vertex_ends: Vec<u32>,
    pub(crate) vertices: Vec<WorldXy>,
    /// None for points: their vertices say it.
    boxes: Vec<WorldBox>,
    several: Vec<(u32, Ends)>,
    pub(crate) validities: Validities,
    pub(crate) attributes: Vec<Column>,
}

/// One row of some rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pick<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) row: u32,
}

impl Rows {
    pub(crate) const fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) const fn pick(&self, row: u32) -> Pick<'_> {
        Pick { rows: self, row }
    }

    pub(crate) fn picks(&self) -> impl Iterator<Item = Pick<'_>> {
        (0..self.len() as u32).map(|row| self.pick(row))
    }

    /// Where the vertices of a row stand.
    pub(crate) fn span(&self, row: u32) -> std::ops::Range<usize> {
        let row = row as usize;
        let start = row.checked_sub(1).map_or(0, |before| self.vertex_ends[before]);
        start as usize..self.vertex_ends[row] as usize
    }

    /// The box of a row that has a geometry; any of one that has none.
    #[inline]
    pub(crate) fn located_box(&self, row: u32) -> WorldBox {
        match self.boxes.get(row as usize) {
            Some(world_box) => *world_box,
            None => self.pick(row).world_box().unwrap_or(NOWHERE),
        }
    }

    /// Bytes of boxes, and of all that tells paths, classes and zooms.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let several = self.several.iter().map(|(_, ends)| size_of::<(u32, Ends)>() + ends.bytes());
        let flat = self.vertex_ends.capacity() * 4
            + self.first_zooms.capacity()
            + self.priorities.capacity()
            + self.openness.capacity()
            + self.synthetic.capacity();
        (
            self.boxes.capacity() * size_of::<WorldBox>(),
            flat + several.sum::<usize>() + self.validities.bytes(),
        )
    }
}

impl<'a> Pick<'a> {
    pub(crate) fn id(self) -> FeatureId {
        self.rows.ids[self.row as usize]
    }

    pub(crate) fn key(self) -> Key {
        Key::new(self.world_box(), self.id())
    }

    pub(crate) fn first_zoom(self) -> u8 {
        self.rows.first_zooms[self.row as usize]
    }

    pub(crate) fn priority(self) -> u8 {
        self.rows.priorities[self.row as usize]
    }

    pub(crate) fn openness(self) -> Openness {
        self.rows.openness[self.row as usize]
    }

    pub(crate) fn is_synthetic(self) -> bool {
        self.rows.synthetic[self.row as usize]
    }

    pub(crate) fn validity(self) -> Validity {
        self.rows.validities.get(self.row)
    }

    pub(crate) fn vertices(self) -> &'a [WorldXy] {
        &self.rows.vertices[self.rows.span(self.row)]
    }

    #[inline]
    pub(crate) fn world_box(self) -> Option<WorldBox> {
        let vertices = self.vertices();
        match self.rows.kind {
            GeometryKind::Point => match vertices {
                [only] => Some(WorldBox::from_cell(*only)),
                _ => WorldBox::around(vertices.iter().copied()),
            },
            _ if vertices.is_empty() => None,
            _ => Some(self.rows.boxes[self.row as usize]),
        }
    }

    /// The ends of its paths and parts, where it has several.
    #[inline]
    pub(crate) fn several(self) -> Option<&'a Ends> {
        let several = &self.rows.several;
        let at = several.binary_search_by_key(&self.row, |(row, _)| *row).ok()?;
        Some(&several[at].1)
    }

    /// The ends of its paths and of its parts; none where it has one path at most.
    pub(crate) fn ends(self) -> (&'a [u32], &'a [u32]) {
        self.several().map_or((&[], &[]), |ends| (&ends.paths, &ends.parts))
    }

    /// The vertices of each path, in order; of points all of them.
    pub(crate) fn paths(self) -> impl Iterator<Item = &'a [WorldXy]> {
        let (vertices, ends) = (self.vertices(), self.ends().0);
        let count = if ends.is_empty() { usize::from(!vertices.is_empty()) } else { ends.len() };
        (0..count).map(move |path| {
            let start = path.checked_sub(1).map_or(0, |before| ends[before] as usize);
            &vertices[start..ends.get(path).map_or(vertices.len(), |end| *end as usize)]
        })
    }

    pub(crate) fn attribute(self, index: usize) -> Value<'a> {
        self.rows.attributes.get(index).map_or(Value::Null, |column| column.get(self.row))
    }

    pub(crate) fn attributes(self) -> impl Iterator<Item = Value<'a>> {
        self.rows.attributes.iter().map(move |column| column.get(self.row))
    }

    /// The value of an attribute that the layer has, as [`crate::Dictionary::message`] has it.
    pub(crate) fn message(self, index: usize) -> &'a [u8] {
        self.rows.attributes[index].message(self.row)
    }

    /// The same of all attributes.
    pub(crate) fn messages(self) -> impl Iterator<Item = &'a [u8]> {
        self.rows.attributes.iter().map(move |column| column.message(self.row))
    }

    /// Says whether two rows hold the same, but for their ranks.
    pub(crate) fn is_same(self, other: Pick<'_>) -> bool {
        self.id() == other.id()
            && self.vertices() == other.vertices()
            && self.ends() == other.ends()
            && self.first_zoom() == other.first_zoom()
            && self.priority() == other.priority()
            && self.openness() == other.openness()
            && self.validity() == other.validity()
            && self.rows.attributes.len() == other.rows.attributes.len()
            && self.messages().eq(other.messages())
    }
}

/// Cuts rows into runs that may stand together, each of at most `most` rows.
pub(crate) fn runs<T>(
    mut rest: &[T],
    most: usize,
    vertices: impl Fn(&T) -> usize,
) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let mut before = 0;
        let fits = |row: &&T| {
            let fits = before < MAX_VERTICES;
            before += vertices(row);
            fits
        };
        let len = rest.iter().take(most).take_while(fits).count();
        let (run, after) = rest.split_at(len);
        rest = after;
        (len > 0).then_some(run)
    })
}

/// Collects rows.
#[derive(Debug)]
pub(crate) struct RowsBuilder {
    rows: Rows,
    columns: Vec<ColumnBuilder>,
    validities: ValiditiesBuilder,
    shape: ShapeBuilder,
}

impl RowsBuilder {
    pub(crate) fn new(kind: GeometryKind, attributes: usize) -> Self {
        let rows = Rows {
            kind,
            ids: Vec::new(),
            first_zooms: Vec::new(),
            priorities: Vec::new(),
            openness: Vec::new(),
            synthetic: Vec::new(),
            vertex_ends: Vec::new(),
            vertices: Vec::new(),
            boxes: Vec::new(),
            several: Vec::new(),
            validities: Validities::default(),
            attributes: Vec::new(),
        };
        Self {
            rows,
            columns: std::iter::repeat_with(ColumnBuilder::new).take(attributes).collect(),
            validities: ValiditiesBuilder::default(),
            shape: ShapeBuilder::default(),
        }
    }

    /// Says whether the next row must stand elsewhere.
    pub(crate) const fn is_full(&self) -> bool {
        self.rows.len() == MAX_ROWS || self.rows.vertices.len() >= MAX_VERTICES
    }

    /// Puts a feature on the grid; what is not of the layer's kind is left out of its geometry.
    pub(crate) fn push_feature(&mut self, layer: &Layer, feature: &Feature) {
        let Self { rows, columns, validities, shape } = self;
        shape.clear();
        if let Some(geometry) = &feature.geometry {
            shape.add(layer.geometry, geometry);
        }
        let world_box = WorldBox::around(shape.vertices.iter().copied());
        rows.ids.push(feature.id);
        rows.first_zooms.push(first_zoom(layer, &feature.attributes, world_box));
        rows.priorities.push(priority(layer, feature, world_box));
        rows.openness.push(layer.feature_openness(&feature.attributes));
        rows.synthetic.push(layer.is_synthetic(&feature.attributes));
        validities.push(feature.validity);
        rows.push_shape(&shape.vertices, world_box, shape.to_ends(layer.geometry));
        for (index, column) in columns.iter_mut().enumerate() {
            column.push(feature.attributes.get(index).map_or(Value::Null, Value::from));
        }
    }

    pub(crate) fn push_row(&mut self, from: Pick<'_>) {
        let Self { rows, columns, validities, .. } = self;
        rows.ids.push(from.id());
        rows.first_zooms.push(from.first_zoom());
        rows.priorities.push(from.priority());
        rows.openness.push(from.openness());
        rows.synthetic.push(from.is_synthetic());
        validities.push(from.validity());
        rows.push_shape(from.vertices(), from.world_box(), from.several().cloned());
        for (column, value) in columns.iter_mut().zip(from.attributes()) {
            column.push(value);
        }
    }

    pub(crate) fn finish(self) -> Rows {
        let mut rows = self.rows;
        rows.attributes = self.columns.into_iter().map(ColumnBuilder::finish).collect();
        rows.validities = self.validities.finish();
        rows.ids.shrink_to_fit();
        rows.first_zooms.shrink_to_fit();
        rows.priorities.shrink_to_fit();
        rows.openness.shrink_to_fit();
        rows.synthetic.shrink_to_fit();
        rows.vertex_ends.shrink_to_fit();
        rows.vertices.shrink_to_fit();
        rows.boxes.shrink_to_fit();
        rows.several.shrink_to_fit();
        rows
    }
}

impl Rows {
    fn push_shape(
        &mut self,
        vertices: &[WorldXy],
        world_box: Option<WorldBox>,
        ends: Option<Ends>,
    ) {
        self.several.extend(ends.map(|ends| (self.vertex_ends.len() as u32, ends)));
        self.vertices.extend_from_slice(vertices);
        let end = u32::try_from(self.vertices.len());
        self.vertex_ends.push(end.expect("2^24 vertices and one geometry are below 2^32"));
        if self.kind != GeometryKind::Point {
            self.boxes.push(world_box.unwrap_or(NOWHERE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_its_most_rows_or_with_the_row_that_fills_it() {
        let cut = |vertices: &[usize]| -> Vec<usize> {
            runs(vertices, 3, |vertices| *vertices).map(<[usize]>::len).collect()
        };
        assert_eq!(cut(&[0; 7]), [3, 3, 1]);
        assert_eq!(cut(&[MAX_VERTICES - 1, MAX_VERTICES, 5, MAX_VERTICES * 4, 1]), [2, 2, 1]);
        assert!(cut(&[]).is_empty());
    }
}
