-- $1 id, $2 hash, $3 level, $4 scopes, $5 label, $6 who.
INSERT INTO urbis.api_key (api_key_id, secret_hash, level, scopes, label, created_by)
VALUES ($1, $2, $3, $4, $5, $6)
-- Ids are drawn: one that is taken is found out when the key is read back.
ON CONFLICT (api_key_id) DO NOTHING
