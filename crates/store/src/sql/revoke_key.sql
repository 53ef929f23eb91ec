-- $1 id. Says whether there is such a key; one that was revoked before keeps the time of that.
WITH revoked AS (
    UPDATE urbis.api_key SET revoked_at = clock_timestamp()
    WHERE api_key_id = $1 AND revoked_at IS NULL
)
SELECT EXISTS (SELECT FROM urbis.api_key WHERE api_key_id = $1)
