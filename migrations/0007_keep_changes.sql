-- For those who follow the changes of features from outside, days behind: the log is kept for them
-- by age, knows which version a change began and ended, and remembers how far back it reaches.

-- The versions of a feature before and after a change, as its table and its history name them:
-- whether somebody may see a change is asked of both. Empty for what the change made or removed.
ALTER TABLE urbis.change_log
    ADD COLUMN old_recorded_from timestamptz,
    ADD COLUMN new_recorded_from timestamptz;

-- What the database was at a moment, noted now and then. A snapshot that stands here was durable
-- before anybody read it: no transaction that it counts as ended begins again after a crash.
CREATE TABLE urbis.log_mark (
    marked_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    snapshot pg_snapshot NOT NULL DEFAULT pg_current_snapshot()
);
INSERT INTO urbis.log_mark DEFAULT VALUES;

-- The last transaction whose rows may be gone: who has not seen it has missed something.
CREATE TABLE urbis.log_floor (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    xid xid8 NOT NULL
);
-- Just before the mark above: nobody was told of a position until now.
INSERT INTO urbis.log_floor (xid)
SELECT (pg_snapshot_xmin(snapshot)::text::numeric - 1)::text::xid8 FROM urbis.log_mark;

-- A trigger, so that it holds whoever deletes, also a program of the release before.
CREATE FUNCTION urbis.raise_log_floor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE urbis.log_floor AS f SET xid = last.xid
    FROM (SELECT g.xid FROM gone AS g
          -- A restored database holds rows of another, whose transactions are yet to come.
          WHERE g.xid < pg_snapshot_xmax(pg_current_snapshot())
          ORDER BY g.xid DESC LIMIT 1) AS last
    WHERE f.xid < last.xid OR f.xid >= pg_snapshot_xmax(pg_current_snapshot());
    RETURN NULL;
END
$$;
CREATE TRIGGER urbis_pruned AFTER DELETE ON urbis.change_log
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION urbis.raise_log_floor();
