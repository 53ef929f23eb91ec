//! Imports: the first load, re-imports, conflicts, faults and rejects.

use std::collections::BTreeMap;

use urbis_catalog::AttributeType;
use urbis_model::{AttributeValue, Fault, ImportItem, Reject, Srid};
use urbis_store::{
    FeatureGeometry, ImportMode, ImportReport, ImportRequest, Matching, StoreError, Take,
};

use crate::harness::{
    City, assert_unchanged, city, follow, id, insert_pole, pole, record, records, request,
};

const SOURCE: &str = "poles.gpkg";
const LOG_ROWS: &str = "SELECT count(*) FROM urbis.change_log";
const HEIGHTS: &str =
    "SELECT string_agg(asset_no || '=' || height_m, ' ' ORDER BY asset_no) FROM layer.pole";
const IDS: &str =
    "SELECT string_agg(asset_no || '=' || feature_id, ' ' ORDER BY asset_no) FROM layer.pole";

/// Inserted, updated, unchanged, closed, conflicts.
fn counts(report: &ImportReport) -> [u64; 5] {
    [report.inserted, report.updated, report.unchanged, report.closed, report.conflicts]
}

async fn import(
    city: &City,
    take: Option<Take>,
    items: Vec<ImportItem>,
) -> Result<ImportReport, StoreError> {
    city.import(SOURCE, take, ImportMode::Publish, items).await
}

fn with_fault(item: ImportItem, code: &'static str) -> ImportItem {
    let ImportItem::Record(mut record) = item else { panic!("a record") };
    record.faults.push(Fault { code, detail: "made for the test".into() });
    record.original_ewkb = Some(record.geometry_ewkb.clone());
    ImportItem::Record(record)
}

fn reject(row: u64) -> ImportItem {
    reject_of(row, None)
}

fn reject_of(row: u64, source_key: Option<&str>) -> ImportItem {
    ImportItem::Reject(Reject {
        source_row: row,
        source_key: source_key.map(str::to_owned),
        code: "geometry_missing",
        detail: "none".into(),
        raw: vec![0, 255],
    })
}

/// Three poles, imported; the second was then edited here.
async fn edited_city() -> City {
    let city = city().await;
    city.publish(vec![record("A", 1.0), record("B", 2.0), record("C", 3.0)]).await;
    city.psql("UPDATE layer.pole SET height_m = 22 WHERE asset_no = 'B'").await;
    city
}

#[tokio::test]
async fn the_first_load_is_one_row_of_the_change_log() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    let report = city.publish(records(0..20_000)).await;
    assert_eq!(counts(&report), [20_000, 0, 0, 0, 0]);
    assert_eq!(report.read, 20_000);
    assert_eq!(city.number(LOG_ROWS).await, 1);
    assert_eq!(city.number("SELECT count(*) FROM history.pole").await, 0);
    let index = "SELECT count(*) FROM pg_indexes WHERE indexname = 'pole_geom'";
    assert_eq!(city.number(index).await, 1);
    assert!(!follow(&mut tail, &mut memory).await.layers.is_empty());
    assert_eq!(memory[&id("pole")].len(), 20_000);
}

#[tokio::test]
async fn a_record_comes_out_as_it_went_in() {
    let city = city().await;
    city.publish(vec![record("Cột 1", 8.25)]).await;
    let row = "SELECT format('%s|%s|%s|%s|%s|%s|%s|%s|%s|%s', ST_AsText(geom), asset_no, height_m, lamps, \
               is_lit, built, inspected_at AT TIME ZONE 'UTC', state, valid_from AT TIME ZONE 'UTC', edited_at) FROM layer.pole";
    let row = city.text(row).await.unwrap();
    let (place, rest) = row.split_once('|').unwrap();
    assert!(place.ends_with(" 1774844.25)"), "{place}");
    assert_eq!(rest, "Cột 1|8.25|2|t|2019-04-30|2025-07-01 00:30:00|ok|2019-04-30 00:00:00|");
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let city = city().await;
    city.publish(records(0..100)).await;
    let (mut tail, _) = city.load().await;
    let logged = city.number(LOG_ROWS).await;
    let report = city.publish(records(0..100)).await;
    assert_eq!(counts(&report), [0, 0, 100, 0, 0]);
    assert_eq!(city.number(LOG_ROWS).await, logged);
    assert_unchanged(&mut tail).await;
}

