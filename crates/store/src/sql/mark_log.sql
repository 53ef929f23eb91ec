-- $1 seconds for which the log is kept. Notes what the database is now, for those who ask what
-- changed since; forgets the marks that are older than the one the log is kept from, and those of
-- another life of the database.
WITH made AS (
    INSERT INTO urbis.log_mark DEFAULT VALUES ON CONFLICT DO NOTHING
)
DELETE FROM urbis.log_mark
WHERE pg_snapshot_xmax(snapshot) > pg_snapshot_xmax(pg_current_snapshot())
   OR marked_at < (SELECT max(m.marked_at) FROM urbis.log_mark AS m
                   WHERE m.marked_at <= clock_timestamp() - make_interval(secs => $1))
