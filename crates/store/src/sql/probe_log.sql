-- One statement, one snapshot: the position that it gives and the rows that it finds agree.
SELECT pg_current_snapshot()::text,
       ARRAY(
           SELECT layer FROM urbis.change_log WHERE xid >= $1::text::xid8
           UNION
           SELECT layer FROM urbis.change_log WHERE xid = ANY ($2::text[]::xid8[])
       )
