-- One snapshot: what the database is now, and the last transaction whose rows may be gone.
SELECT pg_current_snapshot()::text, (SELECT xid::text FROM urbis.log_floor)
