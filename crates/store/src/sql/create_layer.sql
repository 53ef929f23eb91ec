CREATE TABLE {table} (
    feature_id bigint PRIMARY KEY DEFAULT nextval('urbis.feature_id')
        CHECK (feature_id BETWEEN 1 AND 9007199254740991),
    geom {geometry_type},
{definitions}    valid_from timestamptz,
    valid_to timestamptz,
    recorded_from timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz
);
-- Its geometry has no type: a history outlives changes of kind and CRS.
CREATE TABLE {history} (
    feature_id bigint NOT NULL,
    geom geometry,
{definitions}    valid_from timestamptz,
    valid_to timestamptz,
    recorded_from timestamptz NOT NULL,
    edited_at timestamptz,
    recorded_to timestamptz NOT NULL,
    recorded_operation text NOT NULL CHECK (recorded_operation IN ('update', 'delete', 'truncate')),
    actor text NOT NULL,
    client text NOT NULL
);
CREATE INDEX {history_index} ON {history} (feature_id, recorded_to);
