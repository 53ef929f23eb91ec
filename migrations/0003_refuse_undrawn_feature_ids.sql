-- An id that the sequence has yet to draw would meet the id that an import draws later.
-- SECURITY DEFINER: who edits a layer need not have rights on anything else.
CREATE OR REPLACE FUNCTION urbis.stamp_feature() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT'
       AND NEW.feature_id > coalesce(pg_sequence_last_value('urbis.feature_id'::regclass), 0) THEN
        RAISE EXCEPTION 'feature_id % of layer % was never drawn', NEW.feature_id, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation',
                  HINT = 'Leave feature_id out, or take nextval(''urbis.feature_id''); '
                         'a restore sets the sequence urbis.feature_id first.';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.feature_id <> OLD.feature_id THEN
            RAISE EXCEPTION 'feature_id % of layer % cannot change', OLD.feature_id, TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation',
                      HINT = 'Delete the feature and insert another.';
        END IF;
        NEW.recorded_from := OLD.recorded_from;
        NEW.edited_at := OLD.edited_at;
        IF NEW *= OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    NEW.recorded_from := now();
    IF TG_OP = 'UPDATE' AND NEW.recorded_from <= OLD.recorded_from THEN
        -- Versions of one feature follow each other even where transactions overlap.
        NEW.recorded_from := clock_timestamp();
    END IF;
    NEW.edited_at := CASE WHEN current_setting('urbis.client', true) = 'import'
                          THEN NULL ELSE now() END;
    RETURN NEW;
END
$$;
