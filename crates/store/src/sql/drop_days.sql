-- A day is dropped when its last moment is older than $1 seconds.
SELECT live.drop_days((now() AT TIME ZONE 'UTC' - make_interval(secs => $1))::date)
