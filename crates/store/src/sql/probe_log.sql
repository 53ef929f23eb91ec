-- One statement, one snapshot: the position that it gives, the node's registration and the rows
-- that it finds agree.
-- $1 xmax of the position, $2 the transactions that were in progress in it and are not being
-- waited for, $3 the node, $4 rows that are counted of a transaction in a layer, $5 most pairs of
-- them.
-- It leaps from pair to pair, and passes by what is still in progress and what is newer than the
-- snapshot: neither a large transaction nor one that stays open makes it slow.
WITH RECURSIVE began AS (
    (SELECT c.xid, c.layer FROM urbis.change_log AS c
     WHERE c.xid >= $1::text::xid8 AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
     ORDER BY c.xid, c.layer LIMIT 1)
    UNION ALL
    SELECT further.xid, further.layer
    FROM began AS b CROSS JOIN LATERAL (
        SELECT c.xid, c.layer FROM urbis.change_log AS c
        WHERE (c.xid, c.layer) > (b.xid, b.layer)
          AND c.xid < pg_snapshot_xmax(pg_current_snapshot())
        ORDER BY c.xid, c.layer LIMIT 1
    ) AS further
), ended AS (
    SELECT first.xid, first.layer
    FROM unnest($2::text[]::xid8[]) AS e (xid) CROSS JOIN LATERAL (
        SELECT c.xid, c.layer FROM urbis.change_log AS c
        WHERE c.xid = e.xid
        ORDER BY c.xid, c.layer LIMIT 1
    ) AS first
    WHERE pg_visible_in_snapshot(e.xid, pg_current_snapshot())
    UNION ALL
    SELECT further.xid, further.layer
    FROM ended AS e CROSS JOIN LATERAL (
        SELECT c.xid, c.layer FROM urbis.change_log AS c
        WHERE c.xid = e.xid AND c.layer > e.layer
        ORDER BY c.xid, c.layer LIMIT 1
    ) AS further
), pair AS (
    SELECT xid, layer FROM began UNION ALL SELECT xid, layer FROM ended LIMIT $5
)
SELECT pg_current_snapshot()::text,
       EXISTS (SELECT FROM urbis.node WHERE node_id = $3::text::uuid),
       coalesce(array_agg(p.xid::text), '{}'),
       coalesce(array_agg(p.layer), '{}'),
       coalesce(array_agg(counted.rows), '{}'),
       coalesce(array_agg(counted.is_whole), '{}')
FROM pair AS p CROSS JOIN LATERAL (
    SELECT count(*) AS rows, coalesce(bool_or(feature_id IS NULL), false) AS is_whole
    FROM (
        SELECT c.feature_id FROM urbis.change_log AS c
        WHERE c.xid = p.xid AND c.layer = p.layer LIMIT $4
    ) AS some_rows
) AS counted
