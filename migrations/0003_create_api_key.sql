-- Who may see more than everybody, and who may write. Of a secret only its hash is stored: who
-- reads this table, or a backup of it, cannot use a key.
CREATE TABLE urbis.api_key (
    api_key_id text PRIMARY KEY CHECK (api_key_id ~ '^[a-km-np-z2-9]{10}$'),
    -- SHA-256 of the secret, which is random: it needs neither salt nor a slow hash.
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    level text NOT NULL CHECK (level IN ('open', 'internal', 'restricted')),
    -- A layer that a scope names need not exist: layers come and go.
    scopes text[] NOT NULL,
    -- A line of a list on a terminal: no control characters, none that turn the direction of text.
    label text NOT NULL DEFAULT '' CHECK (
        length(label) <= 100
        AND label !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL,
    revoked_at timestamptz
);

-- No policy: only the owner, who made the table, sees and changes rows, whatever other roles may
-- read and write (pg_write_all_data). Who can insert a row can make himself a key.
ALTER TABLE urbis.api_key ENABLE ROW LEVEL SECURITY;

-- Nodes learn of keys as they learn of features, so that a revoked key stops at the next poll.
-- No layer can have this name: a program that does not know it passes the row by.
CREATE FUNCTION urbis.log_api_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO urbis.change_log (layer)
    SELECT '@api_key' WHERE NOT EXISTS (
        SELECT FROM urbis.change_log c
        WHERE c.xid = pg_current_xact_id() AND c.layer = '@api_key');
    RETURN NULL;
END
$$;

CREATE TRIGGER urbis_changed AFTER INSERT OR UPDATE OR DELETE ON urbis.api_key
FOR EACH ROW EXECUTE FUNCTION urbis.log_api_key();
CREATE TRIGGER urbis_truncated BEFORE TRUNCATE ON urbis.api_key
FOR EACH STATEMENT EXECUTE FUNCTION urbis.log_api_key();

-- ALWAYS: a session that replays (session_replication_role) is logged like any other.
ALTER TABLE urbis.api_key ENABLE ALWAYS TRIGGER urbis_changed;
ALTER TABLE urbis.api_key ENABLE ALWAYS TRIGGER urbis_truncated;
