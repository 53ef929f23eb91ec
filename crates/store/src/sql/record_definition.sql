INSERT INTO urbis.layer_definition (layer, definition, generated_hash)
VALUES ($1, $2, $3)
ON CONFLICT (layer) DO UPDATE
SET definition = EXCLUDED.definition,
    generated_hash = EXCLUDED.generated_hash,
    changed_at = now()
