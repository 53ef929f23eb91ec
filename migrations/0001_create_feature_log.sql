-- The tables that every layer shares. Layer tables themselves are made from the catalogue.
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE SCHEMA IF NOT EXISTS urbis;
CREATE SCHEMA layer;
CREATE SCHEMA history;
-- One trigger function a layer; apart, so that a layer may have any name.
CREATE SCHEMA layer_trigger;

-- Ids stay below 2^53 because JSON readers keep whole numbers in a double.
CREATE SEQUENCE urbis.feature_id AS bigint MAXVALUE 9007199254740991;

-- Which record of which source a feature came from: ids survive re-imports, closing and TRUNCATE.
CREATE TABLE urbis.feature_identity (
    feature_id bigint PRIMARY KEY DEFAULT nextval('urbis.feature_id'),
    layer text NOT NULL,
    source text NOT NULL,
    source_key text NOT NULL,
    -- Hash of the source record at the last import; empty where the record no longer came and
    -- the edited feature was kept.
    source_hash bytea NOT NULL,
    UNIQUE (layer, source, source_key)
);

-- Every write to every layer, whoever writes. feature_id NULL is the whole layer.
-- xid is the top-level transaction: with the row's own visibility it orders nothing and skips
-- nothing, which a sequence number cannot promise.
CREATE TABLE urbis.change_log (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    layer text NOT NULL,
    feature_id bigint,
    -- In the layer's storage CRS.
    old_bbox box2d,
    new_bbox box2d,
    logged_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX change_log_xid ON urbis.change_log (xid);

-- What each layer's table was made from, and every step that made it.
CREATE TABLE urbis.layer_definition (
    layer text PRIMARY KEY,
    definition jsonb NOT NULL,
    -- Hash of the generated trigger and comment text: unchanged means nothing to do.
    generated_hash text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE urbis.layer_step (
    layer_step_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer text NOT NULL,
    step text NOT NULL,
    statement text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
);

-- Sets what only the database may say about a version of a feature.
-- An id that the sequence has yet to draw would meet the id that an import draws later.
-- SECURITY DEFINER: who edits a layer need not have rights on anything else.
CREATE FUNCTION urbis.stamp_feature() RETURNS trigger
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

-- A geometry that PROJ cannot transform must not stop the tail of the whole city.
-- Not parallel safe: an exception handler starts a subtransaction.
CREATE FUNCTION urbis.to_wgs84(geom geometry) RETURNS geometry
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE AS $$
BEGIN
    RETURN ST_Transform(geom, 4326);
EXCEPTION WHEN internal_error OR data_exception OR invalid_parameter_value THEN
    RETURN NULL;
END
$$;
