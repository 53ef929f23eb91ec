-- What becomes of each staged record and of each feature whose record did not come.
-- $1 layer, $2 source, $3 'source' or 'edit' or NULL: who wins a conflict, $4 EWKB in the storage
-- CRS or NULL: the part of the world that the records were cut to. 'source' wins over each edit,
-- also over one that was kept before.
INSERT INTO import_plan
    (feature_id, source_key, source_row, source_hash, change, is_conflict, is_edit, action)
SELECT feature_id, source_key, source_row, source_hash, change, is_conflict, is_edit,
       CASE WHEN is_conflict AND $3::text IS DISTINCT FROM 'source' THEN 'keep' ELSE change END
FROM (
    SELECT i.feature_id, s."@key" AS source_key, s."@row" AS source_row, s."@hash" AS source_hash,
           CASE WHEN w.is_edit AND i.source_hash = s."@hash"
                     AND $3::text IS DISTINCT FROM 'source' THEN 'keep'
                WHEN t.feature_id IS NULL THEN 'insert'
                WHEN w.differs THEN 'update'
                ELSE 'keep' END AS change,
           w.is_edit AND i.source_hash <> s."@hash" AS is_conflict,
           w.is_edit
    FROM import_staged s
    LEFT JOIN urbis.feature_identity i
           ON i.layer = $1 AND i.source = $2 AND i.source_key = s."@key"
    LEFT JOIN {table} t ON t.feature_id = i.feature_id
    LEFT JOIN LATERAL (
        SELECT h.recorded_operation, h.client FROM {history} h
        WHERE t.feature_id IS NULL AND h.feature_id = i.feature_id
        ORDER BY h.recorded_to DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT t.feature_id IS NOT NULL
                   AND ROW({table_columns}) IS DISTINCT FROM ROW({staged_columns}) AS differs
    ) AS d
    CROSS JOIN LATERAL (
        SELECT d.differs,
               CASE WHEN t.feature_id IS NULL
                    THEN coalesce(last.recorded_operation = 'delete' AND last.client <> 'import',
                                  false)
                    ELSE t.edited_at IS NOT NULL AND d.differs END AS is_edit
    ) AS w
    UNION ALL
    -- An empty hash: the record was missed before, and the edit was kept.
    SELECT i.feature_id, i.source_key, NULL, ''::bytea,
           CASE WHEN e.is_edit AND i.source_hash = ''::bytea
                     AND $3::text IS DISTINCT FROM 'source' THEN 'keep' ELSE 'close' END,
           e.is_edit AND i.source_hash <> ''::bytea,
           e.is_edit
    FROM urbis.feature_identity i
    JOIN {table} t ON t.feature_id = i.feature_id
    CROSS JOIN LATERAL (SELECT t.edited_at IS NOT NULL AS is_edit) AS e
    WHERE i.layer = $1 AND i.source = $2
      AND NOT EXISTS (SELECT FROM import_staged s WHERE s."@key" = i.source_key)
      AND NOT EXISTS (SELECT FROM import_unread u WHERE u.source_key = i.source_key)
      -- GEOS may fail on what is not valid.
      AND ($4::bytea IS NULL
           OR (t.geom && ST_GeomFromEWKB($4)
               AND ST_Intersects(
                       CASE WHEN ST_IsValid(t.geom) THEN t.geom ELSE ST_MakeValid(t.geom) END,
                       ST_GeomFromEWKB($4))))
) AS found
