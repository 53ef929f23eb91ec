-- $1 EWKB, $2 SRID.
SELECT ST_AsEWKB(
    CASE WHEN ST_IsValid(geom) THEN geom ELSE ST_CollectionExtract(ST_MakeValid(geom)) END, 'NDR')
FROM (SELECT ST_Transform(ST_GeomFromEWKB($1), $2::integer) AS geom) AS transformed
