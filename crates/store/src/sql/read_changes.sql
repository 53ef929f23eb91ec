-- What a follower has not seen of the log, oldest transaction first: which features, and between
-- which versions. Id 0 is the whole layer.
-- $1 lowest transaction that it may have missed, $2 xmax of its position, $3 the transactions that
-- were in progress in it, $4 layers, $5 $6 $7 the transaction, layer and id up to which it has seen
-- a transaction in part, $8 most rows.
SELECT c.xid::text, c.layer, coalesce(c.feature_id, 0),
       array_agg(c.old_recorded_from::text), array_agg(c.new_recorded_from::text)
FROM urbis.change_log AS c
WHERE c.xid >= $1::text::xid8
  AND (c.xid >= $2::text::xid8 OR c.xid = ANY ($3::text[]::xid8[]))
  -- Rows of a restored database belong to transactions that are yet to come.
  AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
  AND c.layer = ANY ($4)
  AND (c.xid <> $5::text::xid8 OR (c.layer, coalesce(c.feature_id, 0)) > ($6, $7))
  -- An update that changed nothing.
  AND (c.feature_id IS NULL OR c.old_recorded_from IS NULL
       OR c.old_recorded_from IS DISTINCT FROM c.new_recorded_from)
GROUP BY c.xid, c.layer, coalesce(c.feature_id, 0)
ORDER BY c.xid, c.layer, coalesce(c.feature_id, 0)
LIMIT $8