#[tokio::test]
async fn a_re_import_touches_only_what_differs_and_keeps_the_ids() {
    let city = city().await;
    city.publish(vec![record("A", 1.0), record("B", 2.0), record("C", 3.0)]).await;
    let ids = city.text(IDS).await.unwrap();
    let (mut tail, mut memory) = city.load().await;
    let report = city.publish(vec![record("A", 1.0), record("B", 2.5), record("D", 4.0)]).await;
    assert_eq!(counts(&report), [1, 1, 1, 1, 0]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=2.5 D=4");
    // The load, an update, a close, an insert.
    assert_eq!(city.number(LOG_ROWS).await, 4);
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory[&id("pole")].len(), 3);

    let report = city.publish(vec![record("A", 1.0), record("B", 2.0), record("C", 3.0)]).await;
    assert_eq!(counts(&report), [1, 1, 1, 1, 0]);
    assert_eq!(city.text(IDS).await.unwrap(), ids);
}

#[tokio::test]
async fn ids_survive_truncate_and_another_import() {
    let city = city().await;
    city.publish(records(0..50)).await;
    let ids = city.text(IDS).await;
    city.psql("TRUNCATE layer.pole").await;
    assert_eq!(counts(&city.publish(records(0..50)).await), [50, 0, 0, 0, 0]);
    assert_eq!(city.text(IDS).await, ids);
}

#[tokio::test]
async fn a_changed_mapping_updates_features_of_unchanged_records() {
    let city = city().await;
    city.publish(vec![record("A", 1.0)]).await;
    let ImportItem::Record(mut changed) = record("A", 1.0) else { panic!("a record") };
    changed.attributes[6] = AttributeValue::text("bad");
    let report = city.publish(vec![ImportItem::Record(changed)]).await;
    assert_eq!(counts(&report), [0, 1, 0, 0, 0]);
}

