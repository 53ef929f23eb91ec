//! `urbis check`: layer files, their examples, the styles, the city's folder.

use serde::Serialize;
use urbis_catalog::Catalog;

use crate::check::{Fault, Sprites, chain, check_city, check_examples, check_styles};
use crate::exit::Exit;
use crate::output::{Format, say, say_json};
use crate::settings::Settings;

/// What was looked at and found.
#[derive(Debug, Serialize)]
struct Report {
    layers: usize,
    examples: usize,
    styles: usize,
    faults: Vec<Fault>,
}

/// Checks everything that can be checked without a database.
///
/// # Errors
///
/// Where the output has no JSON form, which would be a bug; faults are an exit code.
pub fn run(settings: &Settings, format: Format) -> anyhow::Result<Exit> {
    let report = check(settings);
    match format {
        Format::Json => say_json(&report)?,
        Format::Text => say_text(&report),
    }
    Ok(if report.faults.is_empty() { Exit::Done } else { Exit::Data })
}

fn check(settings: &Settings) -> Report {
    let catalog = match Catalog::load(&settings.layers) {
        Ok(catalog) => catalog,
        Err(error) => {
            let place = settings.layers.display().to_string();
            let faults = vec![Fault::new(place, chain(&error))];
            return Report { layers: 0, examples: 0, styles: 0, faults };
        }
    };
    let (examples, mut faults) = check_examples(&catalog);
    let sprites = Sprites::beside(&settings.styles);
    faults.extend(sprites.iter().flat_map(|sprites| sprites.check_codes(&catalog)));
    let (styles, style_faults) = check_styles(&catalog, &settings.styles, sprites.as_ref());
    faults.extend(style_faults);
    faults.extend(check_city(&catalog, &settings.city));
    Report { layers: catalog.layers().count(), examples, styles, faults }
}

fn say_text(report: &Report) {
    for Fault { place, what } in &report.faults {
        say(&format!("{place}: {what}"));
    }
    let Report { layers, examples, styles, faults } = report;
    let found = match faults.len() {
        0 => "no fault".to_owned(),
        1 => "1 fault".to_owned(),
        count => format!("{count} faults"),
    };
    say(&format!("{layers} layers, {examples} examples, {styles} styles: {found}"));
}
