-- Drops the day $1, and what is left of days before it.
SELECT live.drop_days(to_date($1, 'YYYYMMDD') + 1)
