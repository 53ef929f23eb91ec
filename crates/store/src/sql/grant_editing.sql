-- Where there is a role of this name, its members (QGIS is one) edit every layer and read its
-- history, and nothing of keys, the change log or identities: triggers write those for them.
DO $urbis$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'urbis_editor') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA layer, history TO urbis_editor;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA layer TO urbis_editor;
    GRANT SELECT ON ALL TABLES IN SCHEMA history TO urbis_editor;
    -- New features draw their ids.
    GRANT USAGE ON SEQUENCE urbis.feature_id TO urbis_editor;
END
$urbis$
