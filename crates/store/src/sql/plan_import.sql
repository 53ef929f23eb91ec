-- What becomes of each staged record and of each feature whose record did not come.
-- $1 layer, $2 source, $3 'source' or 'edit' or NULL: who wins a conflict.
INSERT INTO import_plan (feature_id, source_key, source_row, source_hash, change, is_conflict, action)
SELECT feature_id, source_key, source_row, source_hash, change, is_conflict,
       CASE WHEN is_conflict AND $3::text IS DISTINCT FROM 'source' THEN 'keep' ELSE change END
FROM (
    SELECT i.feature_id, s."@key" AS source_key, s."@row" AS source_row, s."@hash" AS source_hash,
           CASE WHEN t.feature_id IS NULL
                     AND NOT (w.was_deleted_here AND i.source_hash = s."@hash") THEN 'insert'
                WHEN t.feature_id IS NOT NULL AND w.differs
                     AND NOT (t.edited_at IS NOT NULL AND i.source_hash = s."@hash")
                     THEN 'update'
                ELSE 'keep' END AS change,
           i.source_hash IS DISTINCT FROM s."@hash"
               AND ((t.feature_id IS NULL AND w.was_deleted_here)
                    OR (t.edited_at IS NOT NULL AND w.differs)) AS is_conflict
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
        SELECT coalesce(last.recorded_operation = 'delete' AND last.client <> 'import', false)
                   AS was_deleted_here,
               t.feature_id IS NOT NULL
                   AND ROW({table_columns}) IS DISTINCT FROM ROW({staged_columns}) AS differs
    ) AS w
    UNION ALL
    -- An empty hash: the record was missed before, and the edit was kept.
    SELECT i.feature_id, i.source_key, NULL, ''::bytea, 'close', t.edited_at IS NOT NULL
    FROM urbis.feature_identity i
    JOIN {table} t ON t.feature_id = i.feature_id
    WHERE i.layer = $1 AND i.source = $2
      AND NOT (t.edited_at IS NOT NULL AND i.source_hash = ''::bytea)
      AND NOT EXISTS (SELECT FROM import_staged s WHERE s."@key" = i.source_key)
) AS found
