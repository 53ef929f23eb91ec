//! Reports as rows of the staging tables, in PostgreSQL's binary COPY.

use sqlx::postgres::PgConnection;
use urbis_model::{
    JudgedReport, LonLat, Moment, PositionReport, ReportId, RoadStateReport, UnitId, UnitReport,
    Verdict,
};

use super::latest::{LatestOfUnit, latest_of_roads, latest_of_units};
use crate::StoreError;
use crate::import::binary::{CopyRows, TooLong, put_field, put_null};
use crate::import::encode::without_nul;
use crate::instant::to_postgres_micros;

const COPY_POSITIONS: &str = "COPY staged_position FROM STDIN (FORMAT binary)";
const COPY_STATUSES: &str = "COPY staged_unit_status FROM STDIN (FORMAT binary)";
const COPY_UNITS: &str = "COPY staged_unit FROM STDIN (FORMAT binary)";
const COPY_ROADS: &str = "COPY staged_road_state FROM STDIN (FORMAT binary)";

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Columns of the staging tables, in the order of `sql/stage_live.sql`.
const POSITION_COLUMNS: i16 = 10;
const STATUS_COLUMNS: i16 = 7;
const UNIT_COLUMNS: i16 = 21;
const ROAD_COLUMNS: i16 = 6;

/// Copies a batch to the staging tables of the session.
pub(super) async fn stage(
    connection: &mut PgConnection,
    reports: &[JudgedReport],
    roads: &[RoadStateReport],
) -> Result<(), StoreError> {
    let too_long = |TooLong| StoreError::LiveRecordTooLong;
    positions(reports).map_err(too_long)?.send(connection, COPY_POSITIONS).await?;
    statuses(reports).map_err(too_long)?.send(connection, COPY_STATUSES).await?;
    units(reports).map_err(too_long)?.send(connection, COPY_UNITS).await?;
    road_states(roads).map_err(too_long)?.send(connection, COPY_ROADS).await
}

/// Says whether a part of a report goes to its history: what was taken, and not before.
fn is_history(verdict: Option<Verdict>) -> bool {
    verdict.is_some_and(|verdict| verdict.is_taken() && verdict != Verdict::Duplicate)
}

fn positions(reports: &[JudgedReport]) -> Result<CopyRows, TooLong> {
    let mut rows = CopyRows::new();
    for JudgedReport { report, outcome } in reports {
        if let Some(position) = report.position.filter(|_| is_history(outcome.position)) {
            let row = rows.start_row(POSITION_COLUMNS);
            put_history(row, report, outcome.position)?;
            put_place(row, position.place)?;
            put_readings(row, &position)?;
        }
    }
    Ok(rows)
}

fn statuses(reports: &[JudgedReport]) -> Result<CopyRows, TooLong> {
    let mut rows = CopyRows::new();
    for JudgedReport { report, outcome } in reports {
        if let Some(status) = report.status.filter(|_| is_history(outcome.status)) {
            let row = rows.start_row(STATUS_COLUMNS);
            put_history(row, report, outcome.status)?;
            put_field(row, status.as_str().as_bytes())?;
        }
    }
    Ok(rows)
}

/// The columns that both histories start with.
fn put_history(
    row: &mut Vec<u8>,
    report: &UnitReport,
    verdict: Option<Verdict>,
) -> Result<(), TooLong> {
    let day = to_postgres_micros(report.observed_at).div_euclid(MICROS_PER_DAY);
    put_field(row, &i32::try_from(day).map_err(|_| TooLong)?.to_be_bytes())?;
    put_report(row, report.id)?;
    put_field(row, report.unit.as_str().as_bytes())?;
    put_moment(row, report.observed_at)?;
    put_moment(row, report.received_at)?;
    put_field(row, verdict.map_or("", Verdict::code).as_bytes())
}

fn units(reports: &[JudgedReport]) -> Result<CopyRows, TooLong> {
    let mut rows = CopyRows::new();
    for (id, latest) in latest_of_units(reports) {
        put_unit(rows.start_row(UNIT_COLUMNS), id, &latest)?;
    }
    Ok(rows)
}

fn put_unit(row: &mut Vec<u8>, id: &UnitId, latest: &LatestOfUnit<'_>) -> Result<(), TooLong> {
    put_field(row, id.as_str().as_bytes())?;
    match latest.description {
        Some((stamp, said)) => {
            put_field(row, said.title.as_bytes())?;
            put_field(row, said.agency.as_str().as_bytes())?;
            put_field(row, said.profile.as_bytes())?;
            put_field(row, said.capabilities.join(" ").as_bytes())?;
            put_field(row, said.openness.as_str().as_bytes())?;
            put_field(row, &[u8::from(said.is_simulated)])?;
            put_moment(row, stamp.observed_at)?;
            put_report(row, stamp.report)?;
        }
        None => put_nulls(row, 8),
    }
    match latest.status {
        Some(run) => {
            put_field(row, run.status.as_str().as_bytes())?;
            put_moment(row, run.from)?;
            put_field(row, &[u8::from(run.is_open)])?;
            put_moment(row, run.last.observed_at)?;
            put_report(row, run.last.report)?;
        }
        None => put_nulls(row, 5),
    }
    match latest.position {
        Some((stamp, position, received_at)) => {
            put_place(row, position.place)?;
            put_readings(row, &position)?;
            put_moment(row, stamp.observed_at)?;
            put_report(row, stamp.report)?;
            put_moment(row, received_at)?;
        }
        None => put_nulls(row, 7),
    }
    Ok(())
}

fn road_states(roads: &[RoadStateReport]) -> Result<CopyRows, TooLong> {
    let mut rows = CopyRows::new();
    for road in latest_of_roads(roads).into_values() {
        let row = rows.start_row(ROAD_COLUMNS);
        put_field(row, without_nul(road.id.clone()).as_bytes())?;
        put_moment(row, road.observed_at)?;
        put_moment(row, road.received_at)?;
        match road.expires_at {
            Some(moment) => put_moment(row, moment)?,
            None => put_null(row),
        }
        put_field(row, &[u8::from(road.is_cleared)])?;
        put_field(row, road.body.as_bytes())?;
    }
    Ok(rows)
}

fn put_moment(row: &mut Vec<u8>, moment: Moment) -> Result<(), TooLong> {
    put_field(row, &to_postgres_micros(moment).to_be_bytes())
}

fn put_report(row: &mut Vec<u8>, id: ReportId) -> Result<(), TooLong> {
    put_field(row, &id.0.to_be_bytes())
}

/// A point as EWKB with SRID 4326, little-endian.
fn put_place(row: &mut Vec<u8>, place: LonLat) -> Result<(), TooLong> {
    let mut ewkb = vec![1];
    ewkb.extend(0x2000_0001_u32.to_le_bytes());
    ewkb.extend(4326_u32.to_le_bytes());
    ewkb.extend(place.lon().to_le_bytes());
    ewkb.extend(place.lat().to_le_bytes());
    put_field(row, &ewkb)
}

fn put_readings(row: &mut Vec<u8>, position: &PositionReport) -> Result<(), TooLong> {
    for number in [position.accuracy_m, position.heading_deg, position.speed_kmh] {
        match number {
            Some(number) => put_field(row, &number.to_be_bytes())?,
            None => put_null(row),
        }
    }
    Ok(())
}

fn put_nulls(row: &mut Vec<u8>, fields: usize) {
    (0..fields).for_each(|_| put_null(row));
}
