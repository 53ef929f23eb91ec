-- $1 layer, $2 source.
SELECT count(DISTINCT s."@key")
FROM import_staged s
JOIN urbis.feature_identity i
  ON i.layer = $1 AND i.source <> $2 AND i.source_key = s."@key"
JOIN {table} t ON t.feature_id = i.feature_id
