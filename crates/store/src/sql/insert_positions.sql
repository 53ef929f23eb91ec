INSERT INTO live.position (day, report_id, unit_id, observed_at, received_at, verdict, geom,
                           accuracy_m, heading_deg, speed_kmh)
SELECT day, report_id, unit_id, observed_at, received_at, verdict, geom,
       accuracy_m, heading_deg, speed_kmh
FROM staged_position
ON CONFLICT DO NOTHING
