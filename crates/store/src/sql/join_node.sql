-- Before the node takes the snapshot that it loads under: whoever prunes without having seen this
-- row deletes only what that snapshot sees.
INSERT INTO urbis.node (node_id, name) VALUES ($1::text::uuid, $2)
ON CONFLICT (node_id) DO UPDATE
SET snapshot = pg_current_snapshot(), heartbeat = clock_timestamp(), joined_at = clock_timestamp()
