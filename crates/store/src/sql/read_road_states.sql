SELECT road_state_id, is_cleared, report::text, observed_at, received_at, expires_at
FROM live.road_state
ORDER BY road_state_id
