CREATE OR REPLACE FUNCTION {trigger_function}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A plan made for one changed row must not be kept for a hundred thousand.
SET enable_nestloop = off
SET search_path = pg_catalog, {postgis_schema}, pg_temp
AS $urbis$
DECLARE
    change_actor text := coalesce(nullif(current_setting('urbis.actor', true), ''), session_user);
    change_client text := coalesce(
        nullif(current_setting('urbis.client', true), ''),
        nullif(current_setting('application_name', true), ''),
        'unknown');
    is_bulk boolean := coalesce(current_setting('urbis.bulk_load', true), '') = 'on';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM new_rows) THEN
            RETURN NULL;
        END IF;
        IF NOT is_bulk THEN
            INSERT INTO urbis.change_log (layer, feature_id, new_bbox, new_recorded_from)
            SELECT {name}, n.feature_id, box2d(n.geom), n.recorded_from FROM new_rows n;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT FROM new_rows) THEN
            RETURN NULL;
        END IF;
        INSERT INTO {history} (feature_id, {columns}, recorded_from, edited_at,
                               recorded_to, recorded_operation, actor, client)
        SELECT o.feature_id, {old_columns}, o.recorded_from, o.edited_at,
               n.recorded_from, 'update', change_actor, change_client
        FROM old_rows o JOIN new_rows n ON n.feature_id = o.feature_id
        WHERE n.recorded_from <> o.recorded_from;
        IF NOT is_bulk THEN
            INSERT INTO urbis.change_log (layer, feature_id, old_bbox, new_bbox,
                                          old_recorded_from, new_recorded_from)
            SELECT {name}, n.feature_id, box2d(o.geom), box2d(n.geom),
                   o.recorded_from, n.recorded_from
            FROM old_rows o JOIN new_rows n ON n.feature_id = o.feature_id;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM old_rows) THEN
            RETURN NULL;
        END IF;
        INSERT INTO {history} (feature_id, {columns}, recorded_from, edited_at,
                               recorded_to, recorded_operation, actor, client)
        SELECT o.feature_id, {old_columns}, o.recorded_from, o.edited_at,
               CASE WHEN now() > o.recorded_from THEN now() ELSE clock_timestamp() END,
               'delete', change_actor, change_client
        FROM old_rows o;
        IF NOT is_bulk THEN
            INSERT INTO urbis.change_log (layer, feature_id, old_bbox, old_recorded_from)
            SELECT {name}, o.feature_id, box2d(o.geom), o.recorded_from FROM old_rows o;
        END IF;
    ELSE
        INSERT INTO {history} (feature_id, {columns}, recorded_from, edited_at,
                               recorded_to, recorded_operation, actor, client)
        SELECT o.feature_id, {old_columns}, o.recorded_from, o.edited_at,
               CASE WHEN now() > o.recorded_from THEN now() ELSE clock_timestamp() END,
               'truncate', change_actor, change_client
        FROM {table} o;
    END IF;
    -- A load in many statements is one row a transaction.
    IF is_bulk OR TG_OP = 'TRUNCATE' THEN
        INSERT INTO urbis.change_log (layer)
        SELECT {name} WHERE NOT EXISTS (
            SELECT FROM urbis.change_log c
            WHERE c.xid = pg_current_xact_id() AND c.layer = {name} AND c.feature_id IS NULL);
    END IF;
    RETURN NULL;
END
$urbis$;

CREATE OR REPLACE TRIGGER urbis_stamp BEFORE INSERT OR UPDATE ON {table}
FOR EACH ROW EXECUTE FUNCTION urbis.stamp_feature();
CREATE OR REPLACE TRIGGER urbis_inserted AFTER INSERT ON {table}
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION {trigger_function}();
CREATE OR REPLACE TRIGGER urbis_updated AFTER UPDATE ON {table}
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION {trigger_function}();
CREATE OR REPLACE TRIGGER urbis_deleted AFTER DELETE ON {table}
REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION {trigger_function}();
CREATE OR REPLACE TRIGGER urbis_truncated BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {trigger_function}();

-- ALWAYS: a session that replays (session_replication_role) is logged like any other.
ALTER TABLE {table} ENABLE ALWAYS TRIGGER urbis_stamp;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER urbis_inserted;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER urbis_updated;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER urbis_deleted;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER urbis_truncated;
