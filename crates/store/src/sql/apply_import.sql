-- Carries out the plan; what it keeps is not touched.
UPDATE import_plan p SET feature_id = numbered.feature_id, is_new = true
FROM (
    SELECT source_key, nextval('urbis.feature_id') AS feature_id
    FROM (SELECT source_key FROM import_plan WHERE feature_id IS NULL ORDER BY source_row) AS fresh
) AS numbered
WHERE p.source_key = numbered.source_key;

INSERT INTO urbis.feature_identity (feature_id, layer, source, source_key, source_hash)
SELECT feature_id, {name}, {source}, source_key, source_hash FROM import_plan WHERE is_new;

UPDATE urbis.feature_identity i SET source_hash = p.source_hash
FROM import_plan p
WHERE p.feature_id = i.feature_id AND p.source_hash <> i.source_hash AND p.action <> 'close';

DELETE FROM {table} t USING import_plan p
WHERE t.feature_id = p.feature_id AND p.action = 'close';

UPDATE {table} t SET ({columns}) = ROW({staged_columns})
FROM import_plan p JOIN import_staged s ON s."@key" = p.source_key
WHERE p.feature_id = t.feature_id AND p.action = 'update';

INSERT INTO {table} (feature_id, {columns})
SELECT p.feature_id, {staged_columns}
FROM import_plan p JOIN import_staged s ON s."@key" = p.source_key
WHERE p.action = 'insert' ORDER BY s."@row";

-- Features that were not planned for keep theirs: beyond the clip, or with an unreadable record.
DELETE FROM urbis.feature_fault f
WHERE layer = {name} AND source = {source}
  AND (feature_id IN (SELECT feature_id FROM import_plan)
       OR NOT EXISTS (SELECT FROM {table} t WHERE t.feature_id = f.feature_id));

INSERT INTO urbis.feature_fault (feature_id, layer, source, code, detail, import_run_id)
SELECT p.feature_id, {name}, {source}, f.code, f.detail, {run}
FROM import_staged_fault f JOIN import_plan p ON p.source_key = f.source_key
-- What is wrong with the record is not wrong with what a person made of the feature.
WHERE NOT (p.action = 'keep' AND p.is_edit);

DELETE FROM urbis.repaired_geometry r USING import_plan p
WHERE r.feature_id = p.feature_id AND p.action IN ('update', 'insert', 'close');

INSERT INTO urbis.repaired_geometry (feature_id, layer, geom, import_run_id)
SELECT p.feature_id, {name}, s."@original", {run}
FROM import_plan p JOIN import_staged s ON s."@key" = p.source_key
WHERE p.action IN ('update', 'insert') AND s."@original" IS NOT NULL;
