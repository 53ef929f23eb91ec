-- The file name of the next WAL byte starts with the timeline; the control file learns of a
-- promotion only at the next checkpoint.
SELECT system_identifier::text,
       CASE WHEN NOT pg_is_in_recovery()
            THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END
FROM pg_control_system()
