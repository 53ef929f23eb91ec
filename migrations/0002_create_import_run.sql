-- What imports did, what they could not read, and what is wrong with what they published.
CREATE TABLE urbis.import_run (
    import_run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer text NOT NULL,
    source text NOT NULL,
    actor text NOT NULL,
    status text NOT NULL DEFAULT 'running'
        CHECK (status IN ('running', 'published', 'dry_run', 'failed')),
    error_code text,
    backend_pid integer NOT NULL DEFAULT pg_backend_pid(),
    report jsonb,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
CREATE INDEX import_run_running ON urbis.import_run (layer) WHERE status = 'running';

-- Rejected records with their bytes, kept also for runs that failed.
CREATE TABLE urbis.import_reject (
    import_run_id bigint NOT NULL REFERENCES urbis.import_run ON DELETE CASCADE,
    source_row bigint NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    raw bytea NOT NULL
);
CREATE INDEX import_reject_run ON urbis.import_reject (import_run_id);

-- Faults of published features: those of the last import of each source.
CREATE TABLE urbis.feature_fault (
    feature_id bigint NOT NULL,
    layer text NOT NULL,
    source text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    import_run_id bigint NOT NULL REFERENCES urbis.import_run
);
CREATE INDEX feature_fault_source ON urbis.feature_fault (layer, source);
CREATE INDEX feature_fault_feature ON urbis.feature_fault (feature_id);

-- Geometries as the source gave them, where they were repaired before they were published.
CREATE TABLE urbis.repaired_geometry (
    feature_id bigint PRIMARY KEY,
    layer text NOT NULL,
    geom geometry NOT NULL,
    import_run_id bigint NOT NULL REFERENCES urbis.import_run
);
