-- $1 id, or NULL for all keys.
SELECT api_key_id, secret_hash, level, scopes, label, created_at, revoked_at
FROM urbis.api_key
WHERE $1::text IS NULL OR api_key_id = $1
ORDER BY created_at, api_key_id
