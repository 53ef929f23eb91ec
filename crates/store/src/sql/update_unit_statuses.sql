-- A status goes on from before the batch where the batch knows no other one before it.
UPDATE live.unit AS u
SET status = s.status,
    status_since = CASE WHEN s.status_run_is_open AND u.status = s.status THEN u.status_since
                        ELSE s.status_run_from END,
    status_at = s.status_at, status_by = s.status_by
FROM staged_unit AS s
WHERE s.unit_id = u.unit_id
  AND s.status IS NOT NULL
  AND (u.status_at IS NULL OR (u.status_at, u.status_by) < (s.status_at, s.status_by))
