//! Keeps the styles and the projects that QGIS opens.

use sqlx::Connection;
use urbis_model::{LayerId, Openness};

use super::qgis_schema;
use crate::error::while_doing;
use crate::session::{connect, lock_migrations};
use crate::{Store, StoreError};

/// Name of our style of a view; those that people save beside it stay.
const STYLE_NAME: &str = "Urbis";

/// The style of one view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QgisStyle {
    /// Whose view.
    pub class: Openness,
    /// The layer.
    pub layer: LayerId,
    /// What it shows, for people.
    pub description: String,
    /// A QML document.
    pub qml: String,
}

/// A project of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QgisProject {
    /// Who may open it.
    pub class: Openness,
    /// As the list of projects shows it; each in a publication has its own.
    pub name: String,
    /// A `.qgz` file.
    pub content: Vec<u8>,
}

/// Everything that QGIS finds beside the views.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QgisPublication {
    /// At most one a view.
    pub styles: Vec<QgisStyle>,
    /// The projects.
    pub projects: Vec<QgisProject>,
}

impl Store {
    /// Replaces our styles and projects; what people saved themselves stays.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connect`]; [`StoreError::Database`], and then nothing changed.
    pub async fn publish_to_qgis(&self, publication: &QgisPublication) -> Result<(), StoreError> {
        let mut connection = connect(&self.options).await?;
        lock_migrations(&mut connection).await?;
        let mut transaction =
            connection.begin().await.map_err(while_doing("starting to publish for QGIS"))?;
        sqlx::raw_sql(include_str!("../sql/clear_qgis.sql"))
            .execute(&mut *transaction)
            .await
            .map_err(while_doing("removing old styles for QGIS"))?;
        for style in &publication.styles {
            sqlx::query(include_str!("../sql/insert_qgis_style.sql"))
                .bind(qgis_schema(style.class))
                .bind(style.layer.as_str())
                .bind(STYLE_NAME)
                .bind(&style.qml)
                .bind(&style.description)
                .execute(&mut *transaction)
                .await
                .map_err(while_doing("writing a style for QGIS"))?;
        }
        for project in &publication.projects {
            sqlx::query(include_str!("../sql/insert_qgis_project.sql"))
                .bind(&project.name)
                .bind(qgis_schema(project.class))
                .bind(&project.content)
                .execute(&mut *transaction)
                .await
                .map_err(while_doing("writing a project for QGIS"))?;
        }
        transaction.commit().await.map_err(while_doing("ending to publish for QGIS"))
    }
}
