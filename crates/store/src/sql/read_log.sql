-- What some transactions, all of them visible, changed.
SELECT DISTINCT layer, feature_id FROM urbis.change_log WHERE xid = ANY ($1::text[]::xid8[])
