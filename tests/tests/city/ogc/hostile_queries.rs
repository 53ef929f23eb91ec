//! Questions that mean no good: refused within limits, at once, and never a failure of ours.

mod filters;
mod heavy;
mod values;

use std::time::Instant;

use urbis_tests::{Answer, City};

/// Far above what any of these takes, and far below the ten seconds after which the database
/// would be stopped: a statement that ran into that would be answered by 503, besides.
const LONGEST_S: f64 = 4.0;

/// Asks, and measures.
fn ask(city: &City, path: &str) -> Answer {
    let begun = Instant::now();
    let answer = city.fetch(path);
    let took = begun.elapsed().as_secs_f64();
    assert!(took < LONGEST_S, "{}: {took} s", shown(path));
    answer
}

/// A question that must be refused, by a problem that a program can read.
fn refused(city: &City, path: &str) -> Answer {
    let answer = ask(city, path);
    assert!([400, 414, 431].contains(&answer.status), "{}: {}", shown(path), answer.status);
    be_problem(path, &answer);
    answer
}

/// A question that no rule forbids: answered or refused, but neither late nor by a failure.
fn harmless(city: &City, path: &str) -> Answer {
    let answer = ask(city, path);
    assert!(
        [200, 204, 400, 404, 414].contains(&answer.status),
        "{}: {}",
        shown(path),
        answer.status
    );
    if answer.status >= 400 {
        be_problem(path, &answer);
    }
    answer
}

fn be_problem(path: &str, answer: &Answer) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", shown(path));
    let problem = answer.json();
    for member in ["code", "title", "detail", "description", "hint"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
    assert_eq!(problem["status"], answer.status);
    assert!(answer.body.len() < 4_000, "{}: {} bytes", shown(path), answer.body.len());
}

/// The node is there, and so is what it serves.
fn still_serves(city: &City) {
    assert_eq!(city.fetch("/health/ready").status, 200);
    let wards = city.fetch("/ogc/collections/admin_unit/items?limit=1");
    assert_eq!(wards.status, 200, "{}", wards.text());
    assert_ne!(city.psql("SELECT count(*) FROM layer.admin_unit"), "0");
}

fn shown(path: &str) -> String {
    path.chars().take(160).collect()
}

/// Percent-encodes what must be, and no more: the longest address that is read is 24 KiB.
fn encode(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() || b"(),.'=:".contains(&byte) => {
            char::from(byte).into()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
