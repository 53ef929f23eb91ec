DELETE FROM public.layer_styles
WHERE stylename = 'Urbis' AND f_table_schema IN ('qgis', 'qgis_internal', 'qgis_restricted');
DELETE FROM public.qgis_projects WHERE metadata ->> 'urbis_schema' IS NOT NULL;
