INSERT INTO live.unit AS u (unit_id, title, agency, profile, capabilities, openness, is_simulated,
                            described_at, described_by)
SELECT unit_id, title, agency, profile, string_to_array(capabilities, ' '), openness, is_simulated,
       described_at, described_by
FROM staged_unit
WHERE described_at IS NOT NULL
ORDER BY unit_id
ON CONFLICT (unit_id) DO UPDATE
SET title = excluded.title, agency = excluded.agency, profile = excluded.profile,
    capabilities = excluded.capabilities, openness = excluded.openness,
    is_simulated = excluded.is_simulated,
    described_at = excluded.described_at, described_by = excluded.described_by
WHERE (u.described_at, u.described_by) < (excluded.described_at, excluded.described_by)
