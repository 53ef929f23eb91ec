INSERT INTO live.unit_status (day, report_id, unit_id, observed_at, received_at, verdict, status)
SELECT day, report_id, unit_id, observed_at, received_at, verdict, status
FROM staged_unit_status
ON CONFLICT DO NOTHING
