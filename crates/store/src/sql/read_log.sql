SELECT DISTINCT layer, feature_id
FROM (
    SELECT layer, feature_id FROM urbis.change_log WHERE xid >= $1::text::xid8
    UNION ALL
    SELECT layer, feature_id FROM urbis.change_log WHERE xid = ANY ($2::text[]::xid8[])
) AS missed
