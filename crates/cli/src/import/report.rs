//! What an import did, for a person or a script.

use urbis_store::ImportReport;

use crate::output::{Format, say, say_json};

/// Prints a report.
///
/// # Errors
///
/// Where the report has no JSON form, which would be a bug.
pub fn say_report(report: &ImportReport, format: Format) -> anyhow::Result<()> {
    match format {
        Format::Json => say_json(report),
        Format::Text => {
            table(report).iter().for_each(|line| say(line));
            Ok(())
        }
    }
}

fn table(report: &ImportReport) -> Vec<String> {
    let seconds = report.duration_ms as f64 / 1000.0;
    let would = if report.dry_run { " (dry run: nothing was published)" } else { "" };
    let mut lines = vec![format!("{} ← {}: {seconds:.1} s{would}", report.layer, report.source)];
    let numbers = [
        ("read", report.read),
        ("inserted", report.inserted),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("closed", report.closed),
        ("conflicts", report.conflicts),
        ("flagged", report.flagged),
        ("rejected", report.rejected),
    ];
    lines.extend(numbers.map(|(name, number)| format!("  {name:<12}{number:>10}")));
    let codes = |kind: &str, codes: &std::collections::BTreeMap<String, u64>| -> Vec<String> {
        codes.iter().map(|(code, count)| format!("  {kind:<12}{count:>10}  {code}")).collect()
    };
    lines.extend(codes("fault", &report.fault_codes));
    lines.extend(codes("reject", &report.reject_codes));
    if report.rejected > 0 && !report.dry_run {
        lines.push(format!(
            "  rows, codes and bytes of the rejects: table urbis.import_reject, run {}",
            report.run_id
        ));
    }
    lines
}
