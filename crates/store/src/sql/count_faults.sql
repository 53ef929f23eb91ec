SELECT layer, code, count(*) FROM urbis.feature_fault GROUP BY layer, code
