//! Lines that are taken, lines that are refused, and what is said of them.

use urbis_model::{JudgedReport, Openness, Outcome, UnitStatus, Verdict};

use super::*;
use crate::LiveRecord;

const RECEIVED_AT: Moment = Moment(1_790_000_000_000_000);
const ID: &str = "0192f3a4-5b6c-7d8e-9f01-23456789abcd";

fn read(body: &str) -> ReadReports {
    let rules = ReportRules { profiles: &["ambulance", "pumper"], received_at: RECEIVED_AT };
    read_reports(body.as_bytes(), &rules).expect("few lines")
}

/// A line with an id, a unit and a moment, and more.
fn line(more: &str) -> String {
    format!(
        r#"{{"id":"{ID}","unit_id":"115-03","observed_at":"2026-11-22T12:00:00.25+07:00"{more}}}"#
    )
}

/// The code and the message of the one line that is refused.
fn refused(text: &str) -> (&'static str, String) {
    let read = read(text);
    assert_eq!((read.reports.len(), read.faults.len()), (0, 1), "{text}");
    (read.faults[0].error.code(), read.faults[0].error.to_string())
}

#[test]
fn a_line_with_everything_is_a_report_of_everything() {
    let text = line(
        r#","lon":108.2,"lat":16.06,"accuracy_m":8,"heading_deg":360,"speed_kmh":32.5,
        "status":"en_route","unit":{"title":"Cấp cứu 3","agency":"115","profile":"ambulance",
        "capabilities":["oxygen","als","als"],"simulated":true}"#,
    );
    let read = read(&text);
    assert_eq!(read.faults, []);
    let (line, report) = &read.reports[0];
    assert_eq!(*line, 1);
    assert_eq!(report.id.to_string(), ID);
    assert_eq!(report.observed_at, Moment(1_795_323_600_250_000));
    assert_eq!(report.received_at, RECEIVED_AT);
    let position = report.position.expect("a position");
    assert_eq!((position.place.lon(), position.place.lat()), (108.2, 16.06));
    assert_eq!(position.heading_deg, Some(0.0));
    assert_eq!(report.status, Some(UnitStatus::EnRoute));
    let unit = report.description.as_ref().expect("a description");
    assert_eq!(unit.capabilities, ["als", "oxygen"]);
    assert_eq!((unit.openness, unit.is_simulated), (Openness::Open, true));
}

#[test]
fn a_report_comes_back_from_the_spool_as_it_was() {
    let text = line(
        r#","lon":108.20000000000001,"lat":16.06,"speed_kmh":null,"status":"available",
        "unit":{"title":"Xe \"3\"","agency":"114","profile":"pumper","openness":"restricted"}"#,
    );
    let report = read(&text).reports.remove(0).1;
    let outcome = Outcome {
        position: Some(Verdict::JumpHeld),
        status: Some(Verdict::OutOfOrder),
        description: Some(Verdict::Applied),
    };
    let record = LiveRecord::Unit(JudgedReport { report, outcome });
    assert_eq!(LiveRecord::from_bytes(&record.to_bytes()), Ok(record));
}

#[test]
fn bad_lines_are_refused_one_by_one_and_good_ones_taken() {
    let body = format!(
        "{}\r\n\n{{\"id\":\n{}\n{}",
        line(r#","status":"available""#),
        line(r#","status":"asleep""#),
        line(r#","status":"returning""#),
    );
    let read = read(&body);
    let taken: Vec<usize> = read.reports.iter().map(|(line, _)| *line).collect();
    assert_eq!(taken, [1, 5]);
    let faults = read.faults.iter().map(|fault| (fault.line, fault.id.as_deref()));
    assert_eq!(faults.collect::<Vec<_>>(), [(3, None), (4, Some(ID))]);
}

#[test]
fn each_fault_has_its_code() {
    let unit = |more: &str| {
        line(&format!(r#","unit":{{"title":"3","agency":"115","profile":"ambulance"{more}}}"#))
    };
    for (text, code) in [
        ("{".into(), "line_not_json"),
        (line("") + line("").as_str(), "line_not_json"),
        (r#"["a"]"#.into(), "line_not_object"),
        ("null".into(), "line_not_object"),
        (line(""), "report_empty"),
        (line(r#","status":null"#), "report_empty"),
        (line(r#","lon":108.2"#), "field_missing"),
        (line(r#","accuracy_m":5"#), "field_missing"),
        (line(r#","lon":"108.2","lat":16"#), "field_invalid"),
        (line(r#","lon":108.2,"lat":1e999"#), "line_not_json"),
        (line(r#","lon":108.2,"lat":96"#), "coordinate_out_of_range"),
        (line(r#","lon":108.2,"lat":16,"heading_deg":361"#), "field_invalid"),
        (line(r#","lon":108.2,"lat":16,"accuracy_m":-1"#), "field_invalid"),
        (line(r#","status":"Available""#), "unit_status_unknown"),
        (line(r#","status":7"#), "field_invalid"),
        (line(r#","state":"available""#), "field_unknown"),
        (line(r#","unit":"115""#), "field_invalid"),
        (unit(r#","agency":"911""#), "agency_unknown"),
        (unit(r#","profile":"bicycle""#), "profile_unknown"),
        (unit(r#","openness":"open""#), "openness_too_open"),
        (unit(r#","openness":"secret""#), "openness_unknown"),
        (unit(r#","capabilities":["ALS"]"#), "field_invalid"),
        (unit(r#","capabilities":"als""#), "field_invalid"),
        (unit(r#","title":"""#), "field_invalid"),
        (unit(r#","title":"a\u0000b""#), "field_invalid"),
        (unit(r#","colour":"red""#), "field_unknown"),
        (line(r#","status":"available""#).replace(ID, "1"), "report_id_invalid"),
        (line(r#","status":"available""#).replace("115-03", "115 03"), "unit_id_invalid"),
        (line(r#","status":"available""#).replace("+07:00", ""), "field_invalid"),
        (r#"{"status":"available"}"#.into(), "field_missing"),
    ] {
        assert_eq!(refused(&text).0, code, "{text}");
    }
}

#[test]
fn an_unknown_field_is_answered_with_the_nearest_known_one() {
    let (_, message) = refused(&line(r#","heading":90"#));
    assert_eq!(message, "field 'heading' is not known, did you mean 'heading_deg'?");
    let (_, message) = refused(&line(r#","zzz":90"#));
    assert_eq!(message, "field 'zzz' is not known");
}

#[test]
fn a_body_that_is_no_utf_8_is_refused_by_line() {
    let mut body = line(r#","status":"available""#).into_bytes();
    body.extend(b"\n{\"id\":\"\xff\"}");
    let rules = ReportRules { profiles: &[], received_at: RECEIVED_AT };
    let read = read_reports(&body, &rules).expect("few lines");
    assert_eq!((read.reports.len(), read.faults[0].error.code()), (1, "line_not_json"));
}

#[test]
fn too_many_lines_are_refused_as_a_whole_and_an_empty_body_is_none() {
    let rules = ReportRules { profiles: &[], received_at: RECEIVED_AT };
    let body = "{}\n".repeat(MAX_LINES + 1);
    let refused = read_reports(body.as_bytes(), &rules).map(drop);
    assert_eq!(refused, Err(LineError::TooManyLines { limit: MAX_LINES }));
    let most = read_reports(&body.as_bytes()[3..], &rules).map(|read| read.faults.len());
    assert_eq!(most, Ok(MAX_LINES));
    assert_eq!(read(" \n\r\n").faults, []);
}
