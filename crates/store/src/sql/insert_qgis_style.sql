-- QGIS compares the catalogue's name with the database of its connection.
INSERT INTO public.layer_styles
    (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, styleqml,
     useasdefault, description)
SELECT current_database(), $1, $2, 'geom', $3, xmlparse(DOCUMENT $4), true, $5
