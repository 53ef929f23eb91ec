INSERT INTO live.road_state AS r (road_state_id, observed_at, received_at, expires_at, is_cleared,
                                  report)
SELECT road_state_id, observed_at, received_at, expires_at, is_cleared, report
FROM staged_road_state
ORDER BY road_state_id
ON CONFLICT (road_state_id) DO UPDATE
SET observed_at = excluded.observed_at, received_at = excluded.received_at,
    expires_at = excluded.expires_at, is_cleared = excluded.is_cleared, report = excluded.report
WHERE (r.observed_at, r.received_at) < (excluded.observed_at, excluded.received_at)
