//! Writes what was acknowledged, batch by batch.
//!
//! A batch is one transaction and changes nothing the second time: the history has each report once
//! a day, and the last state moves forward only. So whoever does not know whether a batch arrived
//! sends it again, together with what came since or in other pieces.

use std::collections::VecDeque;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use urbis_model::{JudgedReport, RoadStateReport};

use super::prune::make_days_ahead;
use super::stage::stage;
use crate::StoreError;
use crate::error::while_doing;
use crate::session::{connect, connect_options, live, run_at_once};

/// What the server says of a value that no table takes: its classes 22 (data) and 23 (constraints).
const DATA_FAULTS: [&str; 2] = ["22", "23"];

/// A connection that writes live state. After an error it is of no use: open another one.
#[derive(Debug)]
pub struct LiveWriter {
    connection: PgConnection,
}

/// What a batch changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveWritten {
    /// Positions that the history did not have.
    pub positions: u64,
    /// Statuses that the history did not have.
    pub statuses: u64,
    /// Reports of units that the database refuses, by their place in the batch; the others were
    /// written. A bug or another version of the schema: the next attempt ends the same.
    pub refused_reports: Vec<usize>,
    /// States of roads that the database refuses, likewise.
    pub refused_roads: Vec<usize>,
}

impl LiveWriter {
    /// Connects to `postgres://...`, and makes the partitions of today and of the next days.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]; [`StoreError::NotMigrated`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let mut connection = connect(&connect_options(url)?).await?;
        live("making days of live state", make_days_ahead(&mut connection)).await?;
        let stage = include_str!("../sql/stage_live.sql").to_owned();
        run_at_once(&mut connection, stage, "making staging tables").await?;
        Ok(Self { connection })
    }

    /// Writes a batch, whole or not at all, but for what the database refuses for good.
    ///
    /// Reports may come in any order, and again.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`], [`StoreError::Database`]: whether the batch was written is not
    /// known where the connection broke.
    pub async fn write(
        &mut self,
        reports: &[JudgedReport],
        roads: &[RoadStateReport],
    ) -> Result<LiveWritten, StoreError> {
        let mut written = LiveWritten::default();
        // Places of pieces that are yet to be written: first all, then halves of what was refused.
        let mut pieces = VecDeque::from([(0..reports.len(), 0..roads.len())]);
        while let Some((of_reports, of_roads)) = pieces.pop_front() {
            let piece = (&reports[of_reports.clone()], &roads[of_roads.clone()]);
            let writing = self.write_piece(piece.0, piece.1);
            match live("writing live state", writing).await {
                Ok((positions, statuses)) => {
                    written.positions += positions;
                    written.statuses += statuses;
                }
                Err(error) if is_data_fault(&error) => match (of_reports.len(), of_roads.len()) {
                    (1, 0) => written.refused_reports.push(of_reports.start),
                    (0, 1) => written.refused_roads.push(of_roads.start),
                    (0, _) => {
                        let middle = of_roads.start + of_roads.len() / 2;
                        pieces.push_front((of_reports.clone(), middle..of_roads.end));
                        pieces.push_front((of_reports, of_roads.start..middle));
                    }
                    (_, 0) => {
                        let middle = of_reports.start + of_reports.len() / 2;
                        pieces.push_front((middle..of_reports.end, of_roads.clone()));
                        pieces.push_front((of_reports.start..middle, of_roads));
                    }
                    _ => {
                        pieces.push_front((0..0, of_roads));
                        pieces.push_front((of_reports, 0..0));
                    }
                },
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Writes a piece in one transaction; gives the new positions and statuses.
    async fn write_piece(
        &mut self,
        reports: &[JudgedReport],
        roads: &[RoadStateReport],
    ) -> Result<(u64, u64), StoreError> {
        let failed = while_doing("writing live state");
        let mut transaction = self.connection.begin().await.map_err(&failed)?;
        stage(&mut transaction, reports, roads).await?;
        transaction.execute(include_str!("../sql/make_staged_days.sql")).await.map_err(&failed)?;
        let mut changed = [0; 6];
        let statements = [
            include_str!("../sql/insert_positions.sql"),
            include_str!("../sql/insert_unit_statuses.sql"),
            include_str!("../sql/describe_units.sql"),
            include_str!("../sql/update_unit_statuses.sql"),
            include_str!("../sql/update_unit_positions.sql"),
            include_str!("../sql/put_road_states.sql"),
        ];
        for (changed, statement) in changed.iter_mut().zip(statements) {
            *changed = transaction.execute(statement).await.map_err(&failed)?.rows_affected();
        }
        transaction.commit().await.map_err(&failed)?;
        Ok((changed[0], changed[1]))
    }
}

/// Says whether the database refused a value, and will refuse it again.
fn is_data_fault(error: &StoreError) -> bool {
    let StoreError::Database { cause, .. } = error else { return false };
    let code = cause.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| DATA_FAULTS.iter().any(|class| code.starts_with(class)))
}
