-- A record whose key cannot be read may be that of any feature whose record seems to be missing.
WITH withheld AS (
    DELETE FROM import_plan WHERE change = 'close' RETURNING action
)
SELECT count(*) FILTER (WHERE action = 'close') FROM withheld
