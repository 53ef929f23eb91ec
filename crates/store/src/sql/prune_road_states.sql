-- States that ended; those without an end stay, however old.
DELETE FROM live.road_state
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM live.road_state
    WHERE CASE WHEN is_cleared THEN observed_at ELSE expires_at END
          < now() - make_interval(secs => $1)
    LIMIT $2))
