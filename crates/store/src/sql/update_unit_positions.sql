UPDATE live.unit AS u
SET geom = s.geom, accuracy_m = s.accuracy_m, heading_deg = s.heading_deg, speed_kmh = s.speed_kmh,
    position_at = s.position_at, position_by = s.position_by,
    position_received_at = s.position_received_at
FROM staged_unit AS s
WHERE s.unit_id = u.unit_id
  AND s.geom IS NOT NULL
  AND (u.position_at IS NULL OR (u.position_at, u.position_by) < (s.position_at, s.position_by))
