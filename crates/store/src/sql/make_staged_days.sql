SELECT live.make_day(day)
FROM (SELECT day FROM staged_position UNION SELECT day FROM staged_unit_status) AS staged
