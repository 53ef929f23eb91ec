-- {node} the node, {snapshot} its position in quotes, or NULL where that did not move.
-- One round trip and one transaction, which whoever holds the list of nodes must not hold up: hence
-- no bound values, which would make it two.
SET LOCAL lock_timeout = '100ms';
UPDATE urbis.node
SET snapshot = coalesce({snapshot}::text::pg_snapshot, snapshot), heartbeat = clock_timestamp()
WHERE node_id = '{node}'::uuid
