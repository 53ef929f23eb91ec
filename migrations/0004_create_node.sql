-- Which nodes follow the change log, and how far each has come: the log is kept for them.
CREATE TABLE urbis.node (
    node_id uuid PRIMARY KEY,
    -- Where it listens, for people.
    name text NOT NULL,
    -- What its memory equals, or less; a transaction that it is still reading counts as in progress.
    snapshot pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    heartbeat timestamptz NOT NULL DEFAULT clock_timestamp(),
    joined_at timestamptz NOT NULL DEFAULT clock_timestamp()
-- Written once a second by each node, mostly in place.
) WITH (fillfactor = 50);

-- With the layer: a poll asks which layers a transaction changed, not for each of its rows.
CREATE INDEX change_log_xid_layer ON urbis.change_log (xid, layer);
DROP INDEX urbis.change_log_xid;
