-- The file name of the next WAL byte starts with the timeline; the control file learns of a
-- promotion only at the next checkpoint.
-- A server that starts again may give out transaction ids again that it gave out before a crash,
-- and may have lost asynchronous commits: its start is part of its identity. After the crash of a
-- backend the postmaster lives on, but its checkpointer is new (where we may see it).
SELECT system_identifier::text,
       CASE WHEN NOT pg_is_in_recovery()
            THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
       (extract(epoch FROM greatest(
           pg_postmaster_start_time(),
           (SELECT max(backend_start) FROM pg_stat_activity WHERE backend_type = 'checkpointer')
       )) * 1000000)::bigint
FROM pg_control_system()