#[tokio::test]
async fn two_sources_of_a_layer_do_not_close_each_other() {
    let city = city().await;
    city.publish(vec![record("A", 1.0)]).await;
    let other = city.import("other.gpkg", None, ImportMode::Publish, vec![record("A", 5.0)]).await;
    assert_eq!(counts(&other.unwrap()), [1, 0, 0, 0, 0]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 A=5");
}

#[tokio::test]
async fn an_edit_stays_while_its_record_does_not_change() {
    let city = edited_city().await;
    let report = city.publish(vec![record("A", 1.5), record("B", 2.0), record("C", 3.0)]).await;
    assert_eq!(counts(&report), [0, 1, 2, 0, 0]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1.5 B=22 C=3");
}

#[tokio::test]
async fn a_conflict_publishes_nothing_until_it_is_decided() {
    let changed = || vec![record("A", 1.5), record("B", 2.5), record("C", 3.0)];
    let city = edited_city().await;
    let error = import(&city, None, changed()).await.unwrap_err();
    let StoreError::Conflicts { count, sample, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*count, error.code()), (1, "import_conflicts"));
    assert_eq!((sample[0].source_key.as_str(), sample[0].change.as_str()), ("B", "update"));
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=22 C=3");

    let dry = city.import(SOURCE, None, ImportMode::DryRun, changed()).await.unwrap();
    assert_eq!(counts(&dry), [0, 1, 1, 0, 1]);

    let report = import(&city, Some(Take::Edit), changed()).await.unwrap();
    assert_eq!(counts(&report), [0, 1, 1, 0, 1]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1.5 B=22 C=3");
    // It is not asked again, until the record changes again.
    assert_eq!(counts(&import(&city, None, changed()).await.unwrap()), [0, 0, 3, 0, 0]);
    let again = vec![record("A", 1.5), record("B", 2.75), record("C", 3.0)];
    import(&city, None, again.clone()).await.unwrap_err();
    let report = import(&city, Some(Take::Source), again).await.unwrap();
    assert_eq!(counts(&report), [0, 1, 2, 0, 1]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1.5 B=2.75 C=3");
    assert_eq!(city.number("SELECT count(edited_at) FROM layer.pole").await, 0);
}

#[tokio::test]
async fn an_edited_feature_is_not_closed_unasked() {
    let without_b = || vec![record("A", 1.0), record("C", 3.0)];
    let city = edited_city().await;
    import(&city, None, without_b()).await.unwrap_err();
    let report = import(&city, Some(Take::Edit), without_b()).await.unwrap();
    assert_eq!(counts(&report), [0, 0, 2, 0, 1]);
    assert_eq!(counts(&import(&city, None, without_b()).await.unwrap()), [0, 0, 2, 0, 0]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=22 C=3");

    let city = edited_city().await;
    let report = import(&city, Some(Take::Source), without_b()).await.unwrap();
    assert_eq!(counts(&report), [0, 0, 2, 1, 1]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 C=3");
}

#[tokio::test]
async fn a_feature_deleted_here_comes_back_only_when_decided() {
    let city = edited_city().await;
    city.psql("DELETE FROM layer.pole WHERE asset_no = 'B'").await;
    let same = || vec![record("A", 1.0), record("B", 2.0), record("C", 3.0)];
    assert_eq!(counts(&import(&city, None, same()).await.unwrap()), [0, 0, 3, 0, 0]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 C=3");
    let changed = || vec![record("A", 1.0), record("B", 2.5), record("C", 3.0)];
    import(&city, None, changed()).await.unwrap_err();
    let report = import(&city, Some(Take::Source), changed()).await.unwrap();
    assert_eq!(counts(&report), [1, 0, 2, 0, 1]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=2.5 C=3");
}

#[tokio::test]
async fn a_feature_made_here_is_left_alone() {
    let city = city().await;
    city.psql(&insert_pole(1, 9)).await;
    assert_eq!(counts(&city.publish(vec![record("A", 1.0)]).await), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&city.publish(Vec::new()).await), [0, 0, 0, 1, 0]);
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "E-1=9");
}

#[tokio::test]
async fn a_dry_run_reports_and_publishes_nothing() {
    let city = city().await;
    let dry = city.import(SOURCE, None, ImportMode::DryRun, records(0..10)).await.unwrap();
    assert_eq!((counts(&dry), dry.dry_run), ([10, 0, 0, 0, 0], true));
    assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, 0);
    assert_eq!(city.number(LOG_ROWS).await, 0);
    city.publish(records(0..10)).await;
    let dry = city.import(SOURCE, None, ImportMode::DryRun, records(5..20)).await.unwrap();
    assert_eq!(counts(&dry), [10, 0, 5, 5, 0]);
    assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, 10);
    let statuses = city
        .text("SELECT string_agg(status, ' ' ORDER BY import_run_id) FROM urbis.import_run")
        .await;
    assert_eq!(statuses.as_deref(), Some("dry_run published dry_run"));
}

#[tokio::test]
async fn faults_and_repairs_are_those_of_the_last_import() {
    let city = city().await;
    let items = vec![with_fault(record("A", 1.0), "geometry_invalid"), record("B", 2.0)];
    let report = city.publish(items).await;
    assert_eq!((report.flagged, report.fault_codes["geometry_invalid"]), (1, 1));
    let repaired = "SELECT count(*) FROM urbis.repaired_geometry";
    assert_eq!(city.number(repaired).await, 1);

    let other = with_fault(record("B", 2.5), "attribute_missing");
    city.publish(vec![record("A", 1.5), other]).await;
    let status = city.store.status(&city.catalog).await.unwrap();
    let expected = BTreeMap::from([("attribute_missing".to_owned(), 1)]);
    assert_eq!(status.layers[&id("pole")].faults, expected);
    assert_eq!(status.layers[&id("pole")].features, 2);
    let whose = "SELECT asset_no FROM urbis.repaired_geometry JOIN layer.pole USING (feature_id)";
    assert_eq!(city.text(whose).await.as_deref(), Some("B"));
}

#[tokio::test]
async fn rejects_are_kept_and_too_many_publish_nothing() {
    let city = city().await;
    let report = city.publish(vec![record("A", 1.0), reject(2), reject(3)]).await;
    assert_eq!((report.rejected, report.reject_codes["geometry_missing"]), (2, 2));
    let error = import(&city, None, vec![record("A", 9.0), reject(2), reject(3), reject(4)]).await;
    assert_eq!(error.unwrap_err().code(), "too_many_rejects");
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1");
    assert_eq!(
        city.number("SELECT count(*) FROM urbis.import_reject WHERE raw = '\\x00ff'").await,
        5
    );
    let failed = "SELECT error_code FROM urbis.import_run WHERE status = 'failed'";
    assert_eq!(city.text(failed).await.as_deref(), Some("too_many_rejects"));
}

#[tokio::test]
async fn what_cannot_be_stored_is_a_reject_not_the_end() {
    let city = city().await;
    let ImportItem::Record(mut with_nul) = record("N", 1.0) else { panic!("a record") };
    with_nul.attributes[0] = AttributeValue::text("a\0b");
    let twice = vec![record("A", 1.0), record("A", 2.0), ImportItem::Record(with_nul)];
    let report = city.publish(twice).await;
    assert_eq!((report.inserted, report.rejected), (1, 2));
    assert_eq!(report.reject_codes["source_key_duplicate"], 1);
    assert_eq!(report.reject_codes["record_unstorable"], 1);
}

#[tokio::test]
async fn a_large_merge_is_one_row_of_the_change_log_and_keeps_its_history() {
    let city = city().await;
    city.publish(records(0..10)).await;
    let (mut tail, mut memory) = city.load().await;
    let items = (0..20_010).map(|key| record(&format!("P-{key:05}"), 9.0)).collect();
    assert_eq!(counts(&city.publish(items).await), [20_000, 10, 0, 0, 0]);
    assert_eq!(city.number(LOG_ROWS).await, 2);
    assert_eq!(city.number("SELECT count(*) FROM history.pole").await, 10);
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory[&id("pole")].len(), 20_010);
}

#[tokio::test]
async fn the_geometry_of_a_feature_is_found_by_its_key() {
    let city = city().await;
    city.publish(vec![record("A", 1.0)]).await;
    let found = city.store.feature_geometry_by_key(&pole(), "A").await.unwrap();
    assert_eq!((found.srid.0, found.ewkb.len()), (5899, 25));
    let missing = city.store.feature_geometry_by_key(&pole(), "Z").await;
    assert_eq!(missing.unwrap_err().code(), "feature_not_found");
}

/// What lies west of half a metre east of an easting, sent once through WGS 84.
async fn west_of(city: &City, easting: u32) -> FeatureGeometry {
    let mut connection = city.connect().await;
    let sql = format!(
        "SELECT ST_AsEWKB(ST_Transform(
             ST_MakeEnvelope(540000, 1770000, {easting}.5, 1780000, 5899), 4326), 'NDR')"
    );
    let ewkb =
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
    let square = FeatureGeometry { ewkb, srid: Srid::WGS84 };
    city.store.transform(&square, Srid(5899)).await.unwrap()
}

