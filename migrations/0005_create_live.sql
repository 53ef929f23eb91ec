-- Live state: units, where they were and what they did, states of roads. Written in batches by the
-- nodes, which took the reports before: these tables are no layers and their changes are not logged.
CREATE SCHEMA live;

-- The last state of each unit. Each part (what it is, what it does, where it is) has its own moment
-- and the report that said so: a report that comes late or twice changes nothing.
CREATE TABLE live.unit (
    unit_id text PRIMARY KEY,
    title text NOT NULL,
    agency text NOT NULL,
    -- The id of a vehicle profile: profiles come and go.
    profile text NOT NULL,
    capabilities text[] NOT NULL,
    openness text NOT NULL CHECK (openness IN ('open', 'internal', 'restricted')),
    is_simulated boolean NOT NULL,
    described_at timestamptz NOT NULL,
    described_by uuid NOT NULL,
    status text,
    status_since timestamptz,
    status_at timestamptz,
    status_by uuid,
    geom geometry(Point, 4326),
    accuracy_m double precision,
    heading_deg double precision,
    speed_kmh double precision,
    position_at timestamptz,
    position_by uuid,
    position_received_at timestamptz
-- Written with every batch, mostly in place.
) WITH (fillfactor = 50);

-- Every position that was taken, also those that came late (out_of_order) or were held because no
-- unit is so fast (jump_held). By day of observation and not of arrival: a report that is sent again
-- after midnight meets its first row.
CREATE TABLE live.position (
    day date NOT NULL CHECK (day = (observed_at AT TIME ZONE 'UTC')::date),
    report_id uuid NOT NULL,
    unit_id text NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    verdict text NOT NULL,
    geom geometry(Point, 4326) NOT NULL,
    accuracy_m double precision,
    heading_deg double precision,
    speed_kmh double precision,
    PRIMARY KEY (day, report_id)
) PARTITION BY RANGE (day);
CREATE INDEX position_unit ON live.position (unit_id, observed_at);

CREATE TABLE live.unit_status (
    day date NOT NULL CHECK (day = (observed_at AT TIME ZONE 'UTC')::date),
    report_id uuid NOT NULL,
    unit_id text NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    verdict text NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (day, report_id)
) PARTITION BY RANGE (day);
CREATE INDEX unit_status_unit ON live.unit_status (unit_id, observed_at);

-- The last report of each state of a road, also where it ended the state: an older one that comes
-- later must not bring it back.
CREATE TABLE live.road_state (
    road_state_id text PRIMARY KEY,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    expires_at timestamptz,
    is_cleared boolean NOT NULL,
    -- As it came: json, not jsonb, keeps the text.
    report json NOT NULL
);

-- Makes the partitions of a day where they are not there. Made apart and attached, so that nobody
-- who reads the history is waited for.
CREATE FUNCTION live.make_day(wanted date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent text;
    child text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['position', 'unit_status'] LOOP
        child := parent || '_' || to_char(wanted, 'YYYYMMDD');
        CONTINUE WHEN to_regclass('live.' || child) IS NOT NULL;
        -- Of several nodes one makes it; the number is that of all locks of Urbis.
        PERFORM pg_advisory_xact_lock(1970430569, 3);
        -- By a query: what another node made meanwhile is not in this session's catalogue cache.
        CONTINUE WHEN EXISTS (SELECT FROM pg_class
                              WHERE relname = child AND relnamespace = 'live'::regnamespace);
        EXECUTE format('CREATE TABLE live.%I (LIKE live.%I INCLUDING CONSTRAINTS)', child, parent);
        EXECUTE format('ALTER TABLE live.%I ATTACH PARTITION live.%I FOR VALUES FROM (%L) TO (%L)',
                       parent, child, wanted, wanted + 1);
    END LOOP;
END
$$;

-- Drops the partitions of the days before a day; gives how many days those are.
CREATE FUNCTION live.drop_days(first_kept date) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    child record;
    days date[] := '{}';
BEGIN
    FOR child IN
        SELECT c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
        FROM pg_inherits AS i
        JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent IN ('live.position'::regclass, 'live.unit_status'::regclass)
          AND c.relname ~ '_[0-9]{8}$'
    LOOP
        CONTINUE WHEN child.day >= first_kept;
        EXECUTE format('DROP TABLE live.%I', child.relname);
        days := days || child.day;
    END LOOP;
    RETURN (SELECT count(DISTINCT day) FROM unnest(days) AS day);
END
$$;
