-- $1 id, $2 hash, $3 level, $4 scopes, $5 label, $6 who.
INSERT INTO urbis.api_key AS held (api_key_id, secret_hash, level, scopes, label, created_by)
VALUES ($1, $2, $3, $4, $5, $6)
-- Nodes that start together bring the same operator's key. Another key of this id, and one that
-- was revoked, stay as they are; so does one that is right, which no node need read again.
ON CONFLICT (api_key_id) DO UPDATE SET level = excluded.level, scopes = excluded.scopes
WHERE held.secret_hash = excluded.secret_hash
  AND held.revoked_at IS NULL
  AND (held.level, held.scopes) IS DISTINCT FROM (excluded.level, excluded.scopes)
