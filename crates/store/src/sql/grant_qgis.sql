-- A group a class, named after the database: roles belong to the whole server. Without the right to
-- make roles there is nobody to grant to, and the views are the owner's alone.
DO $urbis$
DECLARE
    level text;
    role_name text;
    schema_name text;
    crossing regprocedure :=
        '{postgis_schema}.geometry_overlaps({postgis_schema}.geometry, {postgis_schema}.geometry)';
    teller regprocedure;
BEGIN
    FOREACH level IN ARRAY ARRAY['open', 'internal', 'restricted'] LOOP
        role_name := current_database() || '_' || level;
        schema_name := CASE level WHEN 'open' THEN 'qgis' ELSE 'qgis_' || level END;
        IF octet_length(role_name) > 63 THEN
            RAISE WARNING 'no role for QGIS: the name of the database is too long';
            CONTINUE;
        END IF;
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION WHEN insufficient_privilege THEN
                RAISE WARNING 'no role for QGIS: % may not make roles', current_user;
                CONTINUE;
            END;
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, role_name);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', schema_name, role_name);
        EXECUTE format('GRANT SELECT ON public.layer_styles, public.qgis_projects TO %I', role_name);
    END LOOP;
    -- Only a superuser may change what belongs to PostGIS.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RETURN;
    END IF;
    -- The views with hidden rows are barriers, and the box of a map goes through a barrier to the
    -- index only where the server trusts its operator not to tell of rows.
    IF EXISTS (SELECT FROM pg_proc WHERE oid = crossing AND NOT proleakproof) THEN
        EXECUTE format('ALTER FUNCTION %s LEAKPROOF', crossing);
    END IF;
    -- These tell everybody where the features of any table lie, whatever their rights on it.
    FOR teller IN
        SELECT p.oid::regprocedure
        FROM pg_proc AS p
        JOIN pg_depend AS d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
        JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'postgis'
        WHERE p.proname IN ('st_estimatedextent', '_postgis_stats', '_postgis_selectivity',
                            '_postgis_join_selectivity', '_postgis_index_extent')
          AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', teller);
    END LOOP;
END
$urbis$
