-- $1 seconds, $2 most rows at once. The last version of a feature that is gone stays: the next
-- import asks it whether a person or an import deleted the feature. So does what the change log
-- names: whether somebody may see a change is asked of the version before it.
DELETE FROM {history} WHERE ctid = ANY (ARRAY(
    SELECT h.ctid FROM {history} AS h
    WHERE h.recorded_to < now() - make_interval(secs => $1)
      AND (EXISTS (SELECT FROM {table} AS t WHERE t.feature_id = h.feature_id)
           OR EXISTS (SELECT FROM {history} AS later
                      WHERE later.feature_id = h.feature_id AND later.recorded_to > h.recorded_to))
      AND NOT EXISTS (SELECT FROM urbis.change_log AS c
                      WHERE c.layer = {name} AND c.feature_id = h.feature_id
                        AND c.old_recorded_from = h.recorded_from)
    LIMIT $2
))
