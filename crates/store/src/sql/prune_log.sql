-- $1 seconds of silence after which a node holds nothing back, $2 most rows at once, $3 seconds for
-- which the log is kept whatever the nodes have seen.
-- One statement, so that one snapshot decides. A node that beats at this very moment is not in
-- "gone", and is held to the position that this snapshot shows: an older one.
WITH gone AS (
    DELETE FROM urbis.node WHERE heartbeat < clock_timestamp() - make_interval(secs => $1)
    RETURNING node_id
), holding AS MATERIALIZED (
    SELECT snapshot FROM urbis.node WHERE node_id NOT IN (SELECT node_id FROM gone)
    UNION ALL
    -- What was over when the log is kept from; everything is newer where nobody noted that yet.
    SELECT coalesce((SELECT m.snapshot FROM urbis.log_mark AS m
                     WHERE m.marked_at <= clock_timestamp() - make_interval(secs => $3)
                       AND pg_snapshot_xmax(m.snapshot)
                           <= pg_snapshot_xmax(pg_current_snapshot())
                     ORDER BY m.marked_at DESC LIMIT 1), '3:3:'::pg_snapshot)
    WHERE $3 > 0
), pruned AS (
    DELETE FROM urbis.change_log WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM (
            SELECT c.ctid FROM urbis.change_log AS c
            -- A bound for the index; what it leaves out no node has seen.
            WHERE c.xid < (SELECT coalesce(min(pg_snapshot_xmax(snapshot)),
                                           pg_snapshot_xmax(pg_current_snapshot())) FROM holding)
              AND NOT EXISTS (SELECT FROM holding AS h
                              WHERE NOT pg_visible_in_snapshot(c.xid, h.snapshot))
            UNION ALL
            -- Transactions that are yet to come wrote nothing: a restored database tells of
            -- those of another.
            SELECT c.ctid FROM urbis.change_log AS c
            WHERE c.xid >= pg_snapshot_xmax(pg_current_snapshot())
        ) AS seen_by_all
        LIMIT $2
    ))
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM pruned)
