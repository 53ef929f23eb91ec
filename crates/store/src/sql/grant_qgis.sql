-- A group a class, named after the database: roles belong to the whole server. Without the right to
-- make roles there is nobody to grant to, and the views are the owner's alone.
DO $urbis$
DECLARE
    level text;
    role_name text;
    schema_name text;
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
    -- The views with hidden rows are barriers, and the box of a map goes through a barrier to the
    -- index only where the server trusts its operator not to tell of rows. Only a superuser may say so.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper)
       AND EXISTS (SELECT FROM pg_proc
                   WHERE oid = '{postgis_schema}.geometry_overlaps({postgis_schema}.geometry, {postgis_schema}.geometry)'::regprocedure
                     AND NOT proleakproof) THEN
        ALTER FUNCTION {postgis_schema}.geometry_overlaps({postgis_schema}.geometry, {postgis_schema}.geometry) LEAKPROOF;
    END IF;
END
$urbis$
