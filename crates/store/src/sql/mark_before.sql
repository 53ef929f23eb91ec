-- The last mark that was made at a moment or before ($1), or that knows of no transaction from $2 on.
SELECT snapshot::text FROM urbis.log_mark
WHERE ($1::timestamptz IS NULL OR marked_at <= $1)
  AND ($2::text IS NULL OR pg_snapshot_xmax(snapshot) <= $2::text::xid8)
ORDER BY marked_at DESC LIMIT 1
