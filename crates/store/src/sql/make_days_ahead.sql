-- Today and the two days after it, in the calendar of the partitions.
SELECT live.make_day((now() AT TIME ZONE 'UTC')::date + ahead) FROM generate_series(0, 2) AS ahead
