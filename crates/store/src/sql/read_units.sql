SELECT unit_id, title, agency, profile, capabilities, openness, is_simulated,
       described_by::text, status, status_by::text, position_by::text,
       ST_X(geom), ST_Y(geom), accuracy_m, heading_deg, speed_kmh,
       described_at, status_since, status_at, position_at, position_received_at
FROM live.unit
ORDER BY unit_id
