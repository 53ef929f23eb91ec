//! Reads the last live state, when a node starts.

use sqlx::Row;
use sqlx::postgres::PgRow;
use urbis_model::{
    LonLat, ModelError, Moment, PositionReport, ReportId, RoadStateReport, Stamp, UnitDescription,
    UnitId, UnitState,
};

use crate::error::while_doing;
use crate::instant::read_moment;
use crate::session::live;
use crate::{Store, StoreError};

/// The last live state that the database has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LiveState {
    /// Every unit, by id.
    pub units: Vec<UnitState>,
    /// Every state of a road, by id, also those that ended: an older report must not bring them
    /// back.
    pub roads: Vec<RoadStateReport>,
    /// Ids of units and of states whose row this program cannot read: somebody wrote to the table, or a newer
    /// program did.
    pub unreadable: Vec<String>,
}

impl Store {
    /// Reads the last state of units and of roads.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`], also where nothing comes for long; [`StoreError::NotMigrated`].
    pub async fn live_state(&self) -> Result<LiveState, StoreError> {
        live("reading live state", self.read_live_state()).await
    }

    async fn read_live_state(&self) -> Result<LiveState, StoreError> {
        let failed = while_doing("reading live state");
        let read_units = sqlx::query(include_str!("../sql/read_units.sql"));
        let rows = read_units.fetch_all(&self.pool).await.map_err(&failed)?;
        let mut state = LiveState::default();
        for row in rows {
            match to_unit(&row) {
                Ok(unit) => state.units.push(unit),
                Err(Fault::Value) => state.unreadable.push(row.try_get(0).map_err(&failed)?),
                Err(Fault::Row(error)) => return Err(failed(error)),
            }
        }
        let read_roads = sqlx::query(include_str!("../sql/read_road_states.sql"));
        let rows = read_roads.fetch_all(&self.pool).await.map_err(&failed)?;
        for row in rows {
            match to_road(&row) {
                Ok(road) => state.roads.push(road),
                Err(Fault::Value) => state.unreadable.push(row.try_get(0).map_err(&failed)?),
                Err(Fault::Row(error)) => return Err(failed(error)),
            }
        }
        Ok(state)
    }
}

/// Why a row is no unit.
enum Fault {
    /// The driver cannot read it.
    Row(sqlx::Error),
    /// It holds what this program does not know, or lacks what belongs together.
    Value,
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Row(error)
    }
}

impl From<ModelError> for Fault {
    fn from(_: ModelError) -> Self {
        Self::Value
    }
}

/// Reads a row of `sql/read_units.sql`.
fn to_unit(row: &PgRow) -> Result<UnitState, Fault> {
    Ok(UnitState {
        id: UnitId::new(row.try_get(0)?)?,
        description: UnitDescription {
            title: row.try_get(1)?,
            agency: row.try_get::<&str, _>(2)?.parse()?,
            profile: row.try_get(3)?,
            capabilities: row.try_get(4)?,
            openness: row.try_get::<&str, _>(5)?.parse()?,
            is_simulated: row.try_get(6)?,
        },
        described: stamp(row, 16, 7)?,
        status: match row.try_get::<Option<&str>, _>(8)? {
            Some(word) => Some((word.parse()?, moment(row, 17)?, stamp(row, 18, 9)?)),
            None => None,
        },
        position: match row.try_get(11)? {
            Some(lon) => Some((position(row, lon)?, stamp(row, 19, 10)?, moment(row, 20)?)),
            None => None,
        },
    })
}

fn position(row: &PgRow, lon: f64) -> Result<PositionReport, Fault> {
    Ok(PositionReport {
        place: LonLat::new(lon, row.try_get(12)?)?,
        accuracy_m: row.try_get(13)?,
        heading_deg: row.try_get(14)?,
        speed_kmh: row.try_get(15)?,
    })
}

fn stamp(row: &PgRow, at: usize, by: usize) -> Result<Stamp, Fault> {
    let report = row.try_get::<Option<&str>, _>(by)?.ok_or(Fault::Value)?;
    Ok(Stamp { observed_at: moment(row, at)?, report: report.parse::<ReportId>()? })
}

fn moment(row: &PgRow, column: usize) -> Result<Moment, Fault> {
    read_moment(row, column)?.ok_or(Fault::Value)
}

fn to_road(row: &PgRow) -> Result<RoadStateReport, Fault> {
    Ok(RoadStateReport {
        id: row.try_get(0)?,
        is_cleared: row.try_get(1)?,
        body: row.try_get(2)?,
        observed_at: moment(row, 3)?,
        received_at: moment(row, 4)?,
        expires_at: read_moment(row, 5)?,
    })
}