fn skipped(source_key: Option<&str>) -> ImportItem {
    ImportItem::Skipped { source_key: source_key.map(str::to_owned) }
}

async fn import_clipped(
    city: &City,
    clip: FeatureGeometry,
    items: Vec<ImportItem>,
) -> ImportReport {
    let pole = pole();
    let request =
        ImportRequest { clip: Some(clip), ..request(&pole, SOURCE, None, ImportMode::Publish) };
    city.import_as(request, items).await.unwrap()
}

#[tokio::test]
async fn a_clipped_import_closes_nothing_that_the_source_still_has() {
    let city = city().await;
    let all = ["A", "B", "C", "D", "geometry:1"].map(|key| record(key, 1.0));
    city.publish(all.to_vec()).await;
    // By its edit D lies in the clip; its record does not. That of B has moved out of it.
    city.psql(
        "UPDATE layer.pole SET geom = (SELECT geom FROM layer.pole WHERE asset_no = 'A') \
         WHERE asset_no = 'D'",
    )
    .await;
    let clip = west_of(&city, 600_000).await;
    let beyond = ["B", "D", "geometry:1"].map(|key| skipped(Some(key)));
    let items = [vec![record("A", 1.0)], beyond.to_vec()].concat();
    let report = import_clipped(&city, clip.clone(), items).await;
    assert_eq!((counts(&report), report.read), ([0, 0, 1, 1, 0], 1));
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=1 D=1 geometry:1=1");

    let lost = vec![record("A", 1.0), skipped(None), skipped(Some("D"))];
    let report = import_clipped(&city, clip, lost).await;
    assert_eq!((counts(&report), report.close_withheld), ([0, 0, 1, 0, 0], 2));
}

