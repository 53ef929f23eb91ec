CREATE TEMP TABLE import_staged (
    "@key" text NOT NULL,
    "@row" bigint NOT NULL,
    "@hash" bytea NOT NULL,
    "@original" geometry,
    geom {geometry_type},
{definitions}    valid_from timestamptz,
    valid_to timestamptz
);
CREATE TEMP TABLE import_staged_fault (
    source_key text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL
);
-- Records that the source has and that were not read: clipped out, or rejected.
CREATE TEMP TABLE import_unread (
    source_key text NOT NULL
);
CREATE TEMP TABLE import_plan (
    feature_id bigint,
    source_key text NOT NULL,
    source_row bigint,
    source_hash bytea,
    -- What the source alone would do, whether an edit stands against it, and what is done.
    change text NOT NULL,
    is_conflict boolean NOT NULL,
    -- Somebody edited or deleted the feature here, and it is not as its record says.
    is_edit boolean NOT NULL,
    action text NOT NULL,
    is_new boolean NOT NULL DEFAULT false
);
