INSERT INTO public.qgis_projects (name, metadata, content)
VALUES ($1,
        jsonb_build_object('urbis_schema', $2::text, 'last_modified_user', current_user,
                           'last_modified_time', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS')),
        $3)
