-- Simulated units of which nothing was heard; real ones stay.
DELETE FROM live.unit
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM live.unit
    WHERE is_simulated
      AND greatest(described_at, status_at, position_at) < now() - make_interval(secs => $1)
    LIMIT $2))
