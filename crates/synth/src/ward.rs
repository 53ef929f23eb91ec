//! Which ward a place lies in.

use geo::{BoundingRect, Contains, MultiPolygon, Point, Rect};

use crate::input::{CityInput, Ward};
use crate::plane::{Plane, Xy};

/// The wards of a city, with their boxes.
#[derive(Debug)]
pub(crate) struct Wards<'a> {
    plane: Plane,
    wards: Vec<(Rect, &'a MultiPolygon, &'a Ward)>,
}

impl<'a> Wards<'a> {
    /// Takes the wards of a city.
    pub(crate) fn new(city: &'a CityInput, plane: Plane) -> Self {
        let boxed = |ward: &'a Ward| Some((ward.area.bounding_rect()?, &ward.area, ward));
        Self { plane, wards: city.wards.iter().filter_map(boxed).collect() }
    }

    /// The ward of a place.
    pub(crate) fn at(&self, at: Xy) -> Option<&'a Ward> {
        let place = Point(self.plane.to_degrees(at));
        let holds = |(own, area, _): &&(Rect, &MultiPolygon, &Ward)| {
            own.contains(&place) && area.contains(&place)
        };
        self.wards.iter().find(holds).map(|(_, _, ward)| *ward)
    }

    /// The ward that all of some places lie in; `None` where they lie in several or in none.
    pub(crate) fn around(&self, places: impl IntoIterator<Item = Xy>) -> Option<&'a Ward> {
        let mut places = places.into_iter();
        let ward = self.at(places.next()?)?;
        places.all(|at| self.at(at).is_some_and(|other| other.code == ward.code)).then_some(ward)
    }
}
