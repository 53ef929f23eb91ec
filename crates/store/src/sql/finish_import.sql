UPDATE urbis.import_run
SET status = $2, error_code = $3, report = $4, finished_at = clock_timestamp()
WHERE import_run_id = $1
