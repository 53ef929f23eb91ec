-- $1 seconds, $2 most runs at once. Stays: what runs, the last run of each source, and what faults
-- and repairs tell of.
DELETE FROM urbis.import_run WHERE import_run_id = ANY (ARRAY(
    SELECT r.import_run_id FROM urbis.import_run AS r
    WHERE r.finished_at < now() - make_interval(secs => $1)
      AND r.status <> 'running'
      AND EXISTS (SELECT FROM urbis.import_run AS later
                  WHERE (later.layer, later.source) = (r.layer, r.source)
                    AND later.import_run_id > r.import_run_id)
      AND r.import_run_id NOT IN (SELECT import_run_id FROM urbis.feature_fault)
      AND r.import_run_id NOT IN (SELECT import_run_id FROM urbis.repaired_geometry)
    LIMIT $2
))
