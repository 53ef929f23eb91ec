-- One commit: a building gets its stamp as its name, microseconds before the commit.
\set n random(1, 20000)
UPDATE layer.building SET name = 'e' || (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
WHERE feature_id = (SELECT feature_id FROM peer.edited WHERE n = :n);