#[tokio::test]
async fn a_record_that_became_unreadable_closes_nothing() {
    let city = city().await;
    let all = ["A", "B", "C", "D"].map(|key| with_fault(record(key, 1.0), "attribute_missing"));
    city.publish(all.to_vec()).await;
    let report = city.publish(vec![record("A", 1.0), reject_of(2, Some("B"))]).await;
    assert_eq!((counts(&report), report.close_withheld), ([0, 0, 1, 2, 0], 0));
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=1");
    // B is as it was, and so is what is wrong with it.
    assert_eq!(city.number("SELECT count(*) FROM urbis.feature_fault").await, 1);
}

#[tokio::test]
async fn a_record_without_a_readable_key_withholds_all_closing() {
    let city = edited_city().await;
    let items = || vec![record("A", 1.5), reject(2)];
    for mode in [ImportMode::DryRun, ImportMode::Publish] {
        // C would be closed, the edited B would be a conflict.
        let report = city.import(SOURCE, None, mode, items()).await.unwrap();
        assert_eq!((counts(&report), report.close_withheld), ([0, 1, 0, 0, 0], 1));
        assert_eq!(serde_json::to_value(&report).unwrap()["close_withheld"], 1);
    }
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1.5 B=22 C=3");
    // A key with a NUL is broken too.
    let broken = vec![record("A", 1.5), reject_of(2, Some("C\0"))];
    assert_eq!(city.publish(broken).await.close_withheld, 1);
    // The next whole reading closes as ever.
    let whole = import(&city, Some(Take::Source), vec![record("A", 1.5)]).await.unwrap();
    assert_eq!((counts(&whole), whole.close_withheld), ([0, 0, 1, 2, 1], 0));
}

#[tokio::test]
async fn faults_of_a_record_do_not_come_back_over_an_edit() {
    const FAULTS: &str = "SELECT count(*) FROM urbis.feature_fault";
    let faulty = || vec![record("A", 1.0), with_fault(record("B", 2.0), "attribute_missing")];
    let city = city().await;
    city.publish(faulty()).await;
    city.publish(faulty()).await;
    assert_eq!(city.number(FAULTS).await, 1);
    city.psql("UPDATE layer.pole SET height_m = 22 WHERE asset_no = 'B'").await;
    assert_eq!(city.publish(faulty()).await.kept_edits, 1);
    assert_eq!(city.number(FAULTS).await, 0);
    import(&city, Some(Take::Source), faulty()).await.unwrap();
    assert_eq!(city.number(FAULTS).await, 1);
}

#[tokio::test]
async fn a_clipped_import_closes_only_what_lies_in_the_clip() {
    const NAMES: &str = "SELECT string_agg(asset_no, ' ' ORDER BY asset_no) FROM layer.pole";
    let city = city().await;
    let all = ["A", "B", "C", "D"].map(|key| with_fault(record(key, 1.0), "attribute_missing"));
    city.publish(all.to_vec()).await;
    city.psql("INSERT INTO layer.pole (asset_no) VALUES ('nowhere')").await;
    city.psql("UPDATE layer.pole SET geom = NULL WHERE asset_no = 'D'").await;
    assert_eq!(city.text(NAMES).await.unwrap(), "A B C D nowhere");
    let b = city.number("SELECT ST_X(geom)::bigint FROM layer.pole WHERE asset_no = 'B'").await;
    let clip = west_of(&city, u32::try_from(b).unwrap()).await;

    // B is gone from the source; C and D are beyond the clip.
    let pole = pole();
    let clipped =
        ImportRequest { clip: Some(clip), ..request(&pole, SOURCE, None, ImportMode::Publish) };
    let report = city.import_as(clipped, vec![record("A", 1.0)]).await.unwrap();
    assert_eq!(counts(&report), [0, 0, 1, 1, 0]);
    assert_eq!(city.text(NAMES).await.unwrap(), "A C D nowhere");
    // A has no fault any more; those of C and D are still known.
    assert_eq!(city.number("SELECT count(*) FROM urbis.feature_fault").await, 2);
    assert_eq!(
        counts(&city.publish(vec![record("A", 1.0), record("C", 1.0), record("D", 1.0)]).await)[3],
        0
    );
}

