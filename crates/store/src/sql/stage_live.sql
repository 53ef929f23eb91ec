-- Where a batch is copied to before it meets what is there; kept by the session, emptied with each
-- transaction.
CREATE TEMPORARY TABLE staged_position (
    day date, report_id uuid, unit_id text, observed_at timestamptz, received_at timestamptz,
    verdict text, geom geometry(Point, 4326),
    accuracy_m double precision, heading_deg double precision, speed_kmh double precision
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE staged_unit_status (
    day date, report_id uuid, unit_id text, observed_at timestamptz, received_at timestamptz,
    verdict text, status text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE staged_unit (
    unit_id text,
    title text, agency text, profile text, capabilities text, openness text, is_simulated boolean,
    described_at timestamptz, described_by uuid,
    status text, status_run_from timestamptz, status_run_is_open boolean,
    status_at timestamptz, status_by uuid,
    geom geometry(Point, 4326),
    accuracy_m double precision, heading_deg double precision, speed_kmh double precision,
    position_at timestamptz, position_by uuid, position_received_at timestamptz
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE staged_road_state (
    road_state_id text, observed_at timestamptz, received_at timestamptz, expires_at timestamptz,
    is_cleared boolean, report json
) ON COMMIT DELETE ROWS;
