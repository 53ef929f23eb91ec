-- A day is old when its last moment is older than $1 seconds.
SELECT DISTINCT right(c.relname, 8) AS day
FROM pg_inherits AS i
JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent IN ('live.position'::regclass, 'live.unit_status'::regclass)
  AND c.relname ~ '_[0-9]{8}$'
  AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC' - make_interval(secs => $1))::date
ORDER BY day
