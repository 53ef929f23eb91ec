//! Map sheets, parcel numbers, house numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::parcel::Parcel;
use crate::plane::Xy;

/// Side of a map sheet, metres: 1:500 on half a metre of paper.
const SHEET_M: f64 = 250.0;

/// What a parcel is called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    /// Map sheet within the ward, from 1.
    pub(crate) sheet: usize,
    /// Parcel within the sheet, from 1.
    pub(crate) parcel: usize,
    /// House, street, ward.
    pub(crate) address: Option<String>,
}

/// Row from the north and column from the west.
type Sheet = (i64, i64);

/// Numbers all parcels, in their order.
pub(crate) fn number(parcels: &[Parcel<'_>]) -> Vec<Numbers> {
    let mut numbers = vec![Numbers::default(); parcels.len()];
    number_sheets(parcels, &mut numbers);
    number_houses(parcels, &mut numbers);
    numbers
}

fn ward<'a>(parcel: &'a Parcel<'_>) -> &'a str {
    parcel.ward.map_or("", |ward| ward.code.as_str())
}

fn sheet(at: Xy) -> Sheet {
    ((-at.y / SHEET_M).floor() as i64, (at.x / SHEET_M).floor() as i64)
}

fn number_sheets(parcels: &[Parcel<'_>], numbers: &mut [Numbers]) {
    let mut sheets: BTreeMap<&str, BTreeSet<Sheet>> = BTreeMap::new();
    for parcel in parcels {
        sheets.entry(ward(parcel)).or_default().insert(sheet(parcel.label));
    }
    // As one reads: from the north to the south, from the west to the east.
    let mut order: Vec<usize> = (0..parcels.len()).collect();
    order.sort_by(|one, other| {
        let (a, b) = (parcels[*one].label, parcels[*other].label);
        b.y.total_cmp(&a.y).then(a.x.total_cmp(&b.x))
    });
    let mut counts: BTreeMap<(&str, Sheet), usize> = BTreeMap::new();
    for index in order {
        let parcel = &parcels[index];
        let key = (ward(parcel), sheet(parcel.label));
        let count = counts.entry(key).or_default();
        *count += 1;
        numbers[index].parcel = *count;
        numbers[index].sheet = 1 + sheets[key.0].range(..key.1).count();
    }
}

fn number_houses(parcels: &[Parcel<'_>], numbers: &mut [Numbers]) {
    let mut streets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, parcel) in parcels.iter().enumerate() {
        match &parcel.front {
            Some(front) => streets.entry(front.street).or_default().push(index),
            None => numbers[index].address = parcel.ward.map(|ward| ward.full_name.clone()),
        }
    }
    for (street, mut along) in streets {
        sort_along(parcels, &mut along);
        for (index, house) in houses(parcels, &along) {
            let ward = parcels[index].ward.map(|ward| format!(", {}", ward.full_name));
            numbers[index].address = Some(format!("{house} {street}{}", ward.unwrap_or_default()));
        }
    }
}

/// Orders the parcels of a street by the axis that it mostly follows.
fn sort_along(parcels: &[Parcel<'_>], along: &mut [usize]) {
    let span = |axis: fn(Xy) -> f64| {
        let values = || along.iter().map(|index| axis(parcels[*index].label));
        values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
    };
    let eastwards = span(|at| at.x) > span(|at| at.y);
    let position = |index: &usize| {
        let Xy { x, y } = parcels[*index].label;
        if eastwards { x } else { y }
    };
    along.sort_by(|one, other| position(one).total_cmp(&position(other)).then(one.cmp(other)));
}

/// Odd numbers on the left, even ones on the right; in an alley (kiệt) `K12/3`.
fn houses(parcels: &[Parcel<'_>], along: &[usize]) -> Vec<(usize, String)> {
    let (mut odd, mut even) = (-1, 0);
    // Block to the alley's number and the houses in it so far.
    let mut alleys: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
    let mut found = Vec::with_capacity(along.len());
    for index in along {
        let parcel = &parcels[*index];
        let Some(front) = &parcel.front else { continue };
        let side = if front.is_left { &mut odd } else { &mut even };
        let house = if front.is_at_street {
            *side += 2;
            side.to_string()
        } else {
            let alley = alleys.entry(parcel.plot).or_insert(((*side).max(1), 0));
            alley.1 += 1;
            format!("K{}/{}", alley.0, alley.1)
        };
        found.push((*index, house));
    }
    found
}
