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
        Format::Json => {
            if let Some(warning) = warning(report) {
                tracing::warn!("{}", warning.trim_start());
            }
            say_json(report)
        }
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
        ("kept edits", report.kept_edits),
        ("flagged", report.flagged),
        ("rejected", report.rejected),
    ];
    lines.extend(numbers.map(|(name, number)| format!("  {name:<12}{number:>10}")));
    let codes = |kind: &str, codes: &std::collections::BTreeMap<String, u64>| -> Vec<String> {
        codes.iter().map(|(code, count)| format!("  {kind:<12}{count:>10}  {code}")).collect()
    };
    lines.extend(codes("fault", &report.fault_codes));
    lines.extend(codes("reject", &report.reject_codes));
    lines.extend(report.reject_sample.iter().map(|reject| {
        format!("  row {:<8}{:>10}  {}: {}", reject.row, "", reject.code, reject.detail)
    }));
    if report.matched_by_geometry > 0 {
        lines.push(format!(
            "  {} records have no key and are known by their geometry",
            report.matched_by_geometry
        ));
    }
    if report.close_withheld > 0 {
        lines.push(format!(
            "  {} features stay though their record did not come: it may be a rejected one whose key \
             cannot be read",
            report.close_withheld
        ));
    }
    lines.extend(warning(report));
    if report.rejected > 0 && !report.dry_run {
        lines.push(format!(
            "  rows, codes and bytes of the rejects: table urbis.import_reject, run {}",
            report.run_id
        ));
    }
    lines
}

fn warning(report: &ImportReport) -> Option<String> {
    let count = report.keys_in_other_sources;
    (count > 0).then(|| {
        format!(
            "  warning: {count} records have the key of a feature that another source of layer \
             '{}' brought: is it the same data under another name? (--source NAME)",
            report.layer
        )
    })
}
