-- $1 node, $2 its position as a pg_snapshot, or NULL where that did not move.
UPDATE urbis.node
SET snapshot = coalesce($2::text::pg_snapshot, snapshot), heartbeat = clock_timestamp()
WHERE node_id = $1::text::uuid