#[tokio::test]
async fn a_person_may_change_their_mind_about_a_kept_edit() {
    let city = edited_city().await;
    let changed = || vec![record("A", 1.0), record("B", 2.5), record("C", 3.0)];
    let kept = import(&city, Some(Take::Edit), changed()).await.unwrap();
    assert_eq!((counts(&kept), kept.kept_edits), ([0, 0, 2, 0, 1], 1));
    let again = import(&city, None, changed()).await.unwrap();
    assert_eq!((counts(&again), again.kept_edits), ([0, 0, 3, 0, 0], 1));
    let taken = import(&city, Some(Take::Source), changed()).await.unwrap();
    assert_eq!((counts(&taken), taken.kept_edits), ([0, 1, 2, 0, 0], 0));
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 B=2.5 C=3");
}

#[tokio::test]
async fn a_person_may_change_their_mind_about_a_deletion_and_about_a_missing_record() {
    let city = edited_city().await;
    city.psql("DELETE FROM layer.pole WHERE asset_no = 'B'").await;
    let same = || vec![record("A", 1.0), record("B", 2.0), record("C", 3.0)];
    let kept = import(&city, None, same()).await.unwrap();
    assert_eq!((counts(&kept), kept.kept_edits), ([0, 0, 3, 0, 0], 1));
    let taken = import(&city, Some(Take::Source), same()).await.unwrap();
    assert_eq!((counts(&taken), taken.kept_edits), ([1, 0, 2, 0, 0], 0));

    let city = edited_city().await;
    let without_b = || vec![record("A", 1.0), record("C", 3.0)];
    let kept = import(&city, Some(Take::Edit), without_b()).await.unwrap();
    assert_eq!((counts(&kept), kept.kept_edits), ([0, 0, 2, 0, 1], 1));
    let again = import(&city, None, without_b()).await.unwrap();
    assert_eq!((counts(&again), again.kept_edits), ([0, 0, 2, 0, 0], 1));
    let taken = import(&city, Some(Take::Source), without_b()).await.unwrap();
    assert_eq!((counts(&taken), taken.kept_edits), ([0, 0, 2, 1, 0], 0));
    assert_eq!(city.text(HEIGHTS).await.unwrap(), "A=1 C=3");
}

#[tokio::test]
async fn keys_that_another_source_has_are_counted() {
    let city = city().await;
    assert_eq!(
        city.publish(vec![record("A", 1.0), record("B", 1.0)]).await.keys_in_other_sources,
        0
    );
    let items = || vec![record("A", 5.0), record("Z", 5.0)];
    let other = city.import("poles (1).gpkg", None, ImportMode::DryRun, items()).await.unwrap();
    assert_eq!((other.inserted, other.keys_in_other_sources), (2, 1));
    // What was closed is no feature twice.
    city.publish(vec![record("B", 1.0)]).await;
    let other = city.import("poles (1).gpkg", None, ImportMode::Publish, items()).await.unwrap();
    assert_eq!((other.inserted, other.keys_in_other_sources), (2, 0));
}

#[tokio::test]
async fn the_report_shows_rejects_and_what_was_matched_by_geometry() {
    let city = city().await;
    for mode in [ImportMode::DryRun, ImportMode::Publish] {
        let pole = pole();
        let request =
            ImportRequest { matching: Matching::Geometry, ..request(&pole, SOURCE, None, mode) };
        let items = vec![record("geometry:1", 1.0), reject(2), record("geometry:3", 1.0)];
        let report = city.import_as(request, items).await.unwrap();
        assert_eq!(report.matched_by_geometry, 2);
        let [only] = &report.reject_sample[..] else { panic!("{report:?}") };
        assert_eq!(
            (only.row, only.code.as_str(), only.detail.as_str()),
            (2, "geometry_missing", "none")
        );
    }
}

#[tokio::test]
async fn several_codes_are_stored_as_one_text() {
    let city = city().await;
    let mut mixed = pole();
    mixed.attributes[6].kind = AttributeType::Codes;
    let mut item = record("P-1", 8.0);
    let ImportItem::Record(one) = &mut item else { panic!("no record") };
    one.attributes[6] = AttributeValue::text("ok+bad");
    let request = request(&mixed, "poles.gpkg", None, ImportMode::Publish);
    assert_eq!(city.import_as(request, vec![item]).await.unwrap().inserted, 1);
    let stored = city.text("SELECT state FROM layer.pole").await;
    assert_eq!(stored.as_deref(), Some("ok+bad"));
}
