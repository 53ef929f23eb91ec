SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b)
FROM (SELECT ST_Transform(ST_MakeEnvelope($1, $2, $3, $4, 4326), $5)::box3d AS b) AS projected
