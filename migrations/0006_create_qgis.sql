-- What QGIS and other clients that speak SQL see: one schema a class of openness, with a view a
-- layer, made from the catalogue. Who connects for a class reads its schema and nothing else.
CREATE SCHEMA qgis;
CREATE SCHEMA qgis_internal;
CREATE SCHEMA qgis_restricted;

-- QGIS looks for both tables by these names and columns; for layer_styles in public alone. A
-- database may have them from QGIS itself.
CREATE TABLE IF NOT EXISTS public.layer_styles (
    id serial PRIMARY KEY,
    f_table_catalog varchar,
    f_table_schema varchar,
    f_table_name varchar,
    f_geometry_column varchar,
    stylename text,
    styleqml xml,
    stylesld xml,
    useasdefault boolean,
    description text,
    owner varchar(63) DEFAULT current_user,
    ui xml,
    update_time timestamp DEFAULT current_timestamp,
    type varchar
);
CREATE TABLE IF NOT EXISTS public.qgis_projects (
    name text PRIMARY KEY,
    metadata jsonb,
    content bytea
);

-- A style tells of codes and attributes: it is shown to who may read what it draws.
ALTER TABLE public.layer_styles ENABLE ROW LEVEL SECURITY;
CREATE POLICY urbis_read ON public.layer_styles FOR SELECT USING (EXISTS (
    SELECT FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = f_table_schema AND c.relname = f_table_name
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')));
-- Who has the right to write the table writes what is their own.
CREATE POLICY urbis_write ON public.layer_styles
    USING (owner = current_user) WITH CHECK (owner = current_user);

-- A project of ours names its schema; of others' projects nothing is known.
ALTER TABLE public.qgis_projects ENABLE ROW LEVEL SECURITY;
CREATE POLICY urbis_read ON public.qgis_projects FOR SELECT USING (
    metadata ->> 'urbis_schema' IS NULL OR EXISTS (
        SELECT FROM pg_namespace AS n
        WHERE n.nspname = metadata ->> 'urbis_schema' AND has_schema_privilege(n.oid, 'USAGE')));
CREATE POLICY urbis_write ON public.qgis_projects
    USING (metadata ->> 'urbis_schema' IS NULL) WITH CHECK (metadata ->> 'urbis_schema' IS NULL);
