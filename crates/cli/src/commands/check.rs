//! `urbis check`: layer files, their examples, the vehicle profiles, the styles, the city's folder,
//! and an earlier revision's promises.

use serde::Serialize;
use urbis_catalog::Catalog;

use crate::args::CheckArgs;
use crate::check::{
    Fault, Sprites, chain, check_against, check_city, check_examples, check_profiles, check_styles,
};
use crate::exit::Exit;
use crate::output::{Format, say, say_json};
use crate::settings::Settings;

/// What was looked at and found.
#[derive(Debug, Default, Serialize)]
struct Report {
    layers: usize,
    examples: usize,
    styles: usize,
    profiles: usize,
    /// The revision that the layers were compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<String>,
    faults: Vec<Fault>,
}

/// Checks everything that can be checked without a database.
///
/// # Errors
///
/// Where the revision to compare with cannot be read, and where the output has no JSON form,
/// which would be a bug; faults are an exit code.
pub fn run(settings: &Settings, asked: &CheckArgs) -> anyhow::Result<Exit> {
    let report = check(settings, asked.against.as_deref())?;
    match asked.format() {
        Format::Json => say_json(&report)?,
        Format::Text => say_text(&report),
    }
    Ok(if report.faults.is_empty() { Exit::Done } else { Exit::Data })
}

fn check(settings: &Settings, against: Option<&str>) -> anyhow::Result<Report> {
    let catalog = match Catalog::load(&settings.layers) {
        Ok(catalog) => catalog,
        Err(error) => {
            let place = settings.layers.display().to_string();
            let faults = vec![Fault::new(place, chain(&error))];
            return Ok(Report { faults, ..Report::default() });
        }
    };
    let (examples, mut faults) = check_examples(&catalog);
    let sprites = Sprites::beside(&settings.styles);
    faults.extend(sprites.iter().flat_map(|sprites| sprites.check_codes(&catalog)));
    let (styles, style_faults) = check_styles(&catalog, &settings.styles, sprites.as_ref());
    faults.extend(style_faults);
    faults.extend(check_city(&catalog, &settings.city));
    let (profiles, profile_faults) = check_profiles(&catalog, &settings.profiles);
    faults.extend(profile_faults);
    if let Some(revision) = against {
        faults.extend(check_against(&catalog, &settings.layers, revision)?);
    }
    let (layers, against) = (catalog.layers().count(), against.map(str::to_owned));
    Ok(Report { layers, examples, styles, profiles, against, faults })
}

fn say_text(report: &Report) {
    for Fault { place, what } in &report.faults {
        say(&format!("{place}: {what}"));
    }
    let Report { layers, examples, styles, profiles, against, faults } = report;
    let against = against.as_ref().map_or_else(String::new, |name| format!(", against {name}"));
    let found = match faults.len() {
        0 => "no fault".to_owned(),
        1 => "1 fault".to_owned(),
        count => format!("{count} faults"),
    };
    say(&format!(
        "{layers} layers, {examples} examples, {styles} styles, {profiles} vehicle \
         profiles{against}: {found}"
    ));
}
